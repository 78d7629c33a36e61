"""Whose memory a lint run reads and writes."""

from __future__ import annotations

import pytest

from lintbot.model.memory import Lines, choose_lines


@pytest.mark.parametrize(
    ("branch", "reads", "writes"),
    [
        ("main", ("main",), "main"),
        ("topic", ("topic", "main"), "topic"),
        ("refs/pull/7/head", ("main",), None),
        ("gh-readonly-queue/main/pr-7-0123", ("main",), None),
        ("", ("main",), None),
        (None, ("main",), None),
    ],
)
def test_only_branches_of_the_repository_are_remembered(
    branch: str | None, reads: tuple[str, ...], writes: str | None
):
    assert choose_lines(branch, "main", fresh=False) == Lines(reads=reads, writes=writes)


def test_a_run_that_is_asked_for_again_recalls_nothing():
    assert choose_lines("topic", "main", fresh=True) == Lines(reads=(), writes="topic")
