"""Pure: what one linter remembers of one lint run, as bytes and back.

The bytes come from an earlier run over the same repository, in a sandbox like this one. What is
damaged is not believed: its file is linted again.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from typing import Any

FORMAT = 6
"""One more whenever the meaning of what is remembered changes."""

MAX_BYTES = 64 * 1024 * 1024
"""Of what is packed; more is not remembered."""
MAX_PACKED_BYTES = 15 * 1024 * 1024
"""A job that writes 16 MiB to one stream is killed."""

SETS = ("second_names", "twins")
"""What counts if any run of one tree knows of it."""

Facts = dict[str, Any]
FileFacts = dict[str, Any]


def encode(facts: Facts) -> bytes:
    """Pack facts, see ``pack``."""
    return pack(json.dumps(facts, separators=(",", ":")).encode("ascii"))


def pack(data: bytes) -> bytes:
    """Pack what is to be remembered; more than may be handed over or unpacked again is nothing."""
    packed = zlib.compress(data, 1) if len(data) < MAX_BYTES else b""
    return packed if len(packed) <= MAX_PACKED_BYTES else b""


def unpack(packed: bytes) -> bytes:
    """Return what was packed; empty: nothing was, or it is damaged."""
    unpacking = zlib.decompressobj()
    try:
        data = unpacking.decompress(packed, MAX_BYTES)
    except zlib.error:
        return b""
    return data if unpacking.eof else b""


def recall(memory: Iterable[bytes], environment: str) -> Facts | None:
    """Return the facts that were found in the same environment; None: there are none.

    The first one's layout holds; files are taken from all of one layout.
    """
    known = [facts for left in memory if (facts := decode(left)) is not None]
    fitting = [facts for facts in known if facts["environment"] == environment]
    for other in fitting[1:]:
        if _layout(other) == _layout(fitting[0]):
            fitting[0]["files"] = {**fitting[0]["files"], **other["files"]}
            for kind in SETS:
                fitting[0][kind] = sorted({*fitting[0].get(kind, ()), *other.get(kind, ())})
    return fitting[0] if fitting else None


def _layout(facts: Facts) -> tuple[Any, Any]:
    return facts.get("layout"), facts.get("roots")


def decode(memory: bytes) -> Facts | None:
    """Unpack facts; None: there are none, or they are damaged."""
    try:
        facts = json.loads(unpack(memory))
    except (ValueError, RecursionError):
        return None
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        return None
    whole = isinstance(facts.get("environment"), str) and isinstance(facts.get("files"), dict)
    return facts if whole and all(_are_words(facts.get(kind, [])) for kind in SETS) else None


def _are_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(it, str) for it in value)
