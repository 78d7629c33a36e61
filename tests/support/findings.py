"""Builders of findings and results."""

from __future__ import annotations

from typing import Any

from lintbot.model.findings import Finding, Severity
from lintbot.model.lint import LintResult, ToolOutcome, ToolReport


def a_finding(**values: Any) -> Finding:
    """Return a finding with defaults for what a test does not care about."""
    defaults: dict[str, Any] = {
        "tool": "flake8",
        "code": "E501",
        "severity": Severity.INFO,
        "path": "a.py",
        "line": 1,
        "message": "line too long",
    }
    return Finding(**defaults | values)


def a_report(tool: str = "flake8", **values: Any) -> ToolReport:
    """Return a tool's report; all went well unless told otherwise."""
    defaults: dict[str, Any] = {"version": "1", "config_path": None, "outcome": ToolOutcome.OK}
    return ToolReport(tool=tool, **defaults | values)


def a_result(*findings: Finding, **values: Any) -> LintResult:
    """Return a result of 100 lines in one file, judged by flake8, pylint and ruff."""
    defaults: dict[str, Any] = {
        "tools": (a_report("pylint"), a_report("flake8"), a_report("ruff")),
        "python_files": 1,
        "code_lines": 100,
        "config_digest": "0" * 16,
        "python_version": "3.11",
    }
    return LintResult(findings=findings, **defaults | values)
