"""What is shown early is certain: no tool that ends later takes it back."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from lintbot.model.findings import Finding, Severity
from lintbot.model.ids import Sha
from lintbot.model.lint import LintResult
from lintbot.pipeline.compare import compare
from lintbot.pipeline.early import find_early
from lintbot.pipeline.fingerprint import with_fingerprints
from tests.support.findings import a_finding, a_report, a_result

BASE = Sha("b" * 40)
TOOLS = ("pylint", "flake8", "ruff")
LINES = {path: ["import os", "x = 1", "x = 1", "y = 2"] for path in ("a.py", "b.py", "c.py")}

findings = st.lists(
    st.builds(
        a_finding,
        tool=st.sampled_from(TOOLS),
        code=st.sampled_from(["E501", "F401", "C0114"]),
        path=st.sampled_from(sorted(LINES)),
        line=st.integers(1, 4),
        severity=st.sampled_from(Severity),
        environment=st.booleans(),
    ),
    max_size=14,
)


def result_of(found: list[Finding], tools: tuple[str, ...] = TOOLS) -> LintResult:
    said = with_fingerprints([it for it in found if it.tool in tools], LINES)
    return a_result(*said, tools=tuple(map(a_report, tools)))


@given(findings, findings, st.sets(st.sampled_from(TOOLS)), st.data())
def test_what_is_new_early_is_new_in_the_end(
    head: list[Finding], base: list[Finding], ended: set[str], data: st.DataObject
):
    part, before = result_of(head, tuple(ended)), result_of(base)
    known = sorted(it.fingerprint for it in part.findings)
    accepted = frozenset(data.draw(st.sets(st.sampled_from(known)))) if known else frozenset()
    early = find_early(part, before, baseline_sha=BASE, accepted=accepted)
    assert early.compared
    assert set(early.findings) <= set(compare(result_of(head), before, BASE, accepted).new)


@given(findings, st.sets(st.sampled_from(sorted(LINES))))
def test_without_a_comparison_only_changed_files_are_spoken_of(
    head: list[Finding], changed: set[str]
):
    part = result_of(head)
    early = find_early(part, None, baseline_sha=BASE, changed=changed, running=("pylint",))
    wanted = [it for it in part.findings if it.path in changed and not it.environment]
    assert (early.findings, early.compared) == (tuple(wanted), False)


def test_a_renamed_file_is_not_new_early():
    old = result_of([a_finding(path="a.py")])
    new = replace(old, findings=with_fingerprints([a_finding(path="b.py")], LINES))
    assert find_early(new, old, baseline_sha=BASE).findings == ()
