"""Histories, fetched over HTTP without contents: who committed when, and no names."""

from __future__ import annotations

import dataclasses
import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lintbot.errors import PermanentError
from lintbot.git.command import Git, find_git
from lintbot.git.commits import parse_commits, parse_tags
from lintbot.git.histories import GitHistories
from lintbot.model.history import History
from lintbot.model.ids import Sha
from tests.git.host import Host, git

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
ANN, BOB = "Ann <ann@example.org>", "Bob <bob@example.org>"


@pytest.fixture
def histories(tmp_path: Path) -> GitHistories:
    (tmp_path / "mirrors").mkdir()
    return GitHistories(
        git=Git(find_git(os.environ), environ=os.environ), mirrors=tmp_path / "mirrors"
    )


class Past:
    """Commits of chosen people on chosen days, one after another."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.tip = ""

    def commit(self, days_ago: int, author: str, file: str, message: str = "x") -> Sha:
        """Commit a file that says something new."""
        blob = self.host.blob(f"{days_ago} {author}")
        before = git(self.host.work, "ls-tree", self.tip).splitlines() if self.tip else []
        kept = [line for line in before if not line.endswith(f"\t{file}")]
        tree = git(
            self.host.work, "mktree", stdin="\n".join([*kept, f"100644 blob {blob}\t{file}\n"])
        )
        name, _, address = author.removesuffix(">").partition(" <")
        moment = f"{int((NOW - timedelta(days=days_ago)).timestamp())} +0000"
        who = {"NAME": name, "EMAIL": address, "DATE": moment}
        parents = ["-p", self.tip] if self.tip else []
        settings = [f"GIT_{role}_{it}={who[it]}" for role in ("AUTHOR", "COMMITTER") for it in who]
        self.tip = _env(self.host.work, settings, "commit-tree", tree, *parents, "-m", message)
        return Sha(self.tip)


def _env(path: Path, settings: list[str], *arguments: str) -> str:
    done = subprocess.run(
        ["env", *settings, "git", *arguments], cwd=path, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


async def read(
    histories: GitHistories, host: Host, sha: str, mailmap: Path | None = None
) -> History:
    return await histories.read(host.source(), Sha(sha), NOW, mailmap)


async def test_people_are_numbers_and_what_they_changed_is_known(
    host: Host, histories: GitHistories, tmp_path: Path
):
    past = Past(host)
    past.commit(400, ANN, "a.py")
    past.commit(80, BOB, "a.py")
    git(host.work, "tag", "v1.0", past.tip)
    past.commit(50, "dependabot[bot] <1+dependabot[bot]@users.noreply.github.com>", "r.txt")
    past.commit(9, "Ann <ann@home.example>", "README.md", f"x\n\nCo-authored-by: {BOB}")
    past.commit(2, ANN, "a.py")
    (tmp_path / "map").write_text("Ann <ann@example.org> <ann@home.example>\n")
    history = await read(histories, host, past.tip, tmp_path / "map")
    newest, docs, bot, bob, oldest = history.commits
    (ann,) = newest.people
    assert set(docs.people) == {ann, *bob.people}
    assert len({ann, *bob.people, *oldest.people}) == 2
    assert (bot.bot, bot.people) == (True, ())
    assert [it.code for it in history.commits] == [True, False, False, True, None]
    assert (history.tags, history.newest_tag) == (1, (NOW - timedelta(days=80)).date())
    assert history.whole
    told = str(dataclasses.asdict(history))
    assert not any(word in told for word in ("Ann", "Bob", "example.org"))


async def test_no_contents_are_fetched_and_the_next_time_only_what_is_new(
    host: Host, histories: GitHistories
):
    past = Past(host)
    for day in range(300, 0, -3):
        past.commit(day, ANN, f"f{day}.py")
    await read(histories, host, past.tip)
    first = host.git.bytes_sent
    mirror = next(histories.mirrors.glob("*.history.git"))
    kinds = git(mirror, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)").split()
    assert "blob" not in kinds
    past.commit(0, BOB, "new.py")
    history = await read(histories, host, past.tip)
    assert len(history.commits) == 101
    assert host.git.bytes_sent - first < first / 3


async def test_old_histories_and_young_ones(host: Host, histories: GitHistories):
    past = Past(host)
    past.commit(3000, ANN, "a.py")
    past.commit(2000, ANN, "a.py")
    ancient = await read(histories, host, past.tip)
    assert ancient.commits == ()
    past.commit(5, BOB, "a.py")
    grown = await read(histories, host, past.tip)
    assert [len(it.people) for it in grown.commits] == [1]
    assert not grown.whole


async def test_a_commit_that_is_not_there(host: Host, histories: GitHistories):
    with pytest.raises(PermanentError):
        await read(histories, host, "0123" * 10)


def test_records_that_make_no_sense_are_left_out():
    good = b"1" * 40 + b"\n1700000000\nAnn\nann@x\n"
    log = b"\0".join([b"noise", good, b"2" * 40 + b"\nlater\nAnn\nann@x\n", b"\xff"])
    assert [sha for sha, _ in parse_commits(log, b"salt")] == ["1" * 40]
    listing = "a\trefs/tags/v1\nb\trefs/tags/v1^{}\nc\trefs/tags/latest\n"
    assert parse_tags(listing) == {"v1": "b"}
