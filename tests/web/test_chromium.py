"""What a real browser makes of the pages and of the badge."""

from __future__ import annotations

import pytest

from lintbot.model.findings import Severity
from lintbot.report.badge_svg import Style
from tests.support.chromium import Tab, a_tab
from tests.support.report_fakes import FakeCatalog
from tests.support.report_site import Client, a_site
from tests.support.report_values import (
    a_comparison,
    a_finding,
    a_judgement,
    a_repository,
    a_run,
    a_score,
    a_sha,
    a_summary,
)

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


def a_catalog() -> FakeCatalog:
    new = tuple(
        a_finding(
            line,
            severity=list(Severity)[line % 3],
            path=f"src/{'a_long_folder_name/' * (line % 5)}module_{line % 9}.py",
            message=f"finding {line}; " + "unbroken" * (line % 20),
        )
        for line in range(1, 2001)
    )
    comparison = a_comparison(new=new, environment=(a_finding(message="Unable to import 'x'"),))
    catalog = FakeCatalog()
    catalog.add(a_repository(), a_run(a_judgement(comparison, score=a_score(partial=True))))
    catalog.summaries[a_repository().id] = [
        a_summary(number, sha=a_sha() if number == 0 else a_sha(str(number)))
        for number in range(12)
    ]
    catalog.add(a_repository(id=9, name="fresh"))
    return catalog


async def _look(tab: Tab, client: Client, path: str, width: int, *, dark: bool) -> None:
    await tab.show(width, dark=dark)
    await tab.open(str(client.make_url(path)))
    where = f"{path} at {width} px, {'dark' if dark else 'light'}"
    assert await tab.evaluate("document.documentElement.scrollWidth") <= width, where
    broken = "[...document.images].filter(i => !i.naturalWidth).map(i => i.src)"
    assert await tab.evaluate(broken) == [], where
    assert await tab.evaluate("document.querySelectorAll('h1').length") == 1, where
    ratio, element = await tab.evaluate(CONTRAST)
    assert ratio >= 4.5, (where, element)


async def test_pages_fit_every_screen_and_can_be_read() -> None:
    paths = ("/", "/gh/octo/project", f"/gh/octo/project/runs/{a_sha()}", "/gh/octo/fresh")
    async with a_site(a_catalog()) as client, a_tab() as tab:
        for path in paths:
            for width in (360, 768, 1440):
                for dark in (False, True):
                    await _look(tab, client, path, width, dark=dark)
        assert tab.complaints == []


async def test_two_thousand_findings_can_be_walked_through() -> None:
    async with a_site(a_catalog()) as client, a_tab() as tab:
        await tab.show(1440, dark=False)
        seen: list[int] = []
        url: str | None = str(client.make_url(f"/gh/octo/project/runs/{a_sha()}"))
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
    async with a_site(a_catalog()) as client, a_tab() as tab:
        for style in Style:
            await tab.open(str(client.make_url(f"/badge/octo/project.svg?style={style}")))
            assert await tab.evaluate("document.documentElement.tagName") == "svg"
            spoken = await tab.evaluate("document.documentElement.getAttribute('aria-label')")
            assert f"9.42/10 partial (grade A, commit {a_sha()[:7]}" in spoken
            assert await tab.evaluate("document.querySelectorAll('text').length") >= 2
            assert await tab.evaluate(OUTSIDE) == 0, style
        assert tab.complaints == []
