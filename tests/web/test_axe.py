"""axe-core (npm) over every page: what people who cannot see, or not well, would stumble over."""

from __future__ import annotations

import pytest
from yarl import URL

from lintbot.errors import TransientError
from tests.support.chromium import Tab, a_tab
from tests.support.gallery import PAGES, RUN, a_gallery, gallery_packages, gallery_trust
from tests.support.needs import need_node_package
from tests.support.report_site import a_site

pytestmark = [pytest.mark.chromium, pytest.mark.timeout(300)]

AXE = "axe.run({resultTypes: ['violations']}).then(found => found.violations.map(it =>\
 it.id + ': ' + it.nodes.map(node => node.html.slice(0, 120)).slice(0, 3).join(' ')))"
ON_A_PHONE = ("/", "/gh/octo/project", RUN, "/docs/score")


async def _violations(tab: Tab, url: URL, source: str, *, width: int, dark: bool) -> list[str]:
    await tab.show(width, dark=dark)
    await tab.open(str(url))
    await tab.evaluate(source)
    found: list[str] = await tab.evaluate(AXE)
    return found


async def test_axe_finds_nothing_on_any_page() -> None:
    source = (need_node_package("axe-core") / "axe.min.js").read_text(encoding="utf-8")
    looks = [(path, 1440, False) for path in PAGES] + [(path, 360, True) for path in ON_A_PHONE]
    found: dict[str, list[str]] = {}
    catalog = a_gallery(findings=20)
    site = a_site(catalog, gallery_trust(), packages=gallery_packages())
    async with site as client, a_tab() as tab:
        for path, width, dark in looks:
            url = client.make_url(URL(path, encoded=True))
            found[f"{path} {width}"] = await _violations(tab, url, source, width=width, dark=dark)
        catalog.failure = TransientError("away")
        url = client.make_url("/gh/octo/project")
        found["unavailable"] = await _violations(tab, url, source, width=768, dark=False)
    assert [f"{where}: {it}" for where, what in found.items() for it in what] == []
