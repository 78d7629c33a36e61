"""Pure: what is remembered of one commit's lint run, as bytes and back.

The bytes come from an earlier run over the same repository, in a sandbox like this one. What is
damaged is not believed: its file is linted again.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from typing import Any

FORMAT = 1
"""One more whenever the meaning of what is remembered changes."""

MAX_BYTES = 64 * 1024 * 1024
"""Of the text that a memory may unpack to."""

Facts = dict[str, Any]
FileFacts = dict[str, Any]


def encode(facts: Facts) -> bytes:
    """Pack facts."""
    text = json.dumps(facts, separators=(",", ":"))
    return zlib.compress(text.encode("ascii"), 1)


def decode(blob: bytes) -> Facts | None:
    """Unpack facts; None: there are none, or they are damaged."""
    if not blob:
        return None
    try:
        unpacking = zlib.decompressobj()
        text = unpacking.decompress(blob, MAX_BYTES)
        facts = json.loads(text) if unpacking.eof else None
    except (zlib.error, ValueError, RecursionError):
        return None
    fits = isinstance(facts, dict) and facts.get("format") == FORMAT
    return facts if fits and isinstance(facts.get("files"), dict) else None


def merge(blobs: Iterable[bytes], environment: str) -> Facts | None:
    """Return the facts that were found under the same environment, of several runs over one tree.

    The first one's layout holds; files are taken from all of them.
    """
    known = [facts for blob in blobs if (facts := decode(blob)) is not None]
    fitting = [facts for facts in known if facts.get("environment") == environment]
    if not fitting:
        return None
    first = fitting[0]
    for other in fitting[1:]:
        if (other.get("layout"), other.get("roots")) == (first.get("layout"), first.get("roots")):
            first["files"] = {**first["files"], **other["files"]}
    return first
