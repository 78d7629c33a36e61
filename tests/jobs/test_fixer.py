"""Whose memory the proof of a patch reads: what its lint run may read, and nothing is written."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from lintbot.fixer import Fixer
from lintbot.model.ids import RepositoryId
from lintbot.model.jobs import Trigger
from lintbot.model.memory import Lines
from lintbot.model.patch import Patch
from tests.support.report_values import REPOSITORY_ID, a_job


class World:
    """All that a fixer asks; it makes a patch of anything."""

    def __init__(self) -> None:
        self.opened: list[tuple[RepositoryId, Lines]] = []
        self.read: list[object] = []
        self.saved: list[Patch] = []

    def load(self, _run_id: object) -> Any:
        return SimpleNamespace(judgement=SimpleNamespace(result=None), posted_at=None)

    def is_superseded(self, _job: object) -> bool:
        return False

    def load_target(self, _run_id: object) -> Any:
        return "target", SimpleNamespace(default_branch="main")

    async def git_source(self, target: object) -> Any:
        assert target == "target"

    def open(self, repository_id: RepositoryId, lines: Lines) -> Any:
        self.opened.append((repository_id, lines))
        return lines

    async def make_patch(self, _lay_out: object, _sha: str, _result: None, memory: object) -> Patch:
        self.read.append(memory)
        return Patch(text="a patch", claims=(), files=1)

    def save(self, _repository_id: object, _sha: object, patch: Patch) -> None:
        self.saved.append(patch)


@pytest.mark.parametrize(
    ("branch", "trigger", "reads"),
    [
        ("main", Trigger.PUSH, ("main",)),
        ("feature", Trigger.PUSH, ("feature", "main")),
        ("refs/pull/7/head", Trigger.PULL_REQUEST, ("main",)),
        (None, Trigger.PUSH, ("main",)),
        ("feature", Trigger.RERUN, ()),
    ],
)
async def test_the_proof_of_a_patch_reads_what_its_run_may_and_writes_nothing(
    branch: str | None, trigger: Trigger, reads: tuple[str, ...]
):
    world: Any = World()
    fixer = Fixer(forge=world, runs=world, trees=world, patches=world, memories=world, mender=world)
    assert await fixer.fix(replace(a_job(), branch=branch, trigger=trigger))
    lines = Lines(reads=reads, writes=None)
    assert (world.opened, world.read) == ([(REPOSITORY_ID, lines)], [lines])
    assert [it.text for it in world.saved] == ["a patch"]
