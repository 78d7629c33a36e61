"""What docs/security.md says is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lintbot.git.limits import GitLimits, MirrorLimits, TreeLimits
from lintbot.github.manifest import PERMISSIONS
from lintbot.sandbox.jail import watch
from lintbot.sandbox.launch import SANDBOX_USER
from lintbot.sandbox.limits import MIB, Limits
from lintbot.sandbox.servers import JOBS_PER_SERVER
from lintbot.store import backlog

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "security.md").read_text()
ROWS = dict(re.findall(r"^\| ([^|]+) \| ([^|]+?) \|", TEXT, re.MULTILINE))
JOB, TREE, GIT, MIRRORS = Limits(), TreeLimits(), GitLimits(), MirrorLimits()

NUMBERS = {
    "memory (address space)": JOB.memory_bytes // MIB,
    "output, each stream": JOB.output_bytes // MIB,
    "size of a file": JOB.file_bytes // MIB,
    "open files": JOB.open_files,
    "jobs of one server": JOBS_PER_SERVER,
    "entries of a tree": TREE.files,
    "size of a file, else left out and named": TREE.file_bytes // MIB,
    "all files together": TREE.tree_bytes // MIB,
    "length of a path": TREE.path_bytes,
    "folders above a file": TREE.depth,
    "one fetch": int(GIT.fetch_seconds),
    "listing and laying out": int(GIT.read_seconds),
    "memory of a git process": GIT.memory_bytes // MIB,
    "size of a pack": GIT.pack_bytes // MIB,
    "processor time of a git process": GIT.cpu_seconds,
    "all mirrors": MIRRORS.total_bytes // MIB,
    "mirror": int(MIRRORS.unused_seconds / 86_400),
    "delivery ids": backlog.KEEP_DELIVERIES.days,
    "findings that are kept to compare with (results by commit)": backlog.KEEP_RESULTS.days,
    "findings of a lint run": backlog.KEEP_FINDINGS.days,
    "everything else of such a repository": backlog.KEEP_REMOVED.days,
}


@pytest.mark.parametrize("what", NUMBERS)
def test_the_documented_limit_is_the_default(what: str) -> None:
    found = re.search(r"\d+", ROWS[what])
    assert found is not None
    assert int(found.group()) == NUMBERS[what]


def test_threads_and_user() -> None:
    assert f"ruff and mypy: {JOB.threads}" in ROWS["threads"]
    assert "half" in ROWS["processor time of one file"]
    assert watch.SHARE == 0.5
    assert f"user {SANDBOX_USER}" in TEXT


def test_every_permission_is_explained() -> None:
    text = " ".join(TEXT.split())
    missing = [
        f"{name}: {right}" for name, right in PERMISSIONS.items() if f"{name}: {right}" not in text
    ]
    assert missing == []


def test_every_word_to_search_for_is_in_the_source() -> None:
    table = TEXT.partition("search the source for")[2].partition("No token")[0]
    source = "".join(path.read_text() for path in (ROOT / "lintbot").rglob("*.py"))
    words = re.findall(r"`([^`]+)`", table)
    assert len(words) > 10
    assert [word for word in words if word not in source] == []
