from __future__ import annotations

from typing import Any

import pytest

from lintbot.model import check_run
from lintbot.standin import limits
from lintbot.standin.problems import Problem

SHA = "a" * 40


def an_annotation(**changed: Any) -> dict[str, Any]:
    whole = {
        "path": "a.py",
        "start_line": 1,
        "end_line": 1,
        "annotation_level": "warning",
        "message": "unused",
    }
    return whole | changed


def a_request(**changed: Any) -> dict[str, Any]:
    return {"name": "lintbot", "head_sha": SHA, **changed}


def an_output(*annotations: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {"title": "t", "summary": "s", "annotations": list(annotations), **changed}


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"status": "in_progress", "started_at": "2026-01-01T00:00:00Z"},
        {"conclusion": "neutral"},
        {"status": "completed", "conclusion": "success", "output": an_output()},
        {"output": an_output(*[an_annotation()] * 50)},
        {"output": an_output(title="t" * 255, summary="s" * 65_535, text="t" * 65_535)},
        {"output": an_output(an_annotation(message="é" * 32_768))},
        {"output": an_output(an_annotation(start_column=1, end_column=1))},
        {"output": an_output(an_annotation(end_line=9))},
        {"actions": [{"label": "l", "description": "d", "identifier": "i"}] * 3},
    ],
)
def test_what_is_within_the_limits_is_taken(content: dict[str, Any]) -> None:
    limits.check_request(a_request(**content), creating=True)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"name": ""}, '"name" wasn\'t supplied'),
        ({"head_sha": None}, '"head_sha" wasn\'t supplied'),
        ({"status": "waiting"}, "not a status"),
        ({"conclusion": "stale"}, "not a conclusion"),
        ({"status": "completed"}, "conclusion must be provided"),
        ({"completed_at": "2026-01-01T00:00:00Z"}, "conclusion must be provided"),
        ({"output": "text"}, "not an object"),
        ({"output": {"summary": "s"}}, '"title" wasn\'t supplied'),
        ({"output": {"title": "t"}}, '"summary" wasn\'t supplied'),
        ({"output": an_output(title="t" * 256)}, "255 characters"),
        ({"output": an_output(summary="s" * 65_536)}, "65535"),
        ({"output": an_output(text="é" * 32_768)}, "65535"),
        ({"output": an_output(*[an_annotation()] * 51)}, "No more than 50"),
        ({"output": an_output(an_annotation(path=""))}, '"path" wasn\'t supplied'),
        ({"output": an_output(an_annotation(path="/a.py"))}, "not relative"),
        ({"output": an_output(an_annotation(message=""))}, '"message" wasn\'t supplied'),
        ({"output": an_output(an_annotation(message="é" * 32_769))}, "64 KB"),
        ({"output": an_output(an_annotation(raw_details="x" * 65_537))}, "64 KB"),
        ({"output": an_output(an_annotation(title="t" * 256))}, "255 characters"),
        ({"output": an_output(an_annotation(annotation_level="error"))}, "annotation_level"),
        ({"output": an_output(an_annotation(start_line=0))}, "0 must be greater"),
        ({"output": an_output(an_annotation(start_line="1"))}, "must be numbers"),
        ({"output": an_output(an_annotation(start_line=2))}, "end_line 1 must be"),
        ({"output": an_output(an_annotation(end_line=2, end_column=3))}, "only allowed when"),
        ({"output": an_output(an_annotation(start_column=0))}, "must be greater than or equal"),
        ({"actions": [{"label": "l", "description": "d", "identifier": "i"}] * 4}, "3 actions"),
        ({"actions": [{"label": "l" * 21, "description": "d", "identifier": "i"}]}, "1 to 20"),
        ({"actions": [{"label": "l", "description": "", "identifier": "i"}]}, "1 to 40"),
    ],
)
def test_what_passes_a_limit_is_refused(content: dict[str, Any], words: str) -> None:
    with pytest.raises(Problem, match=words) as raised:
        limits.check_request(a_request(**content), creating=True)
    assert raised.value.status == 422


def test_an_update_needs_only_a_summary() -> None:
    limits.check_request({"output": {"summary": "s"}}, creating=False)
    with pytest.raises(Problem, match="summary"):
        limits.check_request({"output": {"title": "t"}}, creating=False)


def test_lintbot_knows_the_same_limits() -> None:
    assert limits.MAX_ANNOTATIONS == check_run.MAX_ANNOTATIONS_PER_REQUEST
    assert limits.MAX_TEXT_BYTES == check_run.MAX_TEXT_BYTES
    assert limits.MAX_TITLE_CHARACTERS == check_run.MAX_TITLE_CHARACTERS
    assert limits.MAX_MESSAGE_BYTES == check_run.MAX_MESSAGE_BYTES
