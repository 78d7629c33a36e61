"""Pure: a scan as text, JSON, SARIF or Markdown."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from lintbot.model.findings import Finding, Severity
from lintbot.model.lint_run import Judgement, Verdict
from lintbot.model.neutral import NeutralProfile

_SARIF_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render_text(judgement: Judgement, verdict: Verdict) -> str:
    """Return lines such as compilers print them, then the score."""
    return "\n".join((*_finding_lines(judgement), *_summary_lines(judgement, verdict))) + "\n"


def _finding_lines(judgement: Judgement) -> Iterator[str]:
    comparison = judgement.comparison
    new = {f.fingerprint for f in comparison.new}
    for finding in judgement.result.findings:
        mark = "environment" if finding.environment else finding.severity.value
        if finding.fingerprint in new and comparison.baseline_sha is not None:
            mark = f"new {mark}"
        name = f" ({finding.symbol})" if finding.symbol else ""
        yield f"{_place(finding)}: {mark}: {finding.tool} {finding.code}{name} {finding.message}"


def _place(finding: Finding) -> str:
    column = "" if finding.column is None else f":{finding.column}"
    return f"{finding.path}:{finding.line}{column}"


def _summary_lines(judgement: Judgement, verdict: Verdict) -> Iterator[str]:
    result, comparison, score = judgement.result, judgement.comparison, judgement.score
    if result.findings:
        yield ""
    for tool in result.tools:
        config = ", ".join(tool.configs) or "its defaults"
        lacking = "files failed" if tool.failed_files else f"without {', '.join(tool.missing)}"
        state = "" if not tool.partial else f", PARTIAL: {tool.reason or lacking}"
        where = f" in {tool.root}" if tool.root else ""
        yield f"{tool.tool} {tool.full_version}{where}, configured by {config}{state}"
        yield from (f"  {notice}" for notice in tool.notices)
    yield from result.skipped
    yield from judgement.notes
    if comparison.baseline_sha is not None:
        yield (
            f"compared with {comparison.baseline_sha[:7]}: {len(comparison.new)} new, "
            f"{len(comparison.unchanged)} unchanged, {len(comparison.fixed)} fixed"
        )
    if verdict.reason:
        yield verdict.reason
    if score is not None:
        partial = " (partial)" if score.partial else ""
        yield (
            f"score {score} {score.grade}{partial}: {score.errors} errors, {score.warnings} "
            f"warnings, {score.infos} remarks in {score.code_lines} lines of code "
            f"({score.formula})"
        )
    if result.neutral is not None:
        yield _neutral_line(result.neutral)


def _neutral_line(profile: NeutralProfile) -> str:
    rate = profile.per_thousand_lines(profile.findings)
    return (
        f"neutral profile {profile.score} {profile.score.grade}: {rate:.2f} findings in 1,000 "
        f"lines of code ({profile.name}, ruff {profile.ruff_version})"
    )


def render_json(judgement: Judgement, verdict: Verdict) -> str:
    """Return everything as one JSON object."""
    plain: dict[str, Any] = msgspec.to_builtins(judgement)
    comparison = judgement.comparison
    score = None
    if judgement.score is not None:
        score = plain["score"] | {"value": str(judgement.score)}
    plain = {
        "conclusion": verdict.conclusion.value,
        "reason": verdict.reason,
        "score": score,
        "baseline_sha": comparison.baseline_sha,
        "counts": {
            "new": len(comparison.new),
            "unchanged": len(comparison.unchanged),
            "fixed": len(comparison.fixed),
            "environment": len(comparison.environment),
        },
        "new": [f.fingerprint for f in comparison.new],
        "fixed": plain["comparison"]["fixed"],
        "settings": plain["settings"],
        "notes": plain["notes"],
        "result": plain["result"],
    }
    return json.dumps(plain, indent=2) + "\n"


def render_sarif(judgement: Judgement, _verdict: Verdict) -> str:
    """Return SARIF 2.1.0, a run a tool.

    https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
    """
    tools = judgement.result.tools
    runs = [_sarif_run(name, judgement) for name in dict.fromkeys(it.tool for it in tools)]
    return json.dumps({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": runs}, indent=2) + "\n"


def _sarif_run(name: str, judgement: Judgement) -> dict[str, Any]:
    reports = [it for it in judgement.result.tools if it.tool == name]
    found = [f for f in judgement.result.findings if f.tool == name and not f.environment]
    new = {f.fingerprint for f in judgement.comparison.new}
    compared = judgement.comparison.baseline_sha is not None
    rules = {f.code: f.symbol for f in found}
    return {
        "tool": {
            "driver": {
                "name": name,
                "version": ", ".join(dict.fromkeys(it.version for it in reports)),
                "rules": [
                    {"id": code, "name": symbol} if symbol else {"id": code}
                    for code, symbol in sorted(rules.items())
                ],
            }
        },
        "invocations": [{"executionSuccessful": not any(it.partial for it in reports)}],
        "results": [
            _sarif_result(f)
            | (
                {"baselineState": "new" if f.fingerprint in new else "unchanged"}
                if compared
                else {}
            )
            for f in found
        ],
    }


def _sarif_result(finding: Finding) -> dict[str, Any]:
    region = {"startLine": finding.line}
    region |= {} if finding.column is None else {"startColumn": finding.column}
    return {
        "ruleId": finding.code,
        "level": _SARIF_LEVELS[finding.severity],
        "message": {"text": finding.message or finding.code},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": finding.path},
                    "region": region,
                }
            }
        ],
        "partialFingerprints": {"lintbot/v1": finding.fingerprint},
    }


def render_markdown(judgement: Judgement, verdict: Verdict) -> str:
    """Return a table for a comment or a file."""
    lines = ["# lintbot", ""]
    lines += [f"{line}  " for line in _summary_lines(judgement, verdict) if line]
    found = [f for f in judgement.result.findings if not f.environment]
    if found:
        lines += ["", "| place | severity | rule | message |", "|---|---|---|---|"]
    lines += [
        f"| {_cell(_place(f))} | {f.severity} | {_cell(f.rule)} | {_cell(f.message)} |"
        for f in found
    ]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    """Return untrusted text as one table cell of code, which nothing in it can leave."""
    return "`" + text.replace("`", "'").replace("|", "\\|") + "`"


RENDERERS: Mapping[str, Callable[[Judgement, Verdict], str]] = {
    "text": render_text,
    "json": render_json,
    "sarif": render_sarif,
    "markdown": render_markdown,
}
