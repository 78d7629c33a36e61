"""New findings as annotations."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lintbot.model.findings import Finding, Severity
from lintbot.report.annotations import MAX_ANNOTATIONS, by_severity, make_annotations
from tests.support.report_fakes import check_annotation
from tests.support.report_values import a_finding

FINDINGS = st.builds(
    lambda line, column, more, end_column, severity, path, message: a_finding(
        line=line,
        column=column,
        end_line=line + more if more is not None else None,
        end_column=end_column,
        severity=severity,
        path=path,
        message=message,
    ),
    st.integers(1, 10**6),
    st.none() | st.integers(1, 500),
    st.none() | st.integers(0, 5),
    st.none() | st.integers(1, 500),
    st.sampled_from(Severity),
    st.text(min_size=1, max_size=30),
    st.text(max_size=2000),
)


@given(st.lists(FINDINGS, max_size=30))
def test_github_takes_every_annotation(findings: list[Finding]) -> None:
    annotations = make_annotations(findings)
    for annotation in annotations:
        check_annotation(annotation)
        annotation.path.encode()
    levels = [annotation.level for annotation in annotations]
    assert levels == sorted(levels, key=["failure", "warning", "notice"].index)


def test_a_finding_on_one_line() -> None:
    (annotation,) = make_annotations([a_finding(line=4, column=5, end_line=4, end_column=9)])
    assert annotation.path == "src/shelf.py"
    assert (annotation.start_line, annotation.end_line) == (4, 4)
    assert (annotation.start_column, annotation.end_column) == (5, 9)
    assert annotation.level == "warning"
    assert annotation.title == "pylint W0611 unused-import"
    assert annotation.message == "Unused import os"


def test_columns_are_left_out_over_several_lines() -> None:
    (annotation,) = make_annotations([a_finding(line=4, column=5, end_line=6, end_column=9)])
    assert (annotation.start_column, annotation.end_column) == (None, None)
    assert (annotation.start_line, annotation.end_line) == (4, 6)


def test_an_end_column_before_the_start_is_mended() -> None:
    (annotation,) = make_annotations([a_finding(column=9, end_column=3)])
    assert (annotation.start_column, annotation.end_column) == (9, 9)


def test_no_column_stays_none() -> None:
    (annotation,) = make_annotations([a_finding(column=None, end_column=3)])
    assert (annotation.start_column, annotation.end_column) == (None, None)


def test_most_severe_first_then_by_place_and_capped() -> None:
    findings = [a_finding(line, severity=Severity.INFO) for line in range(300, 0, -1)]
    findings += [a_finding(7, severity=Severity.ERROR, path="z.py")]
    annotations = make_annotations(findings)
    assert len(annotations) == MAX_ANNOTATIONS
    assert annotations[0].path == "z.py"
    assert [it.start_line for it in annotations[1:]] == list(range(1, MAX_ANNOTATIONS))


def test_a_path_that_is_no_text_is_left_to_the_report_page() -> None:
    strange = [a_finding(path="a\udc80.py"), a_finding(path="a\nb.py"), a_finding(path="/a.py")]
    strange += [a_finding(path=""), a_finding(path="a.py")]
    assert [it.path for it in make_annotations(strange)] == ["a.py"]


def test_an_empty_message_is_replaced() -> None:
    (annotation,) = make_annotations([a_finding(message="\n", symbol="")])
    assert annotation.message == "pylint W0611"


@given(st.lists(FINDINGS), st.randoms())
def test_the_order_does_not_depend_on_the_input(findings: list[Finding], random: object) -> None:
    shuffled = list(findings)
    random.shuffle(shuffled)
    assert [_key(it) for it in by_severity(shuffled)] == [_key(it) for it in by_severity(findings)]


def _key(finding: Finding) -> tuple[object, ...]:
    return (finding.severity, finding.path, finding.line, finding.column or 0, finding.message)
