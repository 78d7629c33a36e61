"""Findings and judgements for the tests of the store."""

from __future__ import annotations

from lintbot.model.comparison import Comparison
from lintbot.model.findings import Finding, Severity
from lintbot.model.lint import LintResult, ToolOutcome, ToolReport
from lintbot.model.lint_run import Judgement
from lintbot.model.neutral import FamilyCount, NeutralProfile
from lintbot.model.score import Score
from tests.support.deliveries import a_sha


def a_finding(line: int = 3) -> Finding:
    return Finding(
        tool="pylint",
        code="W0611",
        symbol="unused-import",
        severity=Severity.WARNING,
        path="app/§.py",
        line=line,
        message="Unused import \U0001f4a9 <b>",
        fingerprint="0" * 32,
    )


def a_result(*findings: Finding, outcome: ToolOutcome = ToolOutcome.OK) -> LintResult:
    tool = ToolReport(tool="pylint", version="4.1.4", config_path=None, outcome=outcome)
    return LintResult(
        findings=findings,
        tools=(tool,),
        python_files=1,
        code_lines=10,
        config_digest="0" * 16,
        python_version="3.11",
        neutral=a_profile(),
    )


def a_profile() -> NeutralProfile:
    families = (FamilyCount(family="pyflakes", count=2),)
    return NeutralProfile(name="neutral-1", ruff_version="1", families=families, score=a_score(500))


def a_score(hundredths: int = 942) -> Score:
    return Score(
        hundredths=hundredths,
        grade="A",
        formula="lint-1",
        errors=0,
        warnings=1,
        infos=0,
        code_lines=10,
        partial=False,
    )


def a_judgement(hundredths: int = 942, *, compared: bool = True) -> Judgement:
    finding = a_finding()
    return Judgement(
        result=a_result(finding),
        comparison=Comparison(
            baseline_sha=a_sha(99) if compared else None,
            new=(finding,) if compared else (),
            unchanged=() if compared else (finding,),
            fixed=(a_finding(5), a_finding(6)) if compared else (),
        ),
        score=a_score(hundredths),
    )
