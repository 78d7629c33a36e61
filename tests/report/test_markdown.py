"""Untrusted text in Markdown, against a CommonMark renderer with GitHub's tables."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from lintbot.report.markdown import (
    ZERO_WIDTH_SPACE,
    code,
    cut,
    defuse,
    escape,
    join_lines,
    link,
    row,
    table,
    visible,
)

RENDERER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
NASTY = st.text(
    st.sampled_from("`|\\*_[]()<>&#!~$@: \n\r\t-+=.1ab/\u202e\u200bé🐍\ud800"), max_size=40
)
TEXTS = st.one_of(st.text(max_size=60), NASTY)


class _Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002  the base's name
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def _render(markdown: str) -> _Page:
    return _Page(RENDERER.render(markdown))


def _plain(text: str) -> str:
    """What should be seen; renderers join runs of spaces only on screen."""
    return defuse(visible(text)).replace("\x00", "\ufffd")


@given(TEXTS)
@example("1. list")
@example("- list")
@example("# heading")
@example("=====")
@example("> quote")
@example("<img src=x onerror=alert(1)>")
@example("![x](http://evil.example/x.png)")
@example("[x]: http://evil.example")
@example("&lt;b&gt;")
@example("a  \nb")
@example("~~gone~~ **bold** __bold__ $math$")
def test_escaped_text_is_one_plain_paragraph(text: str) -> None:
    page = _render(f"{escape(text)}\n")
    assert page.tags in (["p"], [])
    assert page.text.strip() == _plain(text)


@given(TEXTS)
def test_escaped_text_stays_in_its_list_item(text: str) -> None:
    page = _render(f"- {escape(text)}\n- end\n")
    assert page.tags == ["ul", "li", "li"]


@given(TEXTS)
@example("`")
@example("``a`")
@example("a\\|b")
@example(" ` ")
def test_code_span_holds_anything(text: str) -> None:
    page = _render(f"x{code(text)}x\n")
    expected = ["p", "code"] if visible(text) else ["p"]
    assert page.tags == expected
    assert page.text.strip() == f"x{_plain(text)}x"


@given(TEXTS, TEXTS)
@example("a|b", "c\\|d")
@example("`|`", "|")
def test_table_cells_stay_apart(one: str, two: str) -> None:
    lines = table(("a", "b"), [(escape(one), code(two)), ("end", "end")])
    page = _render("\n".join(lines))
    cells = [tag for tag in page.tags if tag in ("th", "td")]
    assert cells == ["th", "th", "td", "td", "td", "td"]
    assert set(page.tags) <= {"table", "thead", "tbody", "tr", "th", "td", "code"}
    assert _plain(one) in page.text
    assert _plain(two) in page.text


@pytest.mark.parametrize("wrap", [escape, code])
@given(text=st.lists(st.sampled_from(["@", "octocat", "#", "12", "GH-", "gh-7", " ", "o/r", "/"])))
def test_nobody_is_mentioned_and_nothing_is_linked(wrap: object, text: list[str]) -> None:
    shown = unescape(wrap("".join(text)).replace("\\", ""))
    assert not re.search(r"[@#][A-Za-z0-9]|\bGH-\d", shown, re.IGNORECASE)


@pytest.mark.parametrize(
    "address", ["https://evil.example", "ftp://evil.example", "www.evil.example"]
)
def test_addresses_are_no_links(address: str) -> None:
    assert address not in escape(address).replace("\\", "")
    assert escape(address).replace("\\", "").replace(ZERO_WIDTH_SPACE, "") == address


@given(st.text())
def test_visible_text_hides_nothing(text: str) -> None:
    shown = visible(text)
    assert all(it.isprintable() or it in "\u200c\u200d" for it in shown)
    assert visible(shown) == shown


def test_visible_names_what_cannot_be_seen() -> None:
    assert visible("a\u202eb\x00c\ud800d\U000e0041e") == r"a\u202eb\u0000c\ud800d\U000e0041e"
    assert visible(" line\r\nline\u3000") == "line  line"
    assert visible("\U0001f469\u200d\U0001f4bb") == "\U0001f469\u200d\U0001f4bb"


@given(st.text(), st.integers(min_value=3, max_value=200))
def test_cut_keeps_whole_characters_within_the_bytes(text: str, size: int) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        text = visible(text)
    short = cut(text, size)
    assert len(short.encode()) <= size
    if short != text:
        assert short.endswith("…")
        assert text.startswith(short[:-1])
        assert len(text.encode()) > size


def test_cut_needs_room_for_its_marker() -> None:
    with pytest.raises(ValueError, match="no room"):
        cut("long text", 2)


@given(st.lists(st.text(alphabet="aé🐍", max_size=20), max_size=20), st.integers(20, 120))
def test_join_lines_drops_whole_lines_and_says_so(lines: list[str], size: int) -> None:
    text = join_lines(lines, size, "… cut")
    assert len(text.encode()) <= size
    if text != "\n".join(lines):
        kept = text.split("\n")[:-2]
        assert kept == lines[: len(kept)]
        assert text.endswith("\n… cut")


def test_row_and_link() -> None:
    assert row(("a|b", "c")) == r"| a\|b | c |"
    assert link("text", "https://lint.example/x") == "[text](https://lint.example/x)"
