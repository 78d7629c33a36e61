"""Pure: what is certain of a lint run before it ends."""

from __future__ import annotations

from dataclasses import dataclass

from lintbot.model.findings import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyFindings:
    """What the tools that have ended said; the verdict takes none of it back.

    Attributes:
        findings: the new ones; where nothing is known to compare with, those in changed files.
        compared: they are the new ones.
        running: tools whose word is still missing.
    """

    findings: tuple[Finding, ...]
    compared: bool
    running: tuple[str, ...]
