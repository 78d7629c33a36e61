"""Our badges beside those of badge-maker from npm: the bytes, and the pixels that Chromium draws.

``python -m benchmarks.badge_pixels`` draws all 200 pairs; browsers take long for rare characters.
"""

from __future__ import annotations

import pytest

from lintbot.report.badge_svg import Style, render_svg
from tests.support.badge_maker import (
    PAIRS,
    count_differing_pixels,
    open_canvas,
    render_ours,
    render_theirs,
)
from tests.support.chromium import a_tab

pytestmark = [pytest.mark.chromium, pytest.mark.timeout(180)]

ASCII = [it for it in PAIRS if (it["label"] + it["message"]).isascii()]


@pytest.mark.parametrize("style", Style)
async def test_without_a_title_the_bytes_are_those_of_badge_maker(style: Style) -> None:
    assert len(PAIRS) == 200
    assert render_ours(PAIRS, style) == await render_theirs(PAIRS, style)


async def test_no_pixel_differs_where_text_is_ascii() -> None:
    differing: dict[Style, int] = {}
    async with a_tab() as tab:
        await open_canvas(tab)
        for style in Style:
            ours = render_ours(ASCII[::3], style, title="what a pointer shows")
            theirs = await render_theirs(ASCII[::3], style)
            differing[style] = sum(await count_differing_pixels(tab, ours, theirs))
        one, two = (
            render_svg(label="lint", message=it, color="red", style=Style.FLAT) for it in "12"
        )
        assert sum(await count_differing_pixels(tab, [one], [two])) > 0
    assert differing == dict.fromkeys(Style, 0)
