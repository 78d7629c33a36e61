"""What a real browser makes of the pages and of the badge."""

from __future__ import annotations

import pytest
from yarl import URL

from lintbot.errors import TransientError
from lintbot.report.badge_svg import Style
from tests.support.chromium import Tab, a_tab
from tests.support.gallery import (
    NOT_FOUND_PAGES,
    PAGES,
    RUN,
    a_gallery,
    gallery_packages,
    gallery_trust,
)
from tests.support.report_site import a_site
from tests.support.report_values import a_sha

pytestmark = [pytest.mark.chromium, pytest.mark.timeout(180)]

# Every text against what lies behind it, as WCAG 2 measures it; the least of all.
CONTRAST = """(() => {
  const parse = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const color = parse(getComputedStyle(e).backgroundColor);
      if (color.length < 4 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  let least = [21, ''];
  for (const e of document.body.querySelectorAll('*')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (!own || e.closest('svg') || !e.checkVisibility()) continue;
    const [a, b] = [light(parse(getComputedStyle(e).color)), light(behind(e))];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < least[0]) least = [ratio, e.outerHTML.slice(0, 80)];
  }
  return least;
})()"""


async def _look(tab: Tab, where: str) -> None:
    """Look at the page that is open, on three screens, by day and by night."""
    broken = "[...document.images].filter(i => !i.naturalWidth).map(i => i.src)"
    assert await tab.evaluate(broken) == [], where
    assert await tab.evaluate("document.querySelectorAll('h1').length") == 1, where
    for width in (360, 768, 1440):
        for dark in (False, True):
            await tab.show(width, dark=dark)
            look = f"{where} at {width} px, {'dark' if dark else 'light'}"
            assert await tab.evaluate("document.documentElement.scrollWidth") <= width, look
            ratio, element = await tab.evaluate(CONTRAST)
            assert ratio >= 4.5, (look, element)


async def test_every_page_fits_every_screen_and_can_be_read() -> None:
    catalog = a_gallery()
    site = a_site(catalog, gallery_trust(), packages=gallery_packages())
    async with site as client, a_tab() as tab:
        for path in PAGES:
            await tab.open(str(client.make_url(URL(path, encoded=True))))
            await _look(tab, path)
        catalog.failure = TransientError("away")
        await tab.open(str(client.make_url("/gh/octo/project")))
        await _look(tab, "unavailable")
        failed = [it for it in tab.complaints if "Failed to load resource" in it]
        assert tab.complaints == failed
        assert len(failed) == NOT_FOUND_PAGES + 2  # a query that makes no sense, no database


FOCUS = """(() => {
  const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
  return [e.outerHTML.slice(0, 120), style.outlineStyle !== 'none' && box.width > 0];
})()"""
FOCUSABLE = """[...document.querySelectorAll(
  'a[href]:not([tabindex="-1"]), button, input:not([type=hidden]), select, summary, [tabindex="0"]'
)].filter(e => e.checkVisibility()).length"""


@pytest.mark.parametrize("path", ["/gh/octo/project", RUN, "/gh/octo", "/compare", "/"])
async def test_everything_can_be_reached_by_keyboard(path: str) -> None:
    async with a_site(a_gallery(findings=5)) as client, a_tab() as tab:
        await tab.show(768, dark=False)
        await tab.open(str(client.make_url(path)))
        reached = []
        for _ in range(await tab.evaluate(FOCUSABLE)):
            for kind in ("keyDown", "keyUp"):
                await tab.call("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab")
            element, seen = await tab.evaluate(FOCUS)
            assert seen, element
            reached.append(element)
        assert reached[0].startswith('<a class="skip"')
        assert "<body" not in str(reached)


async def test_two_thousand_findings_can_be_walked_through() -> None:
    async with a_site(a_gallery(findings=2000)) as client, a_tab() as tab:
        await tab.show(1440, dark=False)
        seen: list[int] = []
        url: str | None = str(client.make_url(RUN))
        while url:
            await tab.open(url)
            seen += await tab.evaluate(
                "[...document.querySelectorAll('.findings li')]"
                ".map(li => Number(li.innerText.match(/finding (\\d+);/)[1]))"
            )
            url = await tab.evaluate("document.querySelector('a[rel=next]')?.href")
        assert sorted(seen) == list(range(1, 2001))


OUTSIDE = """(() => {
  const all = document.documentElement.getBoundingClientRect();
  return [...document.querySelectorAll('text')].map(t => t.getBoundingClientRect())
    .filter(t => t.left < all.left || t.right > all.right).length;
})()"""


async def test_the_text_of_a_badge_fits_into_every_style() -> None:
    async with a_site(a_gallery()) as client, a_tab() as tab:
        for style in Style:
            await tab.open(str(client.make_url(f"/badge/octo/project.svg?style={style}")))
            assert await tab.evaluate("document.documentElement.tagName") == "svg"
            spoken = await tab.evaluate("document.documentElement.getAttribute('aria-label')")
            assert f"9.42/10 partial (grade A, commit {a_sha()[:7]}" in spoken
            assert await tab.evaluate("document.querySelectorAll('text').length") >= 2
            assert await tab.evaluate(OUTSIDE) == 0, style
        assert tab.complaints == []
