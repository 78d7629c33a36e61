"""Pure: a patch as the check run shows it."""

from __future__ import annotations

from lintbot.model.patch import Patch
from lintbot.report.markdown import fenced, link
from lintbot.report.words import count

PROOF = "Linted again with it, these findings are gone and no new one comes."
FIRST_LINES = 40
"""Of the patch, unless somebody asks for all of it."""
MAX_WHOLE_BYTES = 40_000
"""Of a whole patch; the rest of GitHub's 65,535 bytes is for the findings."""


def patch_lines(patch: Patch, patch_url: str, *, whole: bool) -> list[str]:
    """Return the lines of Markdown that offer a patch.

    Args:
        patch: of this commit.
        patch_url: where it can be had, already percent-encoded.
        whole: all of it, as far as there is room.
    """
    claimed = count(len(patch.claims), "finding")
    shown, cut = _first_lines(patch.text, whole=whole)
    lines = [
        f"### A patch for {claimed}",
        "",
        f"It changes {count(patch.files, 'file')}. {PROOF}",
        "",
        *fenced(f"curl -fsSL {patch_url} | git apply", "sh"),
        "",
        *fenced(shown, "diff"),
    ]
    return [*lines, "", link("… the whole patch", patch_url)] if cut else lines


def _first_lines(text: str, *, whole: bool) -> tuple[str, bool]:
    """Return the beginning of a patch, and whether something is missing."""
    lines = text.removesuffix("\n").split("\n")
    kept, room = [], MAX_WHOLE_BYTES if whole else MAX_WHOLE_BYTES // 4
    for line in lines if whole else lines[:FIRST_LINES]:
        room -= len(line.encode()) + 1
        if room < 0:
            break
        kept.append(line)
    return "\n".join(kept), len(kept) < len(lines)
