"""The JSON simple API, as a hostile text."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintbot.index.pip_default import read_help
from lintbot.index.simple import AnswerError, parse_owners, parse_project
from lintbot.model.package import Owners, Project, Status, one_line

URL = "https://index.example/simple/flask/"
SHA = "a" * 64


def parse(files: Any, **rest: Any) -> Project:
    document = {"meta": {"api-version": "1.4"}, "name": "Flask", "files": files} | rest
    return parse_project(json.dumps(document).encode(), "flask", URL)


def a_file(filename: str, **rest: Any) -> dict[str, Any]:
    return {"filename": filename, "url": f"/f/{filename}", "hashes": {"sha256": SHA}} | rest


def test_releases_are_sorted_and_yanked_only_if_every_file_is():
    project = parse(
        [
            a_file("flask-10.0.tar.gz", yanked="all of it"),
            a_file("flask-2.0.tar.gz", yanked=True),
            a_file("flask-2.0-py3-none-any.whl"),
            a_file("flask-1.0-py2.7.egg", **{"upload-time": "2026-01-02T03:04:05Z"}),
            a_file("something-else.txt"),
            a_file("flask-x.y.tar.gz"),
            a_file("flask-1.bad-py2.egg"),
            a_file("flask-2.x.whl"),
            {"filename": 7},
            "noise",
        ]
    )
    told = [(it.version, it.yanked) for it in project.releases]
    assert told == [("1.bad", None), ("1.0", None), ("2.0", None), ("10.0", "all of it")]
    assert project.newest_upload == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert project.status is Status.UNKNOWN
    assert project.attested is None


@pytest.mark.parametrize("key", ["status", "state"])
def test_the_status_marker_and_its_hostile_reason(key: str):
    reason = "<b>\u202e mal\nware</b>" + "x" * 500
    project = parse([], **{"project-status": {key: "quarantined", "reason": reason}})
    assert project.status is Status.QUARANTINED
    assert project.status_reason.isprintable()
    assert len(project.status_reason) <= 200
    assert parse([], **{"project-status": {key: "haunted"}}).status is Status.UNKNOWN


def test_the_source_is_the_newest_final_one_that_is_not_yanked():
    project = parse(
        [
            a_file("flask-1.0.tar.gz", size=3),
            a_file("flask-2.0.tar.gz", yanked="no"),
            a_file("flask-3.0rc1.tar.gz"),
            a_file("flask-4.0-py3-none-any.whl"),
            a_file("flask-5.0.tar.gz", hashes={"sha256": "short"}),
            a_file("flask-6.0.tar.gz", url="file:///etc/passwd"),
        ]
    )
    assert project.source is not None
    assert (project.source.version, project.source.size) == ("1.0", 3)
    assert project.source.url == "https://index.example/f/flask-1.0.tar.gz"


def test_attestations_of_the_newest_version():
    old = a_file("flask-1.0.tar.gz", provenance="https://index.example/p")
    assert parse([old, a_file("flask-2.0.tar.gz", provenance=None)]).attested is False
    assert parse([old]).attested is True


@pytest.mark.parametrize(
    ("said", "owners"),
    [
        ({"roles": [{"role": "Owner", "user": "a"}, {"role": "Maintainer"}, 7]}, Owners(1)),
        ({"roles": [], "organization": "x"}, Owners(0, organisation=True)),
        ({"roles": 7}, None),
        (None, None),
    ],
)
def test_owners_are_counted_and_not_named(said: object, owners: Owners | None):
    assert parse_owners(json.dumps({"ownership": said}).encode()) == owners
    assert parse_owners(b"{") is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"[" * 100_000,
        b'{"meta": {"api-version": "2.0"}, "name": "flask", "files": []}',
        b'{"meta": {"api-version": "1.0"}, "name": "django", "files": []}',
        b'{"meta": {"api-version": "1.0"}, "name": "flask", "files": {}}',
    ],
)
def test_what_is_no_answer_about_this_project(body: bytes):
    with pytest.raises(AnswerError):
        parse_project(body, "flask", URL)


@given(st.recursive(st.none() | st.booleans() | st.text() | st.integers(), st.lists, max_leaves=5))
def test_any_value_anywhere_is_survived(value: Any):
    entry = a_file("flask-1.0.tar.gz")
    for key in ("url", "hashes", "size", "upload-time", "yanked", "provenance"):
        assert parse([entry | {key: value}]).releases
    parse([value], **{"project-status": value, "versions": value})


@given(st.text())
def test_one_line_is_one_short_printable_line(text: str):
    line = one_line(text)
    assert len(line) <= 200
    assert line.isprintable()


def test_the_index_that_pip_names():
    text = "  --index-url <url>  Base URL (default\n     https://index.example/si\n     mple). x"
    assert read_help(text) == "https://index.example/simple"
    assert read_help(text.replace("https://", "https://me:secret@")) == ""
    assert read_help("no such option") == ""
