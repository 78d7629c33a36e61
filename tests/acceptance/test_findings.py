"""What the linters find, from the push to GitHub and the report page: nothing lost or doubled."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections import Counter
from html import unescape
from pathlib import Path
from typing import Any

from lintbot.pipeline.judge import NO_PYTHON
from lintbot.report.annotations import MAX_ANNOTATIONS
from lintbot.standin.state import CheckRun, Repository
from tests.support.app import Deployment, count_doubled, write_commit
from tests.support.github import git

CLEAN = '"""A module."""\n'
_ROW = re.compile(
    r"<h3><a[^>]*>([^<]*)</a>|"
    r'<p class="where"><a [^>]*>\w+ ([A-Z]\d+)[^<]*</a> · <a [^>]*>line (\d+)'
)
_NEXT = re.compile(r'<a rel="next" href="([^"]+)"')


async def test_two_thousand_findings_are_all_on_the_page_and_capped_on_github(lintbot: Deployment):
    repository, _ = await lintbot.add_repository("many", {"README": "text\n"})
    files = {
        f"part{part:02}.py": '"""A module."""\n\n'
        + "".join(f"A{part}_{line} = missing_{part}_{line}\n" for line in range(50))
        for part in range(20)
    }
    # Each line is found by pylint and by flake8.
    expected = {
        (path, line, code) for path in files for line in range(3, 53) for code in ("E0602", "F821")
    }
    run = await checked(lintbot, repository, files)

    assert (run.conclusion, "2,000 new" in (run.title or "")) == ("failure", True)
    assert (len(run.annotations), count_doubled(run)) == (MAX_ANNOTATIONS, 0)
    sent = {(a["path"], a["start_line"], a["title"].split()[1]) for a in run.annotations}
    assert sent <= expected
    patches = [asked for asked in lintbot.faults.seen if asked.endswith(f"/check-runs/{run.id}")]
    # The first one: it has begun. More, where the linters took long enough to say something early.
    assert len(patches) >= 1 + MAX_ANNOTATIONS // 50

    assert Counter(await rows_of_every_page(lintbot, repository, run)) == Counter(expected)
    report = await report_of(lintbot, repository, run)
    told = [(it["path"], it["line"], it["rule"].split(":")[1]) for it in report["findings"]["new"]]
    assert Counter(told) == Counter(expected)


async def test_a_syntax_error_in_every_file_is_found_in_every_file(lintbot: Deployment):
    repository, _ = await lintbot.add_repository("broken", {"README": "text\n"})
    files = {f"broken{number}.py": f"def f{number}(:\n    pass\n" for number in range(5)}
    run = await checked(lintbot, repository, files)

    assert run.conclusion == "failure"
    report = await report_of(lintbot, repository, run)
    assert {tool["outcome"] for tool in report["tools"]} == {"ok"}
    found = {(it["path"], it["rule"]) for it in report["findings"]["new"]}
    for path in files:
        assert {(path, "pylint:E0001"), (path, "flake8:E999")} <= found
    assert {a["path"] for a in run.annotations} == set(files)


async def test_a_repository_without_python_is_neutral_and_says_why(lintbot: Deployment):
    repository, _ = await lintbot.add_repository("prose", {"README": "text\n"})
    run = await checked(lintbot, repository, {"main.c": "int main(void) { return 0; }\n"})

    assert (run.conclusion, run.annotations) == ("neutral", [])
    assert NO_PYTHON in (run.title or "")
    assert NO_PYTHON in (run.summary or "")
    assert "not judged" in (await lintbot.get("/badge/prose/code.svg"))[1]


async def test_an_empty_repository_is_met_with_its_first_push(lintbot: Deployment):
    repository, _ = await lintbot.add_repository("void")
    assert (await lintbot.get("/gh/void/code"))[0] == 404
    assert "unknown" in (await lintbot.get("/badge/void/code.svg"))[1]

    empty = await lintbot.check(repository, write_commit(repository, {}))
    assert (empty.conclusion, NO_PYTHON in (empty.title or "")) == ("neutral", True)
    first = await lintbot.check(
        repository, write_commit(repository, {"code.py": CLEAN}, empty.head_sha)
    )
    assert first.conclusion == "success"


async def test_files_that_no_linter_can_read_lose_only_their_own_results(lintbot: Deployment):
    repository, _ = await lintbot.add_repository("odd", {"README": "text\n"})
    files: dict[str, str | bytes] = {
        "good.py": f"{CLEAN}\nVALUE = missing\n",
        "null.py": b'"""A module."""\n\nVALUE = "\0"\n',
        "undecodable.py": b'"""A module with \xff in it."""\n',
        "long.py": CLEAN + "# a remark\n" * 50_000,
        "zeros.py": bytes(1000),
    }
    run = await checked(lintbot, repository, files)

    report = await report_of(lintbot, repository, run)
    found = {(it["path"], it["rule"]) for it in report["findings"]["new"]}
    assert {("good.py", "pylint:E0602"), ("good.py", "flake8:F821")} <= found
    assert ("long.py", "pylint:C0302") in found
    named = {path for path, _ in found}
    for tool in report["tools"]:
        assert tool["outcome"] == "ok", tool
        named |= set(tool["failed_files"])
    assert named == set(files)
    assert run.conclusion == "failure"  # for good.py alone


async def test_a_scan_gives_the_same_digits_as_the_check(lintbot: Deployment, tmp_path: Path):
    repository, _ = await lintbot.add_repository("same", {"README": "text\n"})
    files = {
        "pyproject.toml": "[tool.ruff]\n[tool.mypy]\nstrict = true\n[tool.bandit]\n",
        "b.py": "import os\nimport requests\n\ndef f(x=[]):\n    return eval(x), y\n",
        "pkg/__init__.py": "",
        "pkg/a.py": "from . import nothing\nimport b\nprint(undefined)\nprint(undefined)\n",
    }
    run = await checked(lintbot, repository, files)
    report = await report_of(lintbot, repository, run)
    hosted = {it["fingerprint"] for side in report["findings"].values() for it in side}

    scans = [await scan(lintbot, tmp_path / seed, files, seed) for seed in ("1", "2")]
    assert scans[0] == scans[1]
    told = json.loads(scans[0])
    assert told["score"]["value"] == report["score"]["value"]
    assert {it["fingerprint"] for it in told["result"]["findings"]} == hosted
    assert told["result"]["neutral"]["score"]["hundredths"] == round(
        float(report["neutral"]["score"]["value"]) * 100
    )


async def scan(lintbot: Deployment, folder: Path, files: dict[str, str], seed: str) -> bytes:
    """Scan the same files, written in another order, by a process that hashes otherwise."""
    for name in sorted(files, reverse=seed == "2"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[name])
    words = ("-m", "lintbot", "scan", str(folder), "--format=json", "--fail-on=none")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *words,
        env=lintbot.environment(PYTHONHASHSEED=seed),
        stdout=asyncio.subprocess.PIPE,
    )
    stdout, _ = await process.communicate()
    return stdout


async def checked(
    lintbot: Deployment, repository: Repository, files: dict[str, str | bytes] | dict[str, str]
) -> CheckRun:
    """Push these files on top of what is there; return the check run."""
    before = git(repository.path, "rev-parse", "main")
    return await lintbot.check(repository, write_commit(repository, {**files}, before))


async def report_of(lintbot: Deployment, repository: Repository, run: CheckRun) -> Any:
    return await lintbot.get_json(f"/api/v1/repos/{repository.full_name}/runs/{run.head_sha}")


async def rows_of_every_page(
    lintbot: Deployment, repository: Repository, run: CheckRun
) -> list[tuple[str, int, str]]:
    """Read the report page as a person does, from page to page: path, line and code."""
    rows: list[tuple[str, int, str]] = []
    link = f"/gh/{repository.full_name}/runs/{run.head_sha}"
    assert link in run.details_url
    while link:
        status, html = await lintbot.get(link)
        assert status == 200
        path = ""
        for heading, code, line in _ROW.findall(html):
            path = heading or path
            if line:
                rows.append((path, int(line), code))
        following = _NEXT.search(html)
        link = unescape(following[1]) if following else ""
    return rows
