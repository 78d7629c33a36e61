"""Pure: new findings as annotations on lines of the head commit."""

from __future__ import annotations

from collections.abc import Iterable

from lintbot.model.check_run import Annotation
from lintbot.model.findings import Finding, Severity
from lintbot.model.repository_settings import MAX_ANNOTATIONS
from lintbot.model.requirement import DependencyAlarm
from lintbot.report.markdown import cut, defuse, visible

MAX_MESSAGE_BYTES = 8 * 1024
"""GitHub takes 64 KB; a linter's message is one line."""
MAX_TITLE_BYTES = 255

MAX_ALARMS = 20

_LEVEL = {Severity.ERROR: "failure", Severity.WARNING: "warning", Severity.INFO: "notice"}


def by_severity(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings, the most severe first, then by place; the same order every time."""
    return sorted(
        findings,
        key=lambda it: (it.severity.rank, it.path, it.line, it.column or 0, it.rule, it.message),
    )


def make_annotations(new: Iterable[Finding], most: int = MAX_ANNOTATIONS) -> tuple[Annotation, ...]:
    """Return the annotations of new findings, the most severe first, ``most`` at most."""
    placed = [finding for finding in by_severity(new) if is_plain_path(finding.path)]
    return tuple(_annotation(finding) for finding in placed[:most])


def annotate_dependencies(alarms: Iterable[DependencyAlarm]) -> tuple[Annotation, ...]:
    """Return the annotations on lines of requirements: errors first, 20 at most."""
    placed = [alarm for alarm in alarms if is_plain_path(alarm.path)]
    placed.sort(key=lambda it: (it.level, it.path, it.line))  # "failure" comes before "warning"
    return tuple(
        Annotation(
            path=alarm.path,
            start_line=alarm.line,
            end_line=alarm.line,
            start_column=None,
            end_column=None,
            level=alarm.level,
            title=cut(defuse(visible(alarm.title)), MAX_TITLE_BYTES),
            message=cut(defuse(visible(alarm.message)), MAX_MESSAGE_BYTES),
        )
        for alarm in placed[:MAX_ALARMS]
    )


def is_plain_path(path: str) -> bool:
    """Tell whether GitHub can be told this path; one that is not text would spoil its batch."""
    return path[:1] not in ("", "/") and visible(path) == path


def _annotation(finding: Finding) -> Annotation:
    end_line = finding.end_line or finding.line
    start_column, end_column = _columns(finding, end_line)
    title = defuse(visible(" ".join(filter(None, (finding.tool, finding.code, finding.symbol)))))
    return Annotation(
        path=finding.path,
        start_line=finding.line,
        end_line=end_line,
        start_column=start_column,
        end_column=end_column,
        level=_LEVEL[finding.severity],
        title=cut(title, MAX_TITLE_BYTES),
        message=cut(defuse(visible(finding.message)) or title, MAX_MESSAGE_BYTES),
    )


def _columns(finding: Finding, end_line: int) -> tuple[int | None, int | None]:
    """GitHub takes columns only of annotations that start and end on one line.

    https://docs.github.com/en/rest/checks/runs#create-a-check-run
    """
    if finding.column is None or end_line != finding.line:
        return None, None
    return finding.column, max(finding.column, finding.end_column or finding.column)
