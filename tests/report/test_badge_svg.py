"""Badges against badge-maker 6.0.0, byte for byte, and against any text."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintbot.report.badge_svg import COLORS, Style, render_svg

GOLDEN: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "badge_maker_6.json").read_text()
)["badges"]
SVG = "{http://www.w3.org/2000/svg}"


def _digits(svg: str) -> str:
    return sha256(svg.encode()).hexdigest()[:16]


@pytest.mark.parametrize("style", Style)
def test_bytes_are_those_of_badge_maker(style: Style) -> None:
    different = [
        (badge["label"], badge["message"])
        for badge in GOLDEN
        if _digits(
            render_svg(
                label=badge["label"], message=badge["message"], color=badge["color"], style=style
            )
        )
        != badge["sha256"][style]
    ]
    assert len(GOLDEN) == 200
    assert different == []


@given(st.text(), st.text(), st.text(), st.sampled_from(Style))
def test_any_text_gives_well_formed_svg_that_holds_it(
    label: str, message: str, title: str, style: Style
) -> None:
    svg = render_svg(label=label, message=message, color="red", style=style, title=title)
    root = ET.fromstring(svg.encode())
    assert root.tag == f"{SVG}svg"
    allowed = {"svg", "title", "g", "rect", "text", "filter", "feGaussianBlur", "style", "path"}
    allowed |= {"linearGradient", "stop", "clipPath"}
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= allowed


@given(st.text(max_size=300), st.text(max_size=300), st.sampled_from(Style))
def test_width_of_the_picture_is_positive_and_grows_with_the_text(
    label: str, message: str, style: Style
) -> None:
    one = ET.fromstring(render_svg(label=label, message=message, color="red", style=style).encode())
    two = ET.fromstring(
        render_svg(label=label, message=message + "mm", color="red", style=style).encode()
    )
    assert 0 < float(one.attrib["width"]) < float(two.attrib["width"])


def test_the_title_is_what_a_screen_reader_says() -> None:
    svg = render_svg(label="lint", message="9.42", color="green", title='9.42 <commit "a">')
    root = ET.fromstring(svg)
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == root.findtext(f"{SVG}title") == '9.42 <commit "a">'


def test_white_text_can_be_read_on_every_color() -> None:
    """badge-maker turns to dark text above a brightness of 0.69; none of ours needs that."""
    for name, color in COLORS.items():
        digits = color[1:] if len(color) == 7 else "".join(2 * digit for digit in color[1:])
        red, green, blue = bytes.fromhex(digits)
        assert (red * 299 + green * 587 + blue * 114) / 255_000 <= 0.69, name
