"""Pure: a patch as the check run shows it."""

from __future__ import annotations

from dataclasses import dataclass

from lintbot.model.patch import Patch
from lintbot.report.markdown import fenced, link
from lintbot.report.words import count

PROOF = "Linted again with it, these findings are gone and no new one comes."
FIRST_LINES = 40
"""Of the patch, unless somebody asks for all of it."""
MAX_WHOLE_BYTES = 40_000
"""Of a whole patch; the rest of GitHub's 65,535 bytes is for the findings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A patch and how to offer it.

    Attributes:
        patch: of the check run's commit.
        whole: show all of it, as far as there is room, not only its beginning.
        private: its address answers only a browser that is signed in, so no command asks it.
    """

    patch: Patch
    whole: bool = False
    private: bool = False


def patch_lines(offer: Offer, patch_url: str) -> list[str]:
    """Return the lines of Markdown that offer a patch.

    Args:
        offer: what to offer.
        patch_url: where it can be had, already percent-encoded.
    """
    patch = offer.patch
    claimed = count(len(patch.claims), "finding")
    shown, cut = _first_lines(patch.text, whole=offer.whole)
    lines = [
        f"### A patch for {claimed}",
        "",
        f"It changes {count(patch.files, 'file')}. {PROOF}",
        "",
        *([link("Download", patch_url)] if offer.private else _command(patch_url)),
        "",
        *fenced(shown, "diff"),
    ]
    return [*lines, "", link("… the whole patch", patch_url)] if cut else lines


def _command(patch_url: str) -> list[str]:
    return fenced(f"curl -fsSL {patch_url} | git apply", "sh")


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
