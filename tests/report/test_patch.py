from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from lintbot.report.check_run import make_report
from lintbot.report.patch import FIRST_LINES, Offer, patch_lines
from tests.support.report_values import a_comparison, a_finding, a_judgement, a_patch, a_run

URL = "https://lint.example/gh/octo/project/runs/abc.patch"


def test_the_beginning_is_shown_with_the_command_and_a_link_to_the_rest() -> None:
    lines = patch_lines(Offer(patch=a_patch(lines=FIRST_LINES), whole=False), URL)
    assert f"curl -fsSL {URL} | git apply" in lines
    assert lines[0] == "### A patch for 1 finding"
    assert lines[-1] == f"[… the whole patch]({URL})"
    assert f"+line {FIRST_LINES - 5}" in lines
    assert f"+line {FIRST_LINES - 4}" not in lines
    whole = patch_lines(Offer(patch=a_patch(lines=FIRST_LINES), whole=True), URL)
    assert f"+line {FIRST_LINES - 1}" in whole
    assert whole[-1] == "```"


def test_of_a_private_repository_no_command_is_offered_that_would_get_nothing() -> None:
    text = "\n".join(patch_lines(Offer(patch=a_patch(), whole=False, private=True), URL))
    assert f"[Download]({URL})" in text
    assert "curl" not in text


def test_a_long_line_is_left_to_the_download() -> None:
    lines = patch_lines(Offer(patch=a_patch(text="+" + "x" * 100_000), whole=True), URL)
    assert lines[-1] == f"[… the whole patch]({URL})"


@given(text=st.text(st.sampled_from("`~#@<>&\n\r\t \u202e\x00é"), max_size=40), whole=st.booleans())
def test_nothing_in_a_patch_leaves_its_block(text: str, *, whole: bool) -> None:
    markdown = "\n".join(patch_lines(Offer(patch=a_patch(text=f"+{text}\n"), whole=whole), URL))
    tokens = MarkdownIt().parse(markdown)
    fences = [token for token in tokens if token.type == "fence"]
    assert [token.info for token in fences] == ["sh", "diff"]
    assert "\u202e" not in markdown


def test_a_patch_comes_before_the_findings_and_leaves_them_room() -> None:
    new = tuple(a_finding(number) for number in range(1, 600))
    run = a_run(a_judgement(a_comparison(new=new)))
    huge = a_patch(lines=20_000)
    text = make_report(run, "https://x/y", offer=Offer(patch=huge, whole=True)).output.text
    assert len(text.encode()) <= 65_535
    assert text.index("A patch for") < text.index("### New findings")
    assert text.count("\n- `src/shelf.py") > 100
    nothing_new = make_report(a_run(a_judgement()), "https://x/y", offer=Offer(patch=a_patch()))
    assert nothing_new.output.text.startswith("### A patch")
    assert [it.label for it in nothing_new.output.buttons] == ["Re-lint", "Show patch"]
