"""Pure: which findings only a new version of a tool says: they fail no check for a while."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile

from lintbot.model.findings import Finding
from lintbot.model.lint import LintResult, ToolReport
from lintbot.model.lint_run import Judgement
from lintbot.model.summary import RunSummary

PEACE = timedelta(days=14)
"""For so long after it was first seen in a repository a version fails no check by what only it
says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """A tool or plugin that has another version than before, since less than 14 days.

    Attributes:
        tool: that says what is new.
        name: what has another version: the tool itself, or a plugin of it.
        ends_at: from then on its findings count, aware UTC.
    """

    tool: str
    name: str
    before: str
    after: str
    ends_at: datetime

    def __str__(self) -> str:
        """Return it in words."""
        return f"{self.name} changed from {self.before} to {self.after}"


def find_upgrades(
    history: Sequence[RunSummary], head: LintResult, now: datetime
) -> tuple[Upgrade, ...]:
    """Return the tools and plugins of a result that are new in their version.

    Args:
        history: of the default branch, newest first.
        head: the result. What has several versions, in folders of their own, is left out: no one
            version is the one from before.
        now: aware UTC.
    """
    versions: dict[tuple[str, str], set[str]] = {}
    for it in head.tools:
        for name, version in it.versions.items():
            versions.setdefault((it.tool, name), set()).add(version)
    found = (
        _find_upgrade(history, tool, name, next(iter(of)), now)
        for (tool, name), of in versions.items()
        if len(of) == 1
    )
    return tuple(it for it in found if it is not None and now < it.ends_at)


def _find_upgrade(
    history: Sequence[RunSummary], tool: str, name: str, version: str, now: datetime
) -> Upgrade | None:
    runs = [run for run in history if name in run.versions]
    young = list(takewhile(lambda run: version in run.versions[name].split(", "), runs))
    if len(young) == len(runs):
        return None  # it never had another one, as far as anybody knows
    since = young[-1].received_at if young else now
    before = runs[len(young)].versions[name]
    if ", " in before:
        return None
    return Upgrade(tool=tool, name=name, before=before, after=version, ends_at=since + PEACE)


def with_older_kits(head: LintResult, upgrades: Sequence[Upgrade]) -> LintResult:
    """Return the result as it would be signed, had all their versions from before."""
    return replace(head, tools=tuple(_with_kit(it, upgrades) for it in head.tools))


def _with_kit(report: ToolReport, upgrades: Sequence[Upgrade]) -> ToolReport:
    before = {it.name: f"{it.name}=={it.before}" for it in upgrades if it.tool == report.tool}
    if not before:
        return report
    kit = (before.get(it.partition("==")[0], it) for it in report.identity)
    return replace(report, kit=tuple(kit))


def spare(judgement: Judgement, older: LintResult, upgrades: Sequence[Upgrade]) -> Judgement:
    """Return the judgement without those new findings that only a new version says.

    Args:
        judgement: of a commit.
        older: the same commit, judged by the versions from before.
        upgrades: the new versions.
    """
    known = {(it.tool, it.code, it.path, it.line) for it in older.findings}
    deaf = {it.tool for it in upgrades if not _judged(older, it)}
    told = {it.tool for it in upgrades} - deaf
    comparison = judgement.comparison
    only = tuple(
        it
        for it in comparison.new
        if it.tool in told and (it.tool, it.code, it.path, it.line) not in known
    )
    spared = replace(
        comparison,
        new=tuple(it for it in comparison.new if it not in only),
        unchanged=(*comparison.unchanged, *only),
        upgrade=only,
    )
    notes = (*judgement.notes, *_notes(upgrades, only, told))
    return replace(judgement, comparison=spared, notes=notes)


def _judged(older: LintResult, upgrade: Upgrade) -> bool:
    reports = [it for it in older.tools if it.tool == upgrade.tool]
    return bool(reports) and all(
        it.versions.get(upgrade.name) == upgrade.before and not it.failed for it in reports
    )


def describe_unknown(upgrade: Upgrade) -> str:
    """Say that nobody knows what only a new version says."""
    return (
        f"{upgrade}, and the version from before could not be run: so what only the new one says "
        "counts as well."
    )


def _notes(upgrades: Sequence[Upgrade], only: Sequence[Finding], told: set[str]) -> Iterator[str]:
    for tool in dict.fromkeys(it.tool for it in upgrades):
        of_tool = [it for it in upgrades if it.tool == tool]
        count = sum(it.tool == tool for it in only)
        if tool not in told:
            yield from map(describe_unknown, of_tool)
        elif count:
            changes = ", ".join(map(str, of_tool))
            ends_at = min(it.ends_at for it in of_tool)
            yield (
                f"{changes}: {count:,} of the findings in this change only the new version says. "
                f"They fail no check before {ends_at:%Y-%m-%d}."
            )
