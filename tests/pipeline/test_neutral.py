"""The neutral profile: the same rules for everybody, by the real ruff."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintbot.model.neutral import NeutralProfile
from lintbot.pipeline.measure import measure
from lintbot.pipeline.neutral import FAMILIES, NAME, read_profile
from lintbot.ports import Ending, SandboxJob, SandboxResult
from tests.support.plain_sandbox import PlainSandbox
from tests.support.trees import a_checkout

DOCS = Path(__file__).parents[2] / "docs" / "score.md"
RULES = [code for codes in FAMILIES.values() for code in codes]


async def profile_of(
    root: Path, files: dict[str, str | bytes], sandbox: PlainSandbox | None = None
) -> NeutralProfile | None:
    checkout, sandbox = a_checkout(root, files), sandbox or PlainSandbox()
    return await measure(sandbox, checkout, ruff_version="1.2", code_lines=1000, seconds=60)


def counts(profile: NeutralProfile | None) -> dict[str, int]:
    assert profile is not None
    return {it.family: it.count for it in profile.families if it.count}


FILES: dict[str, str | bytes] = {
    "a.py": "import os\ndef f(a=[]):\n    return a == None\n",
    "dist/vendored.py": "import os\n",
    "pkg/__init__.py": "import os\n",
    "broken.py": "def f(:\n",
    "latin.py": b"x = '\xff'\n",
    "notes.pyi": "import os\n",
}
FOUND = {"pyflakes": 2, "bugbear": 1, "comparisons": 1}


async def test_what_is_counted(tmp_path: Path):
    profile = await profile_of(tmp_path, FILES)
    found = counts(profile)
    assert found.pop("syntax") >= 2
    assert found == FOUND
    assert profile is not None
    assert (profile.name, profile.ruff_version) == (NAME, "1.2")
    assert profile.score.warnings == 4
    assert profile.findings == sum(it.count for it in profile.families)
    assert profile.per_thousand_lines(profile.findings) == profile.findings


async def test_settings_and_suppressions_change_nothing(tmp_path: Path):
    suppressed = {
        "a.py": "# ruff: noqa\n# ruff: disable[F401]\nimport os\n# ruff: enable[F401]\n"
        "# flake8: noqa\ndef f(a=[]):  # noqa: B006\n    return a == None  # noqa\n",
        "pyproject.toml": "[project]\nrequires-python = '>=3.6'\n"
        "[tool.ruff]\nrequired-version = '>99'\nexclude = ['*']\nlint.select = ['D']\n",
        "pkg/ruff.toml": "no-such-option = 1\n",
        ".lintbot.toml": "exclude = ['*.py']\n[tools]\nruff = false\n",
        ".gitignore": "*\n",
    }
    plain = await profile_of(tmp_path / "plain", FILES)
    assert await profile_of(tmp_path / "settings", FILES | suppressed) == plain


async def test_a_clean_tree_is_clean(tmp_path: Path):
    profile = await profile_of(tmp_path, {"a.py": "X = 1\n"})
    assert counts(profile) == {}
    assert str(profile and profile.score) == "10.00"


class Stopped(PlainSandbox):
    def __init__(self, ending: Ending, exit_code: int | None) -> None:
        super().__init__()
        self.ending, self.exit_code = ending, exit_code

    async def run(self, job: SandboxJob) -> SandboxResult:
        self.jobs.append(job)
        return SandboxResult(
            ending=self.ending, exit_code=self.exit_code, stdout=b"", stderr=b"refused"
        )


async def test_what_was_not_measured_is_unknown_not_clean(tmp_path: Path):
    for ending, exit_code in ((Ending.TIMED_OUT, None), (Ending.EXITED, 2)):
        sandbox = Stopped(ending, exit_code)
        assert await profile_of(tmp_path, FILES, sandbox) is None
    checkout = a_checkout(tmp_path, FILES)
    for lines, seconds in ((0, 9.0), (9, 0.0)):
        measured = measure(sandbox, checkout, ruff_version="1", code_lines=lines, seconds=seconds)
        assert await measured is None
    assert len(sandbox.jobs) == 1


def test_every_rule_is_in_ruff_and_stable():
    ruff = subprocess.run(
        [sys.executable, "-m", "ruff", "rule", "--all", "--output-format=json"],
        capture_output=True,
        check=True,
    )
    known = {rule["code"]: rule for rule in json.loads(ruff.stdout)}
    assert len(set(RULES)) == len(RULES)
    assert [code for code in RULES if "Stable" not in known[code]["status"]] == []


def test_the_rules_stand_in_the_documentation():
    rows = dict(re.findall(r"^\| ([a-z ]+) \| ([A-Z][A-Z0-9 ]+)", DOCS.read_text(), re.MULTILINE))
    assert {family: tuple(codes.split()) for family, codes in rows.items()} == FAMILIES
    assert NAME in DOCS.read_text()


@given(
    st.text(max_size=9)
    | st.sampled_from(["[[]]", "{}", "[" * 99_999, '[{"code": "X1", "count": 1}]'])
)
def test_whatever_else_is_printed_is_no_profile(text: str):
    assert text.strip() in {"", "[]"} or read_profile(text, ruff_version="1", code_lines=1) is None


@pytest.mark.parametrize("text", ["", "[]\n"])
def test_nothing_found_is_a_full_score(text: str):
    profile = read_profile(text, ruff_version="1", code_lines=7)
    assert counts(profile) == {}
    assert str(profile and profile.score) == "10.00"
