"""Pure: pylint's search for lines that files share, in its order and with its answer, only faster.

pylint compares each file with each other one. Here an index tells which of them share anything, and
what they share is kept in plain tuples.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import product, takewhile
from operator import eq, ne
from typing import Any

Couple = tuple[int, int]
"""Where something shared begins: an index into each of two sets of lines."""


def find_shared(symilar: Any, line_sets: Sequence[Any], least: int) -> Iterator[Any]:
    """Yield what ``Symilar._iter_sims`` yields.

    Args:
        symilar: pylint's module.
        line_sets: of pylint's kind.
        least: how many lines in a row are looked for, at least 1.
    """
    hashed = [symilar.hash_lineset(it, least) for it in line_sets]
    texts = [_texts_with_content(symilar, it) for it in line_sets]
    for first, second, windows in _find_pairs([it.hash_to_index for it in hashed]):
        couples = _find_couples(symilar, hashed[first], hashed[second], windows, least)
        _join_successive(couples)
        for couple, (first_end, second_end, count) in couples.items():
            if count > least and _count_alike(texts, (first, second), couple, count) > least:
                yield symilar.Commonality(
                    cmn_lines_nb=count,
                    fst_lset=line_sets[first],
                    fst_file_start=hashed[first].index_to_lines[couple[0]].start,
                    fst_file_end=first_end,
                    snd_lset=line_sets[second],
                    snd_file_start=hashed[second].index_to_lines[couple[1]].start,
                    snd_file_end=second_end,
                )


def _find_pairs(hashed: Sequence[dict[int, list[int]]]) -> Iterator[tuple[int, int, list[int]]]:
    """Yield the numbers of two sets and the windows that they share, by their place in the first.

    Args:
        hashed: of each set, the places of each window, in the order of their first places.
    """
    holders: dict[int, list[int]] = {}
    for number, windows in enumerate(hashed):
        for window in windows:
            holders.setdefault(window, []).append(number)
    for first, windows in enumerate(hashed):
        shared: dict[int, list[int]] = {}
        for window in windows:
            for second in takewhile(partial(ne, first), reversed(holders[window])):
                shared.setdefault(second, []).append(window)
        for second in sorted(shared):
            yield first, second, shared[second]


def _texts_with_content(symilar: Any, line_set: Any) -> list[str | None]:
    """Return each stripped line, or None where it holds nothing but signs."""
    match = symilar.REGEX_FOR_LINES_WITH_CONTENT.match
    return [line.text if match(line.text) else None for line in line_set.stripped_lines]


def _find_couples(
    symilar: Any, first: Any, second: Any, windows: Sequence[int], least: int
) -> dict[Couple, list[int]]:
    """Return where shared windows begin: the lines where they end, and how many they span."""
    most = symilar._HASH_BUCKET_PRODUCT_LIMIT  # noqa: SLF001  # no other way
    couples: dict[Couple, list[int]] = {}
    for window in windows:
        places = first.hash_to_index[window], second.hash_to_index[window]
        many = len(places[0]) * len(places[1]) > most
        for couple in zip(*places, strict=False) if many else product(*places):
            ends = first.index_to_lines[couple[0]].end, second.index_to_lines[couple[1]].end
            couples[couple] = [*ends, least]
    return couples


def _join_successive(couples: dict[Couple, list[int]]) -> None:
    """Join each couple with those that follow it line by line, as ``remove_successive`` does.

    One that has been joined with its own followers adds one line to the one before it, no more:
    so pylint counts.
    """
    for couple in tuple(couples):
        here, there = couple[0] + 1, couple[1] + 1
        while (following := couples.get((here, there))) is not None:
            joined = couples[couple]
            joined[:] = following[0], following[1], joined[2] + 1
            del couples[here, there]
            here, there = here + 1, there + 1


def _count_alike(
    texts: Sequence[Sequence[str | None]], pair: tuple[int, int], couple: Couple, count: int
) -> int:
    """Count the lines with content that are alike, as ``filter_noncode_lines`` does."""
    first, second = (
        [text for text in texts[number][start : start + count] if text is not None]
        for number, start in zip(pair, couple, strict=True)
    )
    return sum(map(eq, first, second))
