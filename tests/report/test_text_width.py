"""Text widths, from the tables of anafanafo 2.0.0."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintbot.report.text_width import Font, text_width


@pytest.mark.parametrize(
    ("font", "width"),
    [
        (Font.VERDANA_11, 17.33),
        (Font.VERDANA_10, 15.75),
        (Font.VERDANA_10_BOLD, 18.52),
        (Font.HELVETICA_11_BOLD, 16.07),
    ],
)
def test_width_of_a_word(font: Font, width: float) -> None:
    assert text_width("lint", font) == pytest.approx(width)


def test_control_characters_have_no_width() -> None:
    assert text_width("\x00\x1f\x7f", Font.VERDANA_11) == 0


def test_an_unknown_character_counts_like_an_m() -> None:
    assert text_width("\U0010ffff", Font.VERDANA_11) == text_width("m", Font.VERDANA_11)
    assert text_width("\ud800", Font.VERDANA_11) == text_width("m", Font.VERDANA_11)


@given(st.text(), st.text(), st.sampled_from(Font))
def test_width_is_the_sum_of_its_characters(one: str, two: str, font: Font) -> None:
    both = text_width(one + two, font)
    assert both == pytest.approx(text_width(one, font) + text_width(two, font))
    assert both >= 0
