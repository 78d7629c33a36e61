"""What linters remember, kept in files: whose it is, and how much."""

from __future__ import annotations

import os
import time
from pathlib import Path

from lintbot.model.ids import RepositoryId
from lintbot.model.memory import Lines
from lintbot.ports import Memory
from lintbot.store.memories import MemoryLimits, StoredMemories

MAIN = Lines(reads=("main",), writes="main")
TOPIC = Lines(reads=("topic", "main"), writes="topic")
FORK = Lines(reads=("main",), writes=None)
SMALL = MemoryLimits(total_bytes=300, repository_bytes=200, part_bytes=100, unused_seconds=1000)


def opened(folder: Path, repository: int, lines: Lines, limits: MemoryLimits = SMALL) -> Memory:
    memories = StoredMemories(folder=folder, limits=limits)
    memory = memories.open(RepositoryId(repository), lines)
    assert memory is not None
    return memory


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def test_a_branch_reads_its_own_line_else_the_default_branchs(tmp_path: Path):
    opened(tmp_path, 1, MAIN).keep("pylint ", b"of main")
    assert opened(tmp_path, 1, TOPIC).recall("pylint ") == b"of main"
    opened(tmp_path, 1, TOPIC).keep("pylint ", b"of topic")
    assert opened(tmp_path, 1, TOPIC).recall("pylint ") == b"of topic"
    assert opened(tmp_path, 1, MAIN).recall("pylint ") == b"of main"
    assert opened(tmp_path, 1, MAIN).recall("pylint packages/a") == b""


def test_a_fork_and_another_repository_leave_nothing(tmp_path: Path):
    opened(tmp_path, 1, FORK).keep("pylint ", b"a lie")
    assert list(tmp_path.iterdir()) == []
    opened(tmp_path, 1, MAIN).keep("pylint ", b"the truth")
    opened(tmp_path, 1, FORK).keep("pylint ", b"a lie")
    opened(tmp_path, 2, MAIN).keep("pylint ", b"a lie")
    opened(tmp_path, 11, MAIN).keep("pylint ", b"a lie")
    assert opened(tmp_path, 1, MAIN).recall("pylint ") == b"the truth"
    assert opened(tmp_path, 1, FORK).recall("pylint ") == b"the truth"


def test_nothing_grows_beyond_its_room_and_the_least_used_goes_first(tmp_path: Path):
    for number in range(10):
        opened(tmp_path, 1, MAIN).keep(f"part {number}", bytes(90))
        _age(tmp_path, 10)
    assert size(tmp_path) == 180
    assert opened(tmp_path, 1, MAIN).recall("part 9")
    assert not opened(tmp_path, 1, MAIN).recall("part 0")
    _age(tmp_path, 10)
    assert opened(tmp_path, 1, MAIN).recall("part 8")
    _age(tmp_path, 10)
    for repository in (2, 3):
        opened(tmp_path, repository, MAIN).keep("part", bytes(90))
    assert size(tmp_path) == 270
    assert opened(tmp_path, 1, MAIN).recall("part 8")
    assert not opened(tmp_path, 1, MAIN).recall("part 9")


def test_what_is_too_large_or_unused_is_not_kept(tmp_path: Path):
    opened(tmp_path, 1, MAIN).keep("part", b"small")
    opened(tmp_path, 1, MAIN).keep("part", bytes(101))
    assert opened(tmp_path, 1, MAIN).recall("part") == b"small"
    (tmp_path / ".1-half.written").write_bytes(b"x")
    _age(tmp_path, 5000)
    StoredMemories(folder=tmp_path, limits=SMALL).prune()
    assert list(tmp_path.iterdir()) == []


def test_half_written_files_are_left_to_their_writer(tmp_path: Path):
    (tmp_path / ".1-half.written").write_bytes(bytes(500))
    opened(tmp_path, 1, MAIN).keep("part", b"small")
    assert size(tmp_path) == 505


def test_what_is_out_of_reach_is_forgotten(tmp_path: Path):
    for repository in (1, 11):
        opened(tmp_path, repository, MAIN).keep("part", b"code")
    (tmp_path / ".1-half.written").write_bytes(b"x")
    memories = StoredMemories(folder=tmp_path, limits=SMALL)
    assert memories.list_repositories() == {1, 11}
    memories.forget([RepositoryId(1)])
    assert memories.list_repositories() == {11}


def test_without_room_nothing_is_opened(tmp_path: Path):
    none = StoredMemories(folder=tmp_path, limits=MemoryLimits(total_bytes=0))
    assert none.open(RepositoryId(1), MAIN) is None


def _age(folder: Path, seconds: float) -> None:
    for path in folder.iterdir():
        then = path.stat().st_mtime - seconds
        os.utime(path, (then, min(then, time.time())))
