"""The real linters over real trees, without the sandbox."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from lintbot.errors import SandboxUnavailableError
from lintbot.model.findings import Severity
from lintbot.model.lint import LintResult, ToolOutcome
from lintbot.pipeline.lint import Linter
from lintbot.ports import Ending, SandboxJob, SandboxResult
from tests.support.plain_sandbox import PlainSandbox
from tests.support.trees import a_checkout


async def lint(root: Path, files: dict[str, str | bytes], seconds: float = 60) -> LintResult:
    linter = Linter(sandbox=PlainSandbox(), versions={"pylint": "4"}, python_version="3.11")
    return await linter.lint_tree(a_checkout(root, files), seconds)


def codes(result: LintResult, path: str) -> set[str]:
    return {f.code for f in result.findings if f.path == path}


async def test_findings_of_both_tools_with_their_configuration(tmp_path: Path):
    result = await lint(
        tmp_path,
        {
            "setup.cfg": "[flake8]\nignore = E225\n[pylint.main]\ndisable = C0114\n",
            "a.py": "import os\nx=undefined\n",
            "pkg/b.py": "import json\n",
        },
    )
    assert codes(result, "a.py") == {"W0611", "E0602", "F401", "F821"}
    assert codes(result, "pkg/b.py") == {"W0611", "F401"}
    assert [(t.tool, t.config_path, t.outcome) for t in result.tools] == [
        ("pylint", "setup.cfg", ToolOutcome.OK),
        ("flake8", "setup.cfg", ToolOutcome.OK),
    ]
    assert (result.python_files, result.code_lines, result.partial) == (2, 3, False)
    assert len({f.fingerprint for f in result.findings}) == len(result.findings)


async def test_ruff_runs_only_where_it_is_configured(tmp_path: Path):
    files: dict[str, str | bytes] = {
        "pyproject.toml": "[tool.ruff.lint]\nselect = ['F']\n",
        "a.py": "import os\n",
    }
    result = await lint(tmp_path, files)
    assert [t.tool for t in result.tools] == ["pylint", "flake8", "ruff"]
    found = [f for f in result.findings if f.tool == "ruff"]
    assert [(f.code, f.path, f.line, f.severity) for f in found] == [
        ("F401", "a.py", 1, Severity.WARNING)
    ]


async def test_the_repositorys_settings_choose_tools_and_files(tmp_path: Path):
    files: dict[str, str | bytes] = {
        ".lintbot.toml": "exclude = ['vendor', 'a name.py']\n[tools]\nruff = true\npylint = false",
        "a.py": "import vendor.x\n",
        "a name.py": "import os\n",
        "vendor/x.py": "import os\n",
        "vendor/b,c.py": "import os\n",
    }
    result = await lint(tmp_path, files)
    assert [t.tool for t in result.tools] == ["flake8", "ruff"]
    assert {(f.path, f.tool) for f in result.findings} == {("a.py", "flake8"), ("a.py", "ruff")}
    assert (result.python_files, result.code_lines, result.excluded_files) == (1, 1, 3)
    assert result.settings.path == ".lintbot.toml"


async def test_a_repository_may_allow_less_time(tmp_path: Path):
    slow = "[pylint.main]\ninit-hook = 'import time; time.sleep(60)'\n"
    files: dict[str, str | bytes] = {
        ".github/lintbot.toml": "timeout_seconds = 10\n[tools]\nflake8 = false",
        "pylintrc": slow,
        "a.py": "import os\n",
    }
    result = await lint(tmp_path, files)
    assert [t.outcome for t in result.tools] == [ToolOutcome.TIMED_OUT]


async def test_each_folder_with_a_configuration_is_linted_by_it_from_there(tmp_path: Path):
    source = '"""Doc."""\nimport json\nimport web.helper\n' + "x = '" + "x" * 90 + "'\n"
    result = await lint(
        tmp_path,
        {
            "setup.cfg": "[flake8]\nignore = E501\n",
            "a.py": source,
            "api/.flake8": "[flake8]\nper-file-ignores = inner/b.py:F401\n",
            "api/inner/b.py": source,
            "web/pyproject.toml": "[tool.pylint.main]\ndisable = 'W0611'\n[tool.ruff]\n",
            "web/c.py": source,
            "web/helper.py": "",
        },
    )
    assert [(t.where, t.config_path, t.files, t.outcome.value) for t in result.tools] == [
        ("pylint", None, 2, "ok"),
        ("pylint in web", "web/pyproject.toml", 2, "ok"),
        ("flake8", "setup.cfg", 3, "ok"),
        ("flake8 in api", "api/.flake8", 1, "ok"),
        ("ruff in web", "web/pyproject.toml", 2, "ok"),
    ]
    found = {(f.tool, f.path, f.code) for f in result.findings}
    assert ("flake8", "api/inner/b.py", "E501") in found
    assert ("flake8", "a.py", "E501") not in found
    assert ("flake8", "api/inner/b.py", "F401") not in found
    assert {("flake8", path, "F401") for path in ("a.py", "web/c.py")} <= found
    assert {path for tool, path, code in found if code == "W0611"} == {"a.py", "api/inner/b.py"}
    assert {path for tool, path, code in found if tool == "ruff"} == {"web/c.py"}
    counted = sum(t.findings for t in result.tools)
    assert counted == len(result.findings)


async def test_missing_dependencies_are_environment_and_missing_own_modules_are_not(
    tmp_path: Path,
):
    source = (
        "import celery\nimport winreg\nfrom google.cloud import storage\n"
        "from pkg import nothing\nimport tool.missing\n"
    )
    result = await lint(
        tmp_path, {"a.py": source, "pkg/__init__.py": "", "tool/x.txt": "", "tool/y.py": ""}
    )
    found = {f.message: f.environment for f in result.findings if f.code in {"E0401", "E0611"}}
    assert found == {
        "Unable to import 'celery'": True,
        "Unable to import 'winreg'": True,
        "Unable to import 'google.cloud'": True,
        "No name 'nothing' in module 'pkg'": False,
        "Unable to import 'tool.missing'": False,
        "No name 'missing' in module 'tool'": False,
    }


async def test_broken_files_lose_only_their_own_results(tmp_path: Path):
    result = await lint(
        tmp_path,
        {
            "good.py": "import os\n",
            "syntax.py": "def f(:\n",
            "null.py": b"x = 1\x00\n",
            "latin.py": b"x = '\xff'\n",
            "deep.py": "(" * 5000 + ")" * 5000 + "\n",
            "-dash.py": "import os\n",
            "a name with spaces.py": "import os\n",
            "naïve.py": "import os\n",
            "empty.py": "",
        },
    )
    for name in ("good.py", "-dash.py", "a name with spaces.py", "naïve.py"):
        assert {"W0611", "F401"} <= codes(result, name), name
    assert "E0001" in codes(result, "syntax.py")
    assert "E999" in codes(result, "syntax.py")
    assert codes(result, "null.py") & {"E0001", "F0010"}
    assert codes(result, "latin.py") & {"E0001", "F0010"}
    named = {path for tool in result.tools for path in tool.failed_files}
    assert named <= {"deep.py"}
    assert codes(result, "deep.py") or "deep.py" in named


async def test_a_file_of_50000_lines_is_judged(tmp_path: Path):
    source = "\n".join(f"print({i})" if i % 100 == 0 else "# ." for i in range(50_000)) + "\n"
    result = await lint(tmp_path, {"big.py": source}, seconds=100)
    assert "C0302" in codes(result, "big.py")
    assert (result.code_lines, result.partial) == (500, False)


async def test_no_python_files_needs_no_linter(tmp_path: Path):
    sandbox = PlainSandbox()
    linter = Linter(sandbox=sandbox, versions={}, python_version="3.11")
    result = await linter.lint_tree(a_checkout(tmp_path, {"README.md": "# x\n"}), 10)
    assert (result.python_files, result.findings, result.tools, sandbox.jobs) == (0, (), (), [])


async def test_configuration_that_names_missing_plugins_is_a_notice(tmp_path: Path):
    rc = "[MASTER]\nload-plugins=not_there\nno-such-option=1\n"
    result = await lint(tmp_path, {".pylintrc": rc, "a.py": '"""Doc."""\n'})
    assert result.findings == ()
    notices = result.tools[0].notices
    assert any("not_there" in n for n in notices)
    assert any("no-such-option" in n for n in notices)
    assert not any(str(tmp_path) in n for n in notices)


async def test_broken_flake8_configuration_is_named_and_never_clean(tmp_path: Path):
    result = await lint(
        tmp_path, {".flake8": "[flake8]\nignore = E501 # why\n", "a.py": "import os\n"}
    )
    flake8 = result.tools[1]
    assert flake8.outcome is ToolOutcome.CRASHED
    assert "# why" in flake8.reason or "#" in flake8.reason
    assert result.partial
    assert codes(result, "a.py") >= {"W0611"}


async def test_a_configuration_that_ruff_refuses_is_told_without_our_paths(tmp_path: Path):
    files: dict[str, str | bytes] = {"ruff.toml": "no-such-option = true\n", "a.py": ""}
    ruff = (await lint(tmp_path, files)).tools[2]
    assert ruff.outcome is ToolOutcome.CRASHED
    assert "no-such-option" in ruff.reason
    assert str(tmp_path) not in ruff.reason


async def test_excluded_files_stay_excluded(tmp_path: Path):
    result = await lint(
        tmp_path,
        {
            "setup.cfg": "[flake8]\nexclude = old,older\n"
            "[pylint.main]\nignore = old\nignore-paths = ^older/.*$\n",
            "old/a.py": "import os\n",
            "older/a.py": "import os\n",
            "new.py": "import os\n",
        },
    )
    assert codes(result, "old/a.py") == codes(result, "older/a.py") == set()
    assert codes(result, "new.py") >= {"W0611", "F401"}


class CrashingSandbox(PlainSandbox):
    """Kills every run that includes one file, as a memory limit would."""

    async def run(self, job: SandboxJob) -> SandboxResult:
        named = any("bad.py" in argument for argument in job.argv)
        # flake8 walks the root: there a file is judged unless it is excluded.
        if named is not (job.argv[0] == "flake8"):
            self.jobs.append(job)
            return SandboxResult(
                ending=Ending.KILLED, exit_code=None, stdout=b"{", stderr=b"", reason="memory limit"
            )
        return await super().run(job)


async def test_file_that_kills_the_linter_is_isolated_and_named(tmp_path: Path):
    names = [*(f"m{i}.py" for i in range(5)), "bad.py"]
    checkout = a_checkout(tmp_path, dict.fromkeys(names, "import os\n"))
    linter = Linter(sandbox=CrashingSandbox(), versions={}, python_version="3.11")
    result = await linter.lint_tree(checkout, 100)
    for tool in result.tools:
        assert (tool.outcome, tool.failed_files) == (ToolOutcome.OK, ("bad.py",))
        assert tool.partial
        assert any("memory limit" in notice for notice in tool.notices)
    assert all(codes(result, name) >= {"W0611", "F401"} for name in names[:-1])


class HandClock:
    """Time that passes only when told."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds


class HangingSandbox(PlainSandbox):
    """pylint never ends on ``bad.py``; all else takes a second."""

    def __init__(self, clock: HandClock) -> None:
        super().__init__()
        self.clock = clock

    async def run(self, job: SandboxJob) -> SandboxResult:
        if job.argv[0] == "pylint" and any(a.endswith("bad.py") for a in job.argv):
            self.clock.seconds += job.timeout_seconds
            return SandboxResult(ending=Ending.TIMED_OUT, exit_code=None, stdout=b"", stderr=b"")
        self.clock.seconds += job.argv[0] == "pylint"
        return await super().run(job)


@pytest.mark.parametrize("bad", ["a-bad.py", "z-bad.py"])
async def test_a_file_on_which_a_tool_never_ends_leaves_the_others_their_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bad: str
):
    clock = HandClock()
    monkeypatch.setattr("lintbot.pipeline.lint.time", clock)
    monkeypatch.setattr("lintbot.pipeline.group_run.time", clock)
    names = [bad, *(f"m{i}.py" for i in range(4))]
    checkout = a_checkout(tmp_path, dict.fromkeys(names, "import os\n"))
    linter = Linter(sandbox=HangingSandbox(clock), versions={}, python_version="3.11")
    result = await linter.lint_tree(checkout, 280)
    assert clock.seconds <= 280
    pylint = result.tools[0]
    assert (pylint.outcome, pylint.failed_files) == (ToolOutcome.OK, (bad,))
    assert all("W0611" in codes(result, name) for name in names[1:])


class SlowSandbox(PlainSandbox):
    """pylint and mypy wait for flake8, but not for ever."""

    def __init__(self) -> None:
        super().__init__()
        self.flake8_ended = asyncio.Event()
        self.ended: list[str] = []

    async def run(self, job: SandboxJob) -> SandboxResult:
        if job.argv[0] in {"pylint", "mypy"}:
            with suppress(TimeoutError):
                async with asyncio.timeout(10):
                    await self.flake8_ended.wait()
        result = await super().run(job)
        self.ended.append(job.argv[0])
        if job.argv[0] == "flake8":
            self.flake8_ended.set()
        return result


async def test_quick_tools_never_wait_for_slow_ones(tmp_path: Path):
    files = {f"{name}/mypy.ini": "[mypy]\n" for name in "abc"}
    files |= {f"{name}/{name}.py": "import os\n" for name in "abc"}
    sandbox = SlowSandbox()
    linter = Linter(sandbox=sandbox, versions={}, python_version="3.11")
    result = await linter.lint_tree(a_checkout(tmp_path, {**files}), 60)
    assert [it.tool for it in result.tools] == ["pylint", "flake8", "mypy", "mypy", "mypy"]
    # The neutral profile's ruff waits for no turn.
    assert next(it for it in sandbox.ended if it != "ruff") == "flake8"


class DeadSandbox(PlainSandbox):
    def __init__(self, ending: Ending) -> None:
        super().__init__()
        self.ending = ending

    async def run(self, job: SandboxJob) -> SandboxResult:
        self.jobs.append(job)
        return SandboxResult(
            ending=self.ending, exit_code=None, stdout=b"", stderr=b"", reason="gone"
        )


async def test_time_out_is_named(tmp_path: Path):
    linter = Linter(sandbox=DeadSandbox(Ending.TIMED_OUT), versions={}, python_version="3.11")
    result = await linter.lint_tree(a_checkout(tmp_path, {"a.py": "", "b.py": ""}), 60)
    assert {t.outcome for t in result.tools} == {ToolOutcome.TIMED_OUT}
    assert all(t.reason and t.failed_files == ("a.py", "b.py") for t in result.tools)


async def test_a_linter_that_gives_way_does_so_in_all_it_runs(tmp_path: Path):
    sandbox = DeadSandbox(Ending.TIMED_OUT)
    linter = Linter(sandbox=sandbox, versions={}, python_version="3.11")
    checkout = a_checkout(tmp_path, {"a.py": "import os\n"})
    usual = await linter.lint_tree(checkout, 60)
    assert {job.gives_way for job in sandbox.jobs} == {False}
    count = len(sandbox.jobs)
    assert await linter.giving_way().lint_tree(checkout, 60) == usual
    assert {job.gives_way for job in sandbox.jobs[count:]} == {True}


async def test_without_a_sandbox_nothing_is_judged(tmp_path: Path):
    linter = Linter(sandbox=DeadSandbox(Ending.NO_SANDBOX), versions={}, python_version="3.11")
    with pytest.raises((SandboxUnavailableError, ExceptionGroup)):
        await linter.lint_tree(a_checkout(tmp_path, {"a.py": ""}), 60)


def test_results_key_knows_every_version():
    sandbox = PlainSandbox()
    keys = {
        Linter(sandbox=sandbox, versions=versions, python_version=python).results_key
        for versions in ({"pylint": "1"}, {"pylint": "2"})
        for python in ("3.11", "3.12")
    }
    assert len(keys) == 4
