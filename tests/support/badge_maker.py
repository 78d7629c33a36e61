"""badge-maker (npm) beside our badges: its SVGs, and how many pixels differ in a browser."""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

from lintbot.report.badge_svg import Style, render_svg
from tests.support.chromium import Tab
from tests.support.needs import need_node_package, need_program

Pair = dict[str, Any]
PAIRS: list[Pair] = json.loads(
    (Path(__file__).parents[1] / "report" / "badge_maker_6.json").read_text(encoding="utf-8")
)["badges"]
"""200 label and message pairs: ASCII, accents, CJK, emoji, right-to-left, empty, 300 characters."""

# Both pictures on white, as wide as the wider one: the number of pixels that are not the same.
COMPARE = """(async (pairs) => {
  const draw = async (svg) => {
    const image = new Image();
    image.src = URL.createObjectURL(new Blob([svg], {type: 'image/svg+xml'}));
    await image.decode();
    URL.revokeObjectURL(image.src);
    return image;
  };
  const pixels = (image, width, height) => {
    const context = new OffscreenCanvas(width, height).getContext('2d');
    context.fillStyle = '#fff';
    context.fillRect(0, 0, width, height);
    context.drawImage(image, 0, 0);
    return new Uint32Array(context.getImageData(0, 0, width, height).data.buffer);
  };
  return Promise.all(pairs.map(async ([one, two]) => {
    const images = await Promise.all([draw(one), draw(two)]);
    const width = Math.max(...images.map(it => it.width), 1);
    const height = Math.max(...images.map(it => it.height), 1);
    const [a, b] = images.map(it => pixels(it, width, height));
    return a.reduce((sum, pixel, i) => sum + (pixel !== b[i]), 0);
  }));
})"""


def render_ours(pairs: list[Pair], style: Style, title: str | None = None) -> list[str]:
    """Return our SVG of each pair."""
    return [
        render_svg(
            label=it["label"], message=it["message"], color=it["color"], style=style, title=title
        )
        for it in pairs
    ]


async def render_theirs(pairs: list[Pair], style: Style) -> list[str]:
    """Return badge-maker's SVG of each pair."""
    need_node_package("badge-maker")
    names = ("label", "message", "color")
    asked = [{name: it[name] for name in names} | {"style": style} for it in pairs]
    script = Path(__file__).parents[1] / "node" / "render.mjs"
    node = await asyncio.create_subprocess_exec(
        need_program("node"), str(script), stdin=PIPE, stdout=PIPE
    )
    out, _ = await node.communicate(json.dumps(asked).encode())
    assert node.returncode == 0
    theirs: list[str] = json.loads(out)
    return theirs


async def open_canvas(tab: Tab) -> None:
    """Open an empty page to draw in."""
    await tab.open("data:text/html,<title>badges</title>")


async def count_differing_pixels(tab: Tab, ours: list[str], theirs: list[str]) -> list[int]:
    """Return for each pair of SVGs how many pixels the browser draws differently."""
    pairs = list(zip(ours, theirs, strict=True))
    numbers: list[int] = await tab.evaluate(f"{COMPARE}({json.dumps(pairs)})")
    return numbers
