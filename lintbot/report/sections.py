"""Pure: the parts of a check run's summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from lintbot.model.findings import Finding
from lintbot.model.lint import LintResult, ToolReport
from lintbot.model.lint_run import Judgement, Verdict
from lintbot.model.repository_settings import Gate
from lintbot.model.score import WEIGHTS, Score
from lintbot.report.markdown import code, escape, link, table
from lintbot.report.words import SEVERITY, count, is_first, outcome

MAX_ROWS = 30
"""Of a table or list in the summary; the report page has all."""
MAX_NAMED_FILES = 5


def judgement_lines(judgement: Judgement, verdict: Verdict, details_url: str) -> list[str]:
    """Return the summary's lines, the most important first: a long summary is cut at its end."""
    result, comparison = judgement.result, judgement.comparison
    parts = [
        _headline(judgement, verdict),
        _score_lines(judgement.score, details_url) if judgement.score else [],
        _tool_lines(result),
        _rule_lines(comparison.new),
        _upgrade_lines(comparison.upgrade),
        _bullets("Dependencies to look at", _alarms(judgement)),
        _environment_lines(comparison.environment),
        _note_lines(judgement),
        _bullets("Notices about the configuration", _notices(result.tools)),
        _bullets("Left out of the checkout", map(escape, result.skipped)),
        _recipe(judgement),
    ]
    return [line for part in parts if part for line in (*part, "")]


def _alarms(judgement: Judgement) -> list[str]:
    return [f"{code(f'{it.path}:{it.line}')} {escape(it.message)}" for it in judgement.dependencies]


def _headline(judgement: Judgement, verdict: Verdict) -> list[str]:
    result, comparison = judgement.result, judgement.comparison
    judged = f"{count(result.python_files, 'file')}, {count(result.code_lines, 'line')} of code"
    if comparison.baseline_sha is not None:
        sides = (
            f"**{len(comparison.new):,} new**, {len(comparison.unchanged):,} unchanged, "
            f"{len(comparison.fixed):,} fixed since {code(comparison.baseline_sha[:7])}"
        )
        return [f"{judged}: {sides}."]
    found = count(len(comparison.unchanged), "finding")
    if not is_first(verdict, comparison.baseline_sha, partial=result.partial):
        return [f"{judged}: {found}, compared with nothing."]
    return [f"{judged}. First lint run: {found} became the baseline. None of them fails a check."]


def _score_lines(score: Score, details_url: str) -> list[str]:
    error, warning, info = WEIGHTS[score.formula]
    size, points = f"{score.code_lines:,}", f"{score.points:,}"
    partial = ", **partial**: not everything could be judged, see below" if score.partial else ""
    weighed = (
        f"{count(score.errors, 'error')} × {error} + {count(score.warnings, 'warning')} × "
        f"{warning} + {count(score.infos, 'remark')} × {info}"
    )
    how = link(f"How {score.formula} works", details_url + "#score")
    sum_line = (
        f"10 × {size} ⁄ ({size} + {points}) = {score}: {size} lines of code against {points} "
        f"points, which are {weighed}. {how}."
    )
    return [f"**Score {score} of 10, grade {score.grade}**{partial}.", "", sum_line]


def _tool_lines(result: LintResult) -> list[str]:
    """Return a table of the runs; of folders only where one has a configuration of its own."""
    if any(tool.root for tool in result.tools):
        folder_head = ("folder", "tool", "version", "configured by", "files", "findings", "outcome")
        return table(folder_head, map(_folder_row, result.tools))
    counted = Counter(it.tool for it in result.findings if not it.environment)
    head = ("tool", "version", "configured by", "findings", "outcome")
    return table(head, (_tool_row(tool, counted[tool.tool]) for tool in result.tools))


def _tool_row(tool: ToolReport, found: int) -> tuple[str, str, str, str, str]:
    return (
        escape(tool.tool),
        escape(tool.full_version),
        _configs(tool),
        f"{found:,}",
        _outcome(tool),
    )


def _folder_row(tool: ToolReport) -> tuple[str, ...]:
    name, version, configs, found, ended = _tool_row(tool, tool.findings)
    return code(tool.root or "."), name, version, configs, f"{tool.files:,}", found, ended


def _configs(tool: ToolReport) -> str:
    named = [code(path) for path in tool.configs]
    more = f" and {len(named) - MAX_NAMED_FILES:,} more" if len(named) > MAX_NAMED_FILES else ""
    return f"{', '.join(named[:MAX_NAMED_FILES])}{more}" if named else "its own defaults"


def _outcome(tool: ToolReport) -> str:
    ended = escape(outcome(tool))
    if not tool.failed_files:
        return ended
    named = ", ".join(map(code, tool.failed_files[:MAX_NAMED_FILES]))
    more = len(tool.failed_files) - MAX_NAMED_FILES
    rest = f" and {more:,} more" if more > 0 else ""
    return f"{ended}; could not judge {count(len(tool.failed_files), 'file')}: {named}{rest}"


def _rule_lines(new: tuple[Finding, ...]) -> list[str]:
    if not new:
        return []
    counted = Counter((it.severity, it.tool, it.code, it.symbol) for it in new)
    ranked = sorted(counted.items(), key=lambda it: (it[0][0].rank, -it[1], it[0][1:]))
    rows = (
        (code(" ".join(filter(None, rule[1:]))), SEVERITY[rule[0]], f"{number:,}")
        for rule, number in ranked[:MAX_ROWS]
    )
    lines = ["### New findings by rule", "", *table(("rule", "severity", "new"), rows)]
    if len(ranked) > MAX_ROWS:
        lines += ["", f"… and {count(len(ranked) - MAX_ROWS, 'more rule')}."]
    return lines


def _upgrade_lines(upgrade: tuple[Finding, ...]) -> list[str]:
    """Name what only a new version of a tool says of this change."""
    said = [
        f"{code(f'{it.path}:{it.line}')} {code(it.rule)} {escape(it.message)}" for it in upgrade
    ]
    return _bullets("Upgrade: said by a new version only, so not counted yet", said)


def _environment_lines(environment: tuple[Finding, ...]) -> list[str]:
    counted = Counter(f"{it.code} {it.message}" for it in environment)
    said = [f"{escape(message)} ({number:,}×)" for message, number in counted.most_common()]
    return _bullets("Not counted: these imports are not installed here", said)


def _note_lines(judgement: Judgement) -> list[str]:
    """Say what belongs to the verdict beside the findings; nothing where all is ordinary."""
    notes = list(map(escape, judgement.notes))
    if judgement.settings.gate is not Gate.WARNING:
        notes.insert(0, f"The gate is {code(judgement.settings.gate.value)}.")
    return _bullets("Beside the verdict", notes)


def _notices(tools: Iterable[ToolReport]) -> list[str]:
    return [f"{escape(tool.where)}: {escape(notice)}" for tool in tools for notice in tool.notices]


def _bullets(heading: str, items: Iterable[str]) -> list[str]:
    every = list(items)
    if not every:
        return []
    lines = [f"### {heading}", "", *(f"- {item}" for item in every[:MAX_ROWS])]
    if len(every) > MAX_ROWS:
        lines.append(f"- … and {len(every) - MAX_ROWS:,} more")
    return lines


def _recipe(judgement: Judgement) -> list[str]:
    """Return what makes the same digits again."""
    base = judgement.comparison.baseline_sha
    command = f"lintbot scan . --base {base[:12]}" if base else "lintbot scan ."
    digest = judgement.result.config_digest
    versions = f"Python {escape(judgement.result.python_version)}, configuration {code(digest)}."
    return [f"{versions} {code(command)} gives the same findings and digits."]
