"""``lintbot scan``, as a person runs it: the real command, git, sandbox and linters."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lintbot.git.history import init_repository, last_commits
from tests.support.needs import need

CLEAN = '"""A module."""\n\nVALUE = 1\n'
WORSE = CLEAN + "import os\n"
LAXER = "[flake8]\nextend-ignore = E402\n[pylint.main]\ndisable = C0413,C0411\n"


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder for all: the linters' own environment is built once."""
    folder = tmp_path_factory.mktemp("data")
    folder.chmod(0o755)
    return folder


@pytest.fixture
def work(tmp_path: Path) -> Path:
    work = tmp_path / "work"
    files = {"a.py": CLEAN, "setup.cfg": LAXER}
    init_repository(work, (("clean", files), ("worse", {"a.py": WORSE})))
    return work


def scan(data_dir: Path, *words: str | Path, cwd: Path | None = None, **more: str):
    done = subprocess.run(
        [sys.executable, "-m", "lintbot", "scan", *map(str, words)],
        env={**os.environ, "LINTBOT_DATA_DIR": str(data_dir), **more},
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )
    need("no sandbox holds" not in done.stderr or bool(more), "a sandbox tier that holds")
    return done


def test_text_tells_place_tool_and_score(data_dir: Path, work: Path):
    done = scan(data_dir, ".", cwd=work)
    assert done.returncode == 1, done.stderr
    assert "a.py:4:1: warning: pylint W0611 (unused-import) Unused import os" in done.stdout
    assert "flake8 7" in done.stdout
    assert "configured by setup.cfg" in done.stdout
    # Two warnings of 4 points in 3 lines of code: 10 * 3 / (3 + 8), cut.
    assert (
        "score 2.72 F: 0 errors, 2 warnings, 0 remarks in 3 lines of code (lint-1)" in done.stdout
    )
    assert str(data_dir) not in done.stdout


def test_only_what_is_new_counts_against_a_base(data_dir: Path, work: Path):
    first, second = (commit.sha for commit in last_commits(work, 2))
    done = scan(data_dir, work, "--base", first)
    assert (done.returncode, f"compared with {first[:7]}: 2 new" in done.stdout) == (1, True)
    done = scan(data_dir, work, "--base", second)
    assert (done.returncode, "0 new, 2 unchanged, 0 fixed" in done.stdout) == (0, True)


def test_json_and_sarif_hold_the_same_findings(data_dir: Path, work: Path):
    plain = json.loads(scan(data_dir, work, "--format", "json").stdout)
    sarif = json.loads(scan(data_dir, work, "--format", "sarif").stdout)
    expected = {(f["tool"], f["code"], f["path"], f["line"]) for f in plain["result"]["findings"]}
    found = {
        (
            run["tool"]["driver"]["name"],
            result["ruleId"],
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            result["locations"][0]["physicalLocation"]["region"]["startLine"],
        )
        for run in sarif["runs"]
        for result in run["results"]
    }
    assert found == expected == {("pylint", "W0611", "a.py", 4), ("flake8", "F401", "a.py", 4)}
    assert plain["score"]["value"] == "2.72"


def test_markdown_is_a_table(data_dir: Path, work: Path):
    out = scan(data_dir, work, "--format", "markdown").stdout
    assert "| `a.py:4:1` | warning | `flake8:F401` |" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nowhere",), "nowhere is not a folder: give the path of a project"),
        ((".", "--base", "nothing"), "give a commit or branch that shares history with HEAD"),
    ],
)
def test_mistakes_get_an_answer(data_dir: Path, work: Path, words: tuple[str, ...], message: str):
    done = scan(data_dir, *words, cwd=work)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_data_folder_that_cannot_be_written(work: Path):
    done = scan(Path("/proc/nothing"), work)
    assert done.returncode == 1
    assert "set LINTBOT_DATA_DIR to a folder that can" in done.stderr


def test_without_a_sandbox_nothing_is_linted(data_dir: Path, work: Path):
    """Tier B needs bubblewrap, which this process does not find."""
    code = "from lintbot.sandbox import launch; launch.find_bubblewrap = lambda: None; "
    code += "from lintbot.__main__ import main; raise SystemExit(main())"
    done = subprocess.run(
        [sys.executable, "-c", code, "scan", str(work)],
        env={**os.environ, "LINTBOT_DATA_DIR": str(data_dir), "LINTBOT_SANDBOX": "B"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "no sandbox holds, nothing is linted (B: bubblewrap is not installed)" in done.stderr
    assert done.stdout == ""


def test_linters_know_the_builtins_that_they_know_where_people_run_them(
    data_dir: Path, tmp_path: Path
):
    """The site module makes them, which the sandbox's interpreter is started without."""
    work = tmp_path / "work"
    code = '"""A."""\nimport sys\n\ncopyright = "x"\nprint(credits, license, help, quit)\nexit(1)\n'
    init_repository(work, (("all", {"a.py": code}),))
    plain = set()
    for words in (("flake8",), ("pylint", "--score=n")):
        said = subprocess.run(
            [sys.executable, "-m", *words, "a.py"],
            cwd=work,
            capture_output=True,
            text=True,
            check=False,
        ).stdout
        plain |= set(re.findall(r"a\.py:(\d+):\d+:? ([A-Z]\d+)", said))
    ours = re.findall(r"a\.py:(\d+):\d+: \w+: \w+ ([A-Z]\d+)", scan(data_dir, work).stdout)
    assert set(ours) == plain
    assert ("6", "R1722") in plain
