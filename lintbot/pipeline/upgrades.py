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
    """A tool that has another version than before, since less than 14 days.

    Attributes:
        ends_at: from then on its findings count, aware UTC.
    """

    tool: str
    before: str
    after: str
    ends_at: datetime


def find_upgrades(
    history: Sequence[RunSummary], head: LintResult, now: datetime
) -> tuple[Upgrade, ...]:
    """Return the tools of a result that are new in their version.

    Args:
        history: of the default branch, newest first.
        head: the result. A tool that has several versions, in folders of their own, is left out:
            no one version is the one from before.
        now: aware UTC.
    """
    versions: dict[str, set[str]] = {}
    for it in head.tools:
        versions.setdefault(it.tool, set()).add(it.version)
    found = (
        _find_upgrade(history, tool, next(iter(of)), now)
        for tool, of in versions.items()
        if len(of) == 1
    )
    return tuple(it for it in found if it is not None and now < it.ends_at)


def _find_upgrade(
    history: Sequence[RunSummary], tool: str, version: str, now: datetime
) -> Upgrade | None:
    runs = [run for run in history if tool in run.versions]
    young = list(takewhile(lambda run: version in run.versions[tool].split(", "), runs))
    if len(young) == len(runs):
        return None  # it never had another one, as far as anybody knows
    since = young[-1].received_at if young else now
    before = runs[len(young)].versions[tool]
    if ", " in before:
        return None
    return Upgrade(tool=tool, before=before, after=version, ends_at=since + PEACE)


def with_older_kits(head: LintResult, upgrades: Sequence[Upgrade]) -> LintResult:
    """Return the result as it would be signed, had the tools their versions from before."""
    before = {it.tool: it.before for it in upgrades}
    return replace(head, tools=tuple(_with_kit(it, before.get(it.tool, "")) for it in head.tools))


def _with_kit(report: ToolReport, version: str) -> ToolReport:
    if not version:
        return report
    return replace(report, kit=(f"{report.tool}=={version}", *report.identity[1:]))


def spare(judgement: Judgement, older: LintResult, upgrades: Sequence[Upgrade]) -> Judgement:
    """Return the judgement without those new findings that only a new version says.

    Args:
        judgement: of a commit.
        older: the same commit, judged by the versions from before.
        upgrades: the new versions.
    """
    known = {(it.tool, it.code, it.path, it.line) for it in older.findings}
    told = {it.tool: it for it in upgrades if _judged(older, it)}
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
    notes = (*judgement.notes, *_notes(upgrades, only, frozenset(told)))
    return replace(judgement, comparison=spared, notes=notes)


def _judged(older: LintResult, upgrade: Upgrade) -> bool:
    reports = [it for it in older.tools if it.tool == upgrade.tool]
    return bool(reports) and all(it.version == upgrade.before and not it.failed for it in reports)


def describe_unknown(upgrade: Upgrade) -> str:
    """Say that nobody knows what only a new version says."""
    return (
        f"{upgrade.tool} changed from {upgrade.before} to {upgrade.after}, and the version from "
        "before could not be run: so what only the new one says counts as well."
    )


def _notes(
    upgrades: Sequence[Upgrade], only: Sequence[Finding], told: frozenset[str]
) -> Iterator[str]:
    for upgrade in upgrades:
        count = sum(it.tool == upgrade.tool for it in only)
        if upgrade.tool not in told:
            yield describe_unknown(upgrade)
        elif count:
            yield (
                f"{upgrade.tool} changed from {upgrade.before} to {upgrade.after}: {count:,} "
                f"of the findings in this change only the new version says. They fail no check "
                f"before {upgrade.ends_at:%Y-%m-%d}."
            )
