"""Markdown as pages: documents, and what tools say of their rules."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lintbot.report.documents import ORDER, Documents, render_document
from lintbot.report.html import Site
from lintbot.report.texts import render_markdown, title_of
from lintbot.web.documents import read_documents

SITE = Site(
    public_url="https://lint.example", github_url="https://github.example", stylesheet="/x.css"
)
DOCS = Path(__file__).parents[2] / "docs"


def test_the_package_has_the_documents_that_are_in_docs():
    documents = read_documents()
    assert {name: documents.texts[name] for name in ORDER} == {
        name: (DOCS / f"{name}.md").read_text(encoding="utf-8") for name in ORDER
    }


@pytest.mark.parametrize("name", ORDER)
def test_every_link_of_a_page_leads_somewhere(name: str):
    documents = read_documents()
    page = render_document(SITE, documents, name)
    anchors = {
        it: set(re.findall(r' id="([^"]*)"', render_document(SITE, documents, it))) for it in ORDER
    }
    for target in re.findall(r'href="([^"]*)"', page.partition("<article")[2]):
        if target.startswith("#"):
            assert target[1:] in anchors[name]
        elif target.startswith("/docs/"):
            there, _, anchor = target.removeprefix("/docs/").partition("#")
            assert not anchor or anchor in anchors[there]


def test_links_to_what_is_no_page_are_text():
    text = "# A `b`\n\n[in](adr/0001.md) [other](score.md#x) [out](https://x.example) [here](#a-b)"
    page = render_document(SITE, Documents(texts=dict.fromkeys(ORDER, text)), "badge")
    body = page.partition("<article")[2]
    assert re.findall(r'href="([^"]*)"', body)[:3] == ["/docs/score#x", "https://x.example", "#a-b"]
    assert "in <a" in body
    assert title_of(text) == "A b"
    assert '<h1 id="a-b">A <code>b</code></h1>' in body


def test_the_first_page_has_all():
    page = render_document(SITE, read_documents(), "")
    assert re.findall(r'href="/docs/([a-z-]+)"', page.partition("<main")[2])[: len(ORDER)] == list(
        ORDER
    )


def test_markdown_of_strangers_is_harmless():
    text = (
        '# One\n\n###### Six\n\n<script>x</script> <img src="x">\n\n![p](https://x.example/p.png)\n\n'
        "[a](javascript:alert(1)) [b](data:text/html,x) [c](http://x.example) [d](https://x.example)\n\n"
        "|a|\n|-|\n|b|\n"
    )
    html = render_markdown(text, below=3, link=lambda to: to if to.startswith("https://") else "")
    assert set(re.findall(r'href="([^"]*)"', html)) == {
        "https://x.example/p.png",
        "https://x.example",
    }
    assert "<script" not in html
    assert "<img" not in html
    assert '<h3 id="one">One</h3>' in html
    assert "<h6" in html
    assert 'tabindex="0"><table>' in html
