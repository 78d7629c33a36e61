"""Pure: GitHub's limits on a check run. https://docs.github.com/en/rest/checks/runs ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from lintbot.standin.problems import Problem, invalid

MAX_ANNOTATIONS: Final = 50
MAX_TEXT_BYTES: Final = 65_535
MAX_TITLE_CHARACTERS: Final = 255
MAX_MESSAGE_BYTES: Final = 65_536
MAX_ACTIONS: Final = 3
ACTION_CHARACTERS: Final = {"label": 20, "description": 40, "identifier": 20}

STATUSES: Final = ("queued", "in_progress", "completed")
CONCLUSIONS: Final = (
    "action_required",
    "cancelled",
    "failure",
    "neutral",
    "skipped",
    "success",
    "timed_out",
)
LEVELS: Final = ("notice", "warning", "failure")


def check_request(content: Mapping[str, Any], *, creating: bool) -> None:
    """Refuse what GitHub refuses in the body of POST or PATCH check-runs.

    Raises:
        Problem: 422.
    """
    problems = list(_problems(content, creating=creating))
    if problems:
        raise _refuse(problems)


def _refuse(problems: list[str]) -> Problem:
    return invalid("\n".join(problems))


def _problems(content: Mapping[str, Any], *, creating: bool) -> Iterator[str]:
    yield from _required(content, ("name", "head_sha") if creating else ())
    yield from _state(content)
    output = content.get("output")
    if output is not None:
        yield from _output(output, ("title", "summary") if creating else ("summary",))
    actions = content.get("actions") or []
    if len(actions) > MAX_ACTIONS:
        yield f"No more than {MAX_ACTIONS} actions are allowed."
    for action in actions:
        yield from _action(action)


def _required(content: Mapping[str, Any], names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        if not isinstance(content.get(name), str) or not content[name]:
            yield f'"{name}" wasn\'t supplied.'


def _state(content: Mapping[str, Any]) -> Iterator[str]:
    status, conclusion = content.get("status"), content.get("conclusion")
    if status is not None and status not in STATUSES:
        yield f"{status} is not a status that an App may set."
    if conclusion is not None and conclusion not in CONCLUSIONS:
        yield f"{conclusion} is not a conclusion that an App may set."
    ends = status == "completed" or content.get("completed_at") is not None
    if ends and conclusion is None:
        yield "If status is 'completed' then conclusion must be provided."


def _output(output: Any, required: tuple[str, ...]) -> Iterator[str]:
    if not isinstance(output, dict):
        yield "output is not an object."
        return
    yield from _required(output, required)
    if len(output.get("title") or "") > MAX_TITLE_CHARACTERS:
        yield f"output.title exceeds {MAX_TITLE_CHARACTERS} characters."
    for name in ("summary", "text"):
        if _bytes(output.get(name)) > MAX_TEXT_BYTES:
            yield f"Only {MAX_TEXT_BYTES} characters are allowed; output.{name} has more."
    annotations = output.get("annotations") or []
    if len(annotations) > MAX_ANNOTATIONS:
        yield f"No more than {MAX_ANNOTATIONS} items are allowed; {len(annotations)} were supplied."
    for annotation in annotations:
        yield from _annotation(annotation)


def _annotation(annotation: Mapping[str, Any]) -> Iterator[str]:
    yield from _required(annotation, ("path", "message"))
    if annotation.get("annotation_level") not in LEVELS:
        yield "annotation_level is not notice, warning or failure."
    if str(annotation.get("path", "")).startswith("/"):
        yield "path is not relative to the repository."
    if len(annotation.get("title") or "") > MAX_TITLE_CHARACTERS:
        yield f"title exceeds {MAX_TITLE_CHARACTERS} characters."
    for name in ("message", "raw_details"):
        if _bytes(annotation.get(name)) > MAX_MESSAGE_BYTES:
            yield f"{name} exceeds 64 KB."
    yield from _place(annotation)


def _place(annotation: Mapping[str, Any]) -> Iterator[str]:
    start, end = annotation.get("start_line"), annotation.get("end_line")
    if not isinstance(start, int) or not isinstance(end, int):
        yield "start_line and end_line must be numbers."
        return
    if start < 1:
        yield f"{start} must be greater than or equal to 1."
    if end < start:
        yield f"end_line {end} must be greater than or equal to start_line {start}."
    columns = [annotation.get(name) for name in ("start_column", "end_column")]
    given = [column for column in columns if column is not None]
    if given and start != end:
        yield "start_column and end_column are only allowed when start_line and end_line are equal."
    if any(column < 1 for column in given):
        yield "start_column and end_column must be greater than or equal to 1."


def _action(action: Mapping[str, Any]) -> Iterator[str]:
    for name, most in ACTION_CHARACTERS.items():
        text = action.get(name)
        if not isinstance(text, str) or not 1 <= len(text) <= most:
            yield f"{name} of an action must have 1 to {most} characters."


def _bytes(text: Any) -> int:
    return len(text.encode()) if isinstance(text, str) else 0
