"""From a push to the trust report and the dependency watch, with a real index beside."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from lintbot.standin.state import Repository
from tests.support.app import Deployment, until, write_commit
from tests.support.github import git
from tests.support.index import LocalIndex, make_source

CLEAN = '"""Say what this module is for."""\n'
NOW = datetime.now(UTC)
TRUST_SECONDS = 60.0
POLL_SECONDS = 0.2
OK = 200


async def trust_of(lintbot: Deployment, repository: Repository) -> Any:
    """Return the trust report as soon as there is one."""
    path = f"/api/v1/repos/{repository.full_name}/trust"
    async with asyncio.timeout(TRUST_SECONDS):
        while (answer := await lintbot.get(path))[0] != OK:  # noqa: ASYNC110  nobody announces it
            await asyncio.sleep(POLL_SECONDS)
    return json.loads(answer[1])


async def push(lintbot: Deployment, repository: Repository, requirements: str, **more: str) -> Any:
    before = git(repository.path, "rev-parse", "main")
    files = {"code.py": CLEAN, "requirements.txt": requirements, "LICENSE": "Mine.\n", **more}
    return await lintbot.check(repository, write_commit(repository, {**files}, before))


async def test_requirements_are_judged_on_their_lines_and_the_report_follows(
    lintbot: Deployment, index: LocalIndex
):
    index.list("t-fine", NOW - timedelta(days=9), "1.0")
    index.list("t-old", NOW - timedelta(days=2000), "1.0")
    bad = index.list("t-bad", NOW, "1.0")
    bad.status = {"status": "quarantined", "reason": "<script>mal\nware"}
    yanked = index.list("t-yanked", NOW, "1.0", "2.0")
    yanked.files["t_yanked-1.0-py3-none-any.whl"]["yanked"] = "broken"
    index.list("t-vulnerable", NOW, "1.0", "1.1")
    repository, installation = await lintbot.add_repository("trusty", {"README": "text\n"})
    allowed = {**lintbot.github.app.permissions, "issues": "write"}
    await lintbot.github.accept_permissions(installation, allowed)
    text = "t-fine\nt-bad\n# a remark\nt-yanked==1.0\nt-old\nt-internal\nt-vulnerable==1.0\n"
    wishes = {".lintbot.toml": "dependency_issue = true\n"}
    run = await push(lintbot, repository, text, **wishes)

    assert run.conclusion == "success"
    told = [(it["path"], it["start_line"], it["annotation_level"]) for it in run.annotations]
    assert told == [
        ("requirements.txt", 2, "failure"),
        ("requirements.txt", 7, "failure"),
        ("requirements.txt", 4, "warning"),
    ]
    assert "### Dependencies to look at" in (run.summary or "")
    assert "\\<script\\>" in (run.summary or "")
    words = [it["message"] for it in run.annotations]
    assert "(<script>mal ware)" in words[0]
    assert "known vulnerabilities: PYSEC-0" in words[1]
    assert "version 1.0 is yanked (broken)" in words[2]

    report = await trust_of(lintbot, repository)
    assert (report["formula"], report["commit"]) == ("trust-1", run.head_sha)
    assert {it["name"]: it["state"] for it in report["dependencies"]} == {
        "t-fine": "found",
        "t-bad": "quarantined",
        "t-yanked": "yanked pin",
        "t-old": "stale",
        "t-internal": "not found",
        "t-vulnerable": "vulnerable",
    }
    assert report["caps"] == [
        {"letter": "C", "reason": "t-bad is quarantined."},
        {"letter": "C", "reason": "t-vulnerable is vulnerable."},
    ]
    scores = {it["name"]: it["score"] for it in report["signals"]}
    assert (scores["docs"], scores["licence"], scores["bus-factor"]) == (6.0, 7.1, None)
    assert (await lintbot.get("/badge/trusty/code.svg?metric=dependencies"))[1].count("1 quarant")
    assert index.asked.count(("t-fine", 200)) == 1
    newer = await push(lintbot, repository, "t-fine>=9\n")
    assert [it["title"] for it in newer.annotations] == ["t-fine: nothing satisfies"]
    (issue,) = [it for it in lintbot.github.world.issues if it.repository is repository]
    assert issue.title == "Dependencies: 3 requirements to look at"


async def test_names_of_private_repositories_stay_here_unless_their_owner_agrees(
    lintbot: Deployment, index: LocalIndex
):
    await lintbot.add_repository("secretive")
    silent = await lintbot.github.add_repository("secretive", "silent", private=True)
    open_ = await lintbot.github.add_repository("secretive", "open", private=True)
    for repository in (silent, open_):
        sha = write_commit(repository, {"README": "text\n"})
        git(repository.path, "update-ref", "refs/heads/main", sha)
    agreed = {".lintbot.toml": "watch_private_dependencies = true\nseeks_maintainer = true\n"}
    await push(lintbot, silent, "t-secret\n")  # so its report is made before the other's
    await push(lintbot, open_, "t-open\n", **agreed)
    await until(lambda: ("t-open", 404) in index.asked, "a name is asked for", TRUST_SECONDS)
    assert [name for name, _ in index.asked if name == "t-secret"] == []
    unknown = await lintbot.get("/api/v1/repos/secretive/none/trust")
    assert unknown[0] == 404
    for name in ("silent", "open"):
        assert await lintbot.get(f"/api/v1/repos/secretive/{name}/trust") == unknown


async def package_of(lintbot: Deployment, name: str) -> Any:
    """Return what is known of a package as soon as its report is made, or cannot be."""
    async with asyncio.timeout(TRUST_SECONDS):
        while (told := await lintbot.get_json(f"/api/v1/pypi/{name}"))["waiting"]:  # noqa: ASYNC110  nobody announces it
            await asyncio.sleep(POLL_SECONDS)
    return told


async def test_any_package_is_read_from_its_newest_source_and_never_built(
    lintbot: Deployment, index: LocalIndex, tmp_path: Path
):
    ran = tmp_path / "ran"
    files = {
        "setup.py": f"open({str(ran)!r}, 'w')\n",
        "pyproject.toml": '[project]\nname = "t-source"\nlicense = "MIT"\n[build-system]\n',
        "t_source/__init__.py": '"""Say what this package is for."""\n',
        "../../escaped.py": "x = 1\n",
    }
    good = index.list("t-source", NOW, "2.0")
    good.add("t_source-1.0.tar.gz", NOW, make_source("t_source-1.0", files))
    good.add("t_source-3.0.tar.gz", NOW, b"", yanked="broken")
    bad = index.list("t-wrong", NOW)
    bad.add("t_wrong-1.0.tar.gz", NOW, make_source("t_wrong-1.0", {}), hashes={"sha256": "0" * 64})
    index.list("t-wheel", NOW, "1.0")

    told = await package_of(lintbot, "t-source")
    assert (told["source"], told["presence"], told["trouble"]) == ("t-source 1.0", "found", "")
    scores = {it["name"]: it["score"] for it in told["signals"]}
    assert (scores["docs"], scores["bus-factor"]) == (3.0, None)  # setup.py explains nothing
    assert not ran.exists()
    assert (
        "not the one that the index describes" in (await package_of(lintbot, "t-wrong"))["trouble"]
    )
    assert "no source distribution" in (await package_of(lintbot, "t-wheel"))["trouble"]
    nowhere = await package_of(lintbot, "t-nowhere")
    assert (nowhere["presence"], nowhere["signals"]) == ("not found", None)
    assert "Say what" not in (await lintbot.get("/pypi/t-source"))[1]
