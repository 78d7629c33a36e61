from __future__ import annotations

import json

import pytest

from lintbot.errors import GoneError, LintbotError, PermanentError, TransientError
from lintbot.github.errors import (
    Answer,
    InaccessibleError,
    NotFoundError,
    RateLimitedError,
    UnauthorizedError,
    UnknownCommitError,
    UnprocessableError,
    find_problem,
)

NOW = 1_000_000.0


def problem_with(
    status: int, message: str = "", body: bytes | None = None, **headers: str
) -> LintbotError | None:
    content = json.dumps({"message": message}).encode() if body is None else body
    sent = {"content-type": "application/json; charset=utf-8"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    answer = Answer(asked="POST /repos/me/code", status=status, headers=sent, body=content)
    return find_problem(answer, NOW)


@pytest.mark.parametrize(
    ("status", "body"), [(200, b"{}"), (201, b'{"id": 1}'), (204, b""), (304, b"")]
)
def test_what_was_asked_for_is_no_problem(status: int, body: bytes) -> None:
    assert problem_with(status, body=body) is None


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (400, "Problems parsing JSON", PermanentError),
        (401, "Bad credentials", UnauthorizedError),
        (403, "Resource not accessible by integration", InaccessibleError),
        (403, "This installation has been suspended", GoneError),
        (403, "Repository access blocked", GoneError),
        (403, "Repository was archived so is read-only.", PermanentError),
        (403, "You have exceeded a secondary rate limit.", RateLimitedError),
        (403, "You have triggered an abuse detection mechanism.", RateLimitedError),
        (404, "Not Found", NotFoundError),
        (408, "", TransientError),
        (409, "Git Repository is empty.", PermanentError),
        (410, "", GoneError),
        (422, "No commit found for SHA: 1234", UnknownCommitError),
        (422, "Invalid request.", UnprocessableError),
        (429, "", RateLimitedError),
        (451, "", GoneError),
        (500, "Server Error", TransientError),
        (503, "", TransientError),
    ],
)
def test_each_refusal_says_whether_to_try_again(
    status: int, message: str, kind: type[LintbotError]
) -> None:
    assert type(problem_with(status, message)) is kind


def test_of_the_inner_errors_those_that_pass_are_transient() -> None:
    for passing in (UnauthorizedError, RateLimitedError, UnknownCommitError):
        assert issubclass(passing, TransientError)
    for gone in (InaccessibleError, NotFoundError):
        assert issubclass(gone, GoneError)


@pytest.mark.parametrize("status", [200, 403, 404, 502])
def test_a_web_page_is_never_an_answer(status: int) -> None:
    problem = problem_with(status, body=b"<html>Unicorn!</html>", content_type="text/html")
    assert type(problem) is TransientError


def test_json_that_ends_early_is_no_answer() -> None:
    assert type(problem_with(200, body=b'{"id": 1, "na')) is TransientError


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "7"}, 7.0),
        ({"x_ratelimit_remaining": "0", "x_ratelimit_reset": str(NOW + 90)}, 90.0),
        ({"x_ratelimit_remaining": "0", "x_ratelimit_reset": str(NOW - 90)}, 1.0),
        ({"x_ratelimit_remaining": "0"}, 60.0),
        ({"x_ratelimit_remaining": "4000", "x_ratelimit_reset": str(NOW + 3000)}, 60.0),
        ({"retry_after": "in a while"}, 60.0),
        ({}, 60.0),
    ],
)
def test_a_limit_says_how_long_to_wait(headers: dict[str, str], seconds: float) -> None:
    problem = problem_with(429, "", **headers)
    assert isinstance(problem, RateLimitedError)
    assert problem.retry_after_seconds == seconds


def test_a_403_without_requests_left_is_a_limit_whatever_it_says() -> None:
    assert type(problem_with(403, "no", x_ratelimit_remaining="0")) is RateLimitedError
    assert type(problem_with(403, "no", x_ratelimit_remaining="1")) is PermanentError


def test_a_broken_github_may_say_how_long_to_wait() -> None:
    problem = problem_with(503, retry_after="30")
    assert isinstance(problem, TransientError)
    assert problem.retry_after_seconds == 30.0


def test_the_text_names_request_words_and_reference() -> None:
    problem = problem_with(404, "Not Found", x_github_request_id="AB:12")
    assert str(problem) == ("GitHub answered 404 to POST /repos/me/code: Not Found (request AB:12)")


def test_the_text_lists_what_was_invalid_without_secrets() -> None:
    token = "ghs_" + "a" * 40
    body = json.dumps({"message": "Invalid", "errors": [{"field": "x", "value": token}]})
    text = str(problem_with(422, body=body.encode()))
    assert '"field": "x"' in text
    assert token not in text


def test_a_body_that_is_no_object_has_no_words() -> None:
    assert str(problem_with(404, body=b"[]")) == "GitHub answered 404 to POST /repos/me/code"
