"""Pure: what is sent to GitHub's checks API, within its limits.

Limits: https://docs.github.com/en/rest/checks/runs
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lintbot.model.actions import Button
from lintbot.model.lint_run import Conclusion

CHECK_RUN_NAME = "lintbot"
"""One check run a commit, under this name."""

MAX_ANNOTATIONS_PER_REQUEST: Final = 50
"""https://docs.github.com/en/rest/checks/runs#update-a-check-run; each request appends."""

MAX_TITLE_CHARACTERS: Final = 255
"""Of an annotation and of the output: https://docs.github.com/en/rest/checks/runs"""

MAX_TEXT_BYTES: Final = 65_535
"""Of ``summary`` and of ``text``. The documentation says characters, but bytes are counted too:
https://github.com/github/docs/issues/35252"""

MAX_MESSAGE_BYTES: Final = 65_536
"""Of an annotation's message: https://docs.github.com/en/rest/checks/runs ("64 KB")"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """A finding as GitHub shows it. Columns only when it starts and ends on one line.

    Attributes:
        level: ``failure``, ``warning`` or ``notice``.
    """

    path: str
    start_line: int
    end_line: int
    start_column: int | None
    end_column: int | None
    level: str
    title: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Title (at most 255 characters), summary and text (at most 65,535 bytes each), Markdown.

    Attributes:
        buttons: at most 3, sent with the conclusion: GitHub shows none before.
    """

    title: str
    summary: str
    text: str = ""
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A completed check run: the conclusion goes out with the last batch of annotations.

    Attributes:
        annotations: most severe first, capped at a documented number.
    """

    conclusion: Conclusion
    output: Output
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedCheckRun:
    """A check run as GitHub has it now.

    Attributes:
        status: ``queued``, ``in_progress`` or ``completed``.
        annotations_count: how many annotations GitHub holds already; a PATCH appends.
        twins: others of the same lint run that are still open: an answer was lost, and GitHub's
            list did not show the first one yet when another was made.
    """

    id: int
    status: str
    annotations_count: int
    twins: tuple[int, ...] = ()
