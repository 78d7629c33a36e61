"""Pure: GitHub's refusals as lintbot's errors; the only place that reads its status codes.

https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from lintbot.errors import GoneError, LintbotError, PermanentError, TransientError
from lintbot.model.secrets import redact

MIN_LIMIT_SECONDS: Final = 60.0
"""How long to wait after a rate limit that gives no time of its own:
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api"""

NEW_COMMIT_SECONDS: Final = 3.0
"""A commit that was just pushed is unknown to the checks API for some seconds."""


class UnauthorizedError(TransientError):
    """401: this token or key is not accepted; another one, or the same a little later, may be."""


class InaccessibleError(GoneError):
    """403 "Resource not accessible by integration": a permission or the repository is missing.

    A token that was made a moment ago may answer so although it is good.
    """


class NotFoundError(GoneError):
    """404: it is not there, or it is out of reach; GitHub does not say which."""


class RateLimitedError(TransientError):
    """A primary or secondary limit: nothing was done, and nothing must be asked until then."""


class UnknownCommitError(TransientError):
    """422 "No commit found for SHA": perhaps not yet, right after a push."""


class UnprocessableError(PermanentError):
    """422: GitHub understood, and refuses the values."""


_MAX_MESSAGE_CHARACTERS: Final = 300
_KINDS: Final[Mapping[int, type[LintbotError]]] = {
    HTTPStatus.UNAUTHORIZED: UnauthorizedError,
    HTTPStatus.NOT_FOUND: NotFoundError,
    HTTPStatus.REQUEST_TIMEOUT: TransientError,
    HTTPStatus.GONE: GoneError,
    HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS: GoneError,
}
_GONE_WORDS: Final = ("suspended", "not accessible", "access blocked")
_LIMIT_WORDS: Final = ("rate limit", "abuse detection")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One HTTP answer.

    Attributes:
        asked: method and path, for people.
        headers: names in lower case.
    """

    asked: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_json(self) -> bool:
        """Whether the body is what it should be: JSON, or nothing."""
        if not self.body:
            return True
        return "json" in self.headers.get("content-type", "") and self._decode() is not None

    @property
    def message(self) -> str:
        """GitHub's own words, with ``errors`` where it gives any; else empty."""
        content = self._decode()
        if not isinstance(content, dict):
            return ""
        words = str(content.get("message", ""))
        details = f" {json.dumps(content['errors'])}" if content.get("errors") else ""
        return redact(words + details)[:_MAX_MESSAGE_CHARACTERS]

    def _decode(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError:
            return None


def find_problem(answer: Answer, now: float) -> LintbotError | None:
    """Return what is wrong with an answer, or None if it is what was asked for.

    Args:
        answer: what came back; redirects have been followed already.
        now: seconds since 1970, as GitHub counts the end of a rate limit.
    """
    status = answer.status
    if status < HTTPStatus.BAD_REQUEST and answer.is_json:
        return None
    text = _describe(answer)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or not answer.is_json:
        return TransientError(text, retry_after_seconds=_retry_after(answer))
    if status in {HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}:
        return _find_refusal(answer, text, now)
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        return _find_unprocessable(answer, text)
    return _KINDS.get(status, PermanentError)(text)


def _find_refusal(answer: Answer, text: str, now: float) -> LintbotError:
    words = answer.message.lower()
    if _is_limit(answer, words):
        return RateLimitedError(text, retry_after_seconds=_limit_seconds(answer, now))
    if "not accessible" in words:
        return InaccessibleError(text)
    if any(word in words for word in _GONE_WORDS):
        return GoneError(text)
    return PermanentError(text)


def _is_limit(answer: Answer, words: str) -> bool:
    return (
        answer.status == HTTPStatus.TOO_MANY_REQUESTS
        or "retry-after" in answer.headers
        or answer.headers.get("x-ratelimit-remaining") == "0"
        or any(word in words for word in _LIMIT_WORDS)
    )


def _limit_seconds(answer: Answer, now: float) -> float:
    asked = _retry_after(answer)
    if asked is not None:
        return asked
    reset = _number(answer, "x-ratelimit-reset")
    if answer.headers.get("x-ratelimit-remaining") == "0" and reset is not None:
        return max(reset - now, 1.0)
    return MIN_LIMIT_SECONDS


def _find_unprocessable(answer: Answer, text: str) -> LintbotError:
    if "no commit found for sha" in answer.message.lower():
        return UnknownCommitError(text, retry_after_seconds=NEW_COMMIT_SECONDS)
    return UnprocessableError(text)


def _describe(answer: Answer) -> str:
    words = answer.message or ("not JSON" if not answer.is_json else "")
    request_id = answer.headers.get("x-github-request-id", "")
    parts = [f"GitHub answered {answer.status} to {answer.asked}", words]
    text = ": ".join(part for part in parts if part)
    return f"{text} (request {request_id})" if request_id else text


def _retry_after(answer: Answer) -> float | None:
    return _number(answer, "retry-after")


def _number(answer: Answer, header: str) -> float | None:
    try:
        return max(float(answer.headers.get(header, "")), 0.0)
    except ValueError:
        return None
