"""Our badges beside badge-maker's in a browser: differing pixels in each style.

    npm ci --prefix tests/node && python -m benchmarks.badge_pixels

200 label and message pairs in five styles, ours with the title that it has on a README.
"""

from __future__ import annotations

import asyncio

from lintbot.report.badge_svg import Style
from tests.support.badge_maker import (
    PAIRS,
    count_differing_pixels,
    open_canvas,
    render_ours,
    render_theirs,
)
from tests.support.chromium import a_tab

AT_ONCE = 20


async def measure(style: Style) -> None:
    """Draw all pairs in one style and print what differs."""
    ours = render_ours(PAIRS, style, title="lint: what a pointer shows")
    theirs = await render_theirs(PAIRS, style)
    differing: list[int] = []
    async with a_tab() as tab:
        await open_canvas(tab)
        for start in range(0, len(PAIRS), AT_ONCE):
            end = start + AT_ONCE
            differing += await count_differing_pixels(tab, ours[start:end], theirs[start:end])
    ascii_pixels = sum(
        number
        for number, it in zip(differing, PAIRS, strict=True)
        if (it["label"] + it["message"]).isascii()
    )
    print(
        f"{style:14} {sum(map(bool, differing))} of {len(PAIRS)} badges differ, "
        f"{sum(differing)} pixels in all, {ascii_pixels} of them where the text is ASCII",
        flush=True,
    )


async def run() -> None:
    """Measure every style."""
    for style in Style:
        await measure(style)


if __name__ == "__main__":
    asyncio.run(run())
