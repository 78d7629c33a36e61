"""Linters whose own configuration lies: what they print is parsed as hostile, in every tier."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from lintbot.model.ids import Sha
from lintbot.model.lint import LintResult, ToolOutcome
from lintbot.pipeline.judge import judge
from lintbot.pipeline.lint import Linter
from lintbot.ports import Checkout
from lintbot.report.check_run import make_report
from lintbot.sandbox import Limits
from tests.hostile.conftest import OpenSandbox
from tests.support.report_values import a_run

pytestmark = pytest.mark.timeout(300)
MIB = 1024 * 1024
SMALL = Limits(memory_bytes=512 * MIB, output_bytes=2 * MIB)
MODULE = '"""A module."""\n\nimport os\n'
FORGED = {
    "messageId": "W0611",
    "symbol": "unused-import",
    "type": "warning",
    "line": 3,
    "column": 0,
    "path": "module.py",
    "message": "x",
}
NASTY = (
    "</td><script>alert(1)</script> @everyone #1 ![x](http://evil) `code` | \x1b[31mred\x1b[0m "
    "\u202egnp.exe\u202c \x00 \r\n# heading"
)


def forging(*messages: dict[str, object]) -> str:
    """Return code that prints a report of one's own in pylint's name."""
    report = json.dumps({"messages": [{**FORGED, **message} for message in messages]}, indent=0)
    return f"import os; os.write(1, {report.encode()!r}); os._exit(0)"


LIARS = {
    "paths outside": forging(
        {"path": "../../etc/passwd"}, {"path": "/etc/passwd"}, {"path": "no\nsuch.py"}
    ),
    "lines beyond": forging({"line": 10**9, "endLine": -5}, {"line": -1}, {"line": "3"}),
    "odd types": forging({"message": ["x"]}, {"path": {}}, {"column": 1e400}, {"messageId": None}),
    "nasty words": forging({"message": NASTY, "symbol": NASTY, "messageId": NASTY}),
    "a huge word": forging({"message": "A" * 1_500_000}),
    "deep JSON": "import os; os.write(1, b'{\\n' + b'[' * 1000000); os._exit(0)",
    "broken UTF-8": "import os; os.write(1, b'{\\n\\xff\\xfe\\x80'); os._exit(0)",
    "an empty report": "import os; os._exit(0)",
    "an endless report": "import os\nwhile True: os.write(1, b'[' * 65536)",
    "a silent crash": "import os; os.abort()",
}
NOT_JUDGED = {"deep JSON", "broken UTF-8", "an empty report", "an endless report", "a silent crash"}


@pytest.mark.parametrize("mode", ["A", "B", "C"])
async def test_no_lie_leaves_the_repository(
    open_sandbox: OpenSandbox, checkout: Path, mode: str
) -> None:
    (checkout / "module.py").write_text(MODULE)
    async with open_sandbox(mode, limits=SMALL) as sandbox:
        linter = Linter(sandbox=sandbox, versions=sandbox.tool_versions, python_version="3")
        for name, code in LIARS.items():
            (checkout / "hook.py").write_text(code)
            (checkout / ".pylintrc").write_text("[MAIN]\ninit-hook=exec(open('hook.py').read())\n")
            result = await linter.lint_tree(_laid_out(checkout), 60)
            _check(result, name)
            _check_report(result)


def _laid_out(checkout: Path) -> Checkout:
    return Checkout(root=checkout, files=(".pylintrc", "hook.py", "module.py"))


def _check(result: LintResult, name: str) -> None:
    pylint = next(tool for tool in result.tools if tool.tool == "pylint")
    flake8 = next(tool for tool in result.tools if tool.tool == "flake8")
    assert flake8.outcome is ToolOutcome.OK, name
    assert any(f.tool == "flake8" and f.code == "F401" for f in result.findings), name
    assert pylint.partial is (name in NOT_JUDGED), f"{name}: {pylint}"
    assert bool(pylint.reason or pylint.failed_files) is pylint.partial, name
    for finding in result.findings:
        assert finding.path in {"hook.py", "module.py"}
        assert 1 <= finding.line <= 20
        assert finding.message.isprintable()
        assert len(finding.message) <= 1000
        assert finding.code.isprintable()


def _check_report(result: LintResult) -> None:
    """What GitHub is sent shows no markup, no control character and no mention."""
    empty = LintResult(
        findings=(), tools=result.tools, python_files=2, code_lines=1, config_digest="",
        python_version="3",
    )  # fmt: skip
    judgement, verdict = judge(result, empty, baseline_sha=Sha("b" * 40))
    report = make_report(a_run(judgement=judgement, verdict=verdict), "https://lint.example/run")
    output = report.output
    texts = [output.title, output.summary, output.text]
    texts += [text for note in report.annotations for text in (note.title, note.message)]
    for text in texts:
        assert len(text.encode()) <= 65_535
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e]", text)
        assert "@everyone" not in text
    for text in (output.summary, output.text):
        page = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
        assert not re.search(r"<(script|img|h1|hr)\b", page), page


@pytest.mark.parametrize("mode", ["A", "B", "C"])
async def test_regular_expressions_that_never_end_are_stopped_and_named(
    open_sandbox: OpenSandbox, checkout: Path, mode: str
) -> None:
    (checkout / "module.py").write_text(f"{MODULE}{'a' * 60} = 1\n")
    (checkout / ".pylintrc").write_text("[MAIN]\n[BASIC]\nconst-rgx=(([a-z])+.)+[A-Z]([a-z])+$\n")
    files = (".pylintrc", "module.py")
    async with open_sandbox(mode, limits=SMALL) as sandbox:
        linter = Linter(sandbox=sandbox, versions=sandbox.tool_versions, python_version="3")
        result = await linter.lint_tree(Checkout(root=checkout, files=files), 8)
    pylint = next(tool for tool in result.tools if tool.tool == "pylint")
    assert pylint.failed_files == ("module.py",)
    # Given up by the linter itself, or, where there is little processor time, by the clock.
    assert "too much processor time" in str(pylint) or pylint.outcome is ToolOutcome.TIMED_OUT
    assert {f.tool for f in result.findings} == {"flake8"}
