"""Pure: Markdown as HTML: our own documents, and what tools say of their rules.

HTML in the Markdown is text, pictures are left out, headings begin at a level below the page's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from itertools import count

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

_SLUG = re.compile(r"[^a-z0-9]+")
_LAST_LEVEL = 6


def render_markdown(text: str, *, below: int, link: Callable[[str], str]) -> Markup:
    """Return Markdown as HTML.

    Args:
        text: CommonMark with tables.
        below: headings of the first level become this one (1 to 6).
        link: turns the target of a link into an address; empty: no link.
    """
    tokens = _parser().parse(text)
    tables = count(1)
    for index, token in enumerate(tokens):
        if token.type == "table_open":
            token.meta["name"] = f"Table {next(tables)}"
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1:]) + below - 1, _LAST_LEVEL)}"
        if token.type == "heading_open":
            token.attrSet("id", slug(tokens[index + 1].content))
        if token.type == "inline":
            token.children = _relink(token.children or [], link)
    # Safe: the parser takes no HTML, and escapes all text.
    return Markup(_parser().renderer.render(tokens, _parser().options, {}))  # noqa: S704


def slug(heading: str) -> str:
    """Return the anchor of a heading: ``Where code goes`` is ``where-code-goes``."""
    return _SLUG.sub("-", heading.lower()).strip("-")


def title_of(text: str) -> str:
    """Return the first heading of a document, without its mark-up."""
    first = next((line for line in text.splitlines() if line.startswith("# ")), "# ")
    return first[2:].strip().replace("`", "")


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    parser.add_render_rule("table_open", _open_table)
    parser.add_render_rule("table_close", _close_table)
    parser.add_render_rule("fence", _code)
    parser.add_render_rule("code_block", _code)
    return parser


def _open_table(_: object, tokens: Sequence[Token], index: int, *__: object) -> str:
    name = tokens[index].meta["name"]
    return f'<div class="scroll" role="region" aria-label="{name}" tabindex="0"><table>\n'


def _close_table(*_: object) -> str:
    return "</table></div>\n"


def _code(_: object, tokens: Sequence[Token], index: int, *__: object) -> str:
    """Return code that a keyboard can scroll."""
    return f'<pre tabindex="0"><code>{escape(tokens[index].content)}</code></pre>\n'


def _relink(tokens: list[Token], link: Callable[[str], str]) -> list[Token]:
    """Return the tokens with the targets that ``link`` gives, and without dead links."""
    kept: list[Token] = []
    dead = False
    for token in tokens:
        if token.type == "link_open":
            target = link(str(token.attrGet("href") or ""))
            token.attrSet("href", target)
            dead = not target
        if not (dead and token.type in {"link_open", "link_close"}):
            kept.append(token)
        if token.type == "link_close":
            dead = False
    return kept
