"""Shared lines are found as pylint finds them: the same ones, in the same order."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from pylint.checkers import symilar

from lintbot.sandbox.jail.reuse.similar import find_shared

LINES = st.sampled_from(["a = 1", "b = 2", "c = 3", ")", "", "    # a word", "]  # }"])
FILES = st.lists(st.lists(LINES, max_size=30), max_size=6)


def plain(found: list[Any]) -> list[Any]:
    return [
        (
            it.cmn_lines_nb,
            *(it.fst_lset.name, it.fst_file_start, it.fst_file_end),
            *(it.snd_lset.name, it.snd_file_start, it.snd_file_end),
        )
        for it in found
    ]


@given(FILES, st.integers(1, 5))
@example([["a = 1"] * 30, ["a = 1"] * 30], 2)
@example([["a = 1"] * 60, ["a = 1"] * 55], 4)  # so many that pylint pairs them in order
@example([["a = 1", "b = 2", "a = 1", "b = 2", "c = 3"]] * 3, 1)
def test_the_same_is_found(files: list[list[str]], least: int):
    checker = symilar.Symilar(min_lines=least)
    checker.linesets = [symilar.LineSet(f"m{n}", lines) for n, lines in enumerate(files)]
    found = list(find_shared(symilar, checker.linesets, least))
    assert plain(found) == plain(list(checker._iter_sims()))
