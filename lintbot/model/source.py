"""Pure: what pages show beside findings: lines of source, and what a tool says of its rules."""

from __future__ import annotations

from dataclasses import dataclass

Excerpts = dict[str, dict[int, str]]
"""Lines around findings: path to line number (1-based) to untrusted text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What one version of a tool says about one of its rules.

    Attributes:
        name: the readable name, such as ``unused-import``.
        summary: one line of plain text; may be empty.
        text: the whole; Markdown if ``markdown``, else plain text.
    """

    tool: str
    version: str
    code: str
    name: str
    summary: str
    text: str
    markdown: bool
