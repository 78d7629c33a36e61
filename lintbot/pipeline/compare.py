"""Pure: head against baseline by fingerprint."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from lintbot.model.comparison import Comparison
from lintbot.model.findings import Finding
from lintbot.model.globs import match_paths
from lintbot.model.ids import Sha
from lintbot.model.lint import LintResult, ToolOutcome, ToolReport
from lintbot.pipeline.fingerprint import without_path


def compare(
    head: LintResult,
    base: LintResult | None,
    baseline_sha: Sha | None,
    accepted: frozenset[str] = frozenset(),
) -> Comparison:
    """Split findings into new, unchanged and fixed.

    Without a baseline everything is unchanged: a first run accuses nobody. The same holds for
    what a tool could not judge (or was not configured to) at the baseline, and for findings
    whose fingerprints somebody accepted.
    """
    counted = [f for f in head.findings if not f.environment]
    environment = tuple(f for f in head.findings if f.environment)
    if base is None:
        return Comparison(
            baseline_sha=None,
            new=(),
            unchanged=tuple(counted),
            fixed=(),
            environment=environment,
        )
    before = {f.fingerprint: f for f in base.findings if not f.environment}
    here = {f.fingerprint for f in counted}
    was_judged, is_judged = _judged(base, head), _judged(head, base)
    new = {f.fingerprint for f in counted if f.fingerprint not in before and was_judged(f)}
    fixed = {key for key, f in before.items() if key not in here and is_judged(f)}
    for old, renamed in _pair_renamed(before, {f.fingerprint: f for f in counted}, new, fixed):
        new.discard(renamed)
        fixed.discard(old)
    forgiven = new & accepted
    new -= forgiven
    return Comparison(
        baseline_sha=baseline_sha,
        new=tuple(f for f in counted if f.fingerprint in new),
        unchanged=tuple(f for f in counted if f.fingerprint not in new),
        fixed=tuple(f for key, f in before.items() if key in fixed),
        environment=environment,
        accepted=len(forgiven),
    )


def _judged(result: LintResult, other: LintResult) -> Callable[[Finding], bool]:
    """Return whether a tool judged a finding's file in a tree (or would have, if it existed).

    Where there are no Python files no tool is run: there is nothing that one could have missed.
    What the tree's own settings leave out was not judged, nor what another version of the tool,
    or one with other plugins, judged there.
    """
    is_excluded = match_paths(result.settings.settings.exclude)
    if result.python_files == 0:
        return lambda f: not is_excluded(f.path)
    failed = {(tool.tool, path) for tool in result.tools for path in tool.failed_files}
    here, there = _by_tool(result), _by_tool(other)
    return lambda f: (
        _was_run(here, f)
        and (f.tool, f.path) not in failed
        and not is_excluded(f.path)
        and _is_alike(_find_report(here, f), _find_report(there, f))
    )


_Reports = Mapping[str, Mapping[str, ToolReport]]
"""By tool, then by the folder that it was run in."""


def _by_tool(result: LintResult) -> _Reports:
    reports: dict[str, dict[str, ToolReport]] = {}
    for tool in result.tools:
        reports.setdefault(tool.tool, {})[tool.root] = tool
    return reports


def _was_run(reports: _Reports, finding: Finding) -> bool:
    """Tell whether the tool worked where this file is judged: in the nearest folder above it.

    Where it was run only in other folders, the file's own had nothing to judge then.
    """
    report = _find_report(reports, finding)
    return finding.tool in reports and (report is None or report.outcome is ToolOutcome.OK)


def _find_report(reports: _Reports, finding: Finding) -> ToolReport | None:
    by_root = reports.get(finding.tool, {})
    return next((by_root[it] for it in _folders(finding.path) if it in by_root), None)


def _is_alike(one: ToolReport | None, other: ToolReport | None) -> bool:
    return one is None or other is None or one.identity == other.identity


def _folders(path: str) -> Iterator[str]:
    """Yield the folders above a path, the nearest first; the repository's root is empty."""
    while path:
        path = path.rpartition("/")[0]
        yield path


def _pair_renamed(
    before: Mapping[str, Finding], here: Mapping[str, Finding], new: set[str], fixed: set[str]
) -> list[tuple[str, str]]:
    """Pair findings of files that went with equal ones of files that came: a rename.

    A file counts as gone when the head has no finding in it, as come when the baseline has none.
    """
    paths_before = {f.path for f in before.values()}
    paths_here = {f.path for f in here.values()}
    gone: dict[str, list[str]] = {}
    for key in sorted(fixed):
        if before[key].path not in paths_here:
            gone.setdefault(without_path(key), []).append(key)
    pairs = []
    for key in sorted(new):
        partners = gone.get(without_path(key), [])
        if here[key].path not in paths_before and partners:
            pairs.append((partners.pop(), key))
    return pairs


def are_comparable(head: LintResult, base: LintResult) -> bool:
    """Tell whether both trees were judged by the same versions of all tools that they share."""
    there = {(it.tool, it.root): it for it in base.tools}
    return all(_is_alike(it, there.get((it.tool, it.root))) for it in head.tools)
