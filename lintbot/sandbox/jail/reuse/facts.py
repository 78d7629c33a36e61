"""Pure: what one linter remembers of one lint run, as bytes and back.

The bytes come from an earlier run over the same repository, in a sandbox like this one. What is
damaged is not believed: its file is linted again.
"""

from __future__ import annotations

import json
import zlib
from typing import Any

FORMAT = 1
"""One more whenever the meaning of what is remembered changes."""

MAX_BYTES = 64 * 1024 * 1024
"""Of the text that is packed; more is not remembered."""

Facts = dict[str, Any]
FileFacts = dict[str, Any]


def encode(facts: Facts) -> bytes:
    """Pack facts; more of them than may be unpacked again are nothing."""
    text = json.dumps(facts, separators=(",", ":")).encode("ascii")
    return zlib.compress(text, 1) if len(text) < MAX_BYTES else b""


def decode(memory: bytes) -> Facts | None:
    """Unpack facts; None: there are none, or they are damaged."""
    if not memory:
        return None
    try:
        unpacking = zlib.decompressobj()
        text = unpacking.decompress(memory, MAX_BYTES)
        facts = json.loads(text) if unpacking.eof else None
    except (zlib.error, ValueError, RecursionError):
        return None
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        return None
    whole = isinstance(facts.get("environment"), str) and isinstance(facts.get("files"), dict)
    return facts if whole else None
