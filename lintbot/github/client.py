"""Shell: the one way in which a request reaches GitHub's REST API.

https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any, Final

import aiohttp
from cachetools import LRUCache
from gidgethub.abc import CACHE_TYPE, GitHubAPI
from yarl import URL

from lintbot.errors import PermanentError, TransientError
from lintbot.github.errors import Answer, find_problem

API_VERSION: Final = "2022-11-28"
USER_AGENT: Final = "lintbot"

TIMEOUT: Final = aiohttp.ClientTimeout(total=60, connect=10)
"""GitHub itself gives up on a request after 10 seconds; large answers take longer to arrive."""

CONCURRENCY: Final = 50
"""GitHub allows 100 requests at the same time; other workers share them."""

_REDIRECTS: Final = frozenset({301, 302, 307, 308})
_MAX_REDIRECTS: Final = 3
_MAX_CACHED_BYTES: Final = 64 * 1024
_MAX_CACHED_ANSWERS: Final = 256

_Cached = tuple[str | None, str | None, Any, str | None]


class AnswerCache:
    """Answers with their ETags: GitHub does not count a request that it answers with 304.

    One bounded memory for all, and a view of it for each installation, so that nothing crosses.
    """

    def __init__(self, size: int = _MAX_CACHED_ANSWERS) -> None:
        self._answers: LRUCache[tuple[str, str], _Cached] = LRUCache(maxsize=size)

    def __len__(self) -> int:
        """Return how many answers are kept."""
        return len(self._answers)

    def view(self, owner: str) -> CACHE_TYPE:
        """Return what belongs to one owner, as gidgethub wants it."""
        return _View(self._answers, owner)


class _View(MutableMapping[str, _Cached]):
    def __init__(self, answers: MutableMapping[tuple[str, str], _Cached], owner: str) -> None:
        self._answers = answers
        self._owner = owner

    def __getitem__(self, url: str) -> _Cached:
        return self._answers[self._owner, url]

    def __setitem__(self, url: str, cached: _Cached) -> None:
        self._answers[self._owner, url] = cached

    def __delitem__(self, url: str) -> None:
        del self._answers[self._owner, url]

    def __iter__(self) -> Iterator[str]:
        return (url for owner, url in self._answers if owner == self._owner)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Client(GitHubAPI):
    """gidgethub's client over aiohttp, with lintbot's errors.

    Every method raises TransientError, GoneError or PermanentError; see ``github.errors``.

    Args:
        session: made by :func:`open_session`.
        api_url: the REST base; no other host is ever sent a token.
        cache: a view of the :class:`AnswerCache`, or None.
    """

    def __init__(
        self, session: aiohttp.ClientSession, api_url: str, cache: CACHE_TYPE | None = None
    ) -> None:
        super().__init__(USER_AGENT, base_url=api_url, cache=cache)
        self._session = session
        self._api = URL(api_url)

    async def sleep(self, seconds: float) -> None:
        """Sleep, as gidgethub asks for."""
        await asyncio.sleep(seconds)

    async def _request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[int, Mapping[str, str], bytes]:
        answer = await self._follow(
            method, URL(url), {**headers, "x-github-api-version": API_VERSION}, body
        )
        problem = find_problem(answer, time.time())
        if problem is not None:
            raise problem
        return answer.status, _forget_large(answer), answer.body

    async def _follow(
        self, method: str, url: URL, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        """Send a request; after a rename GitHub redirects to ``/repositories/{id}``.

        The method and body stay, as GitHub asks for, whichever the redirect is.
        """
        for _ in range(_MAX_REDIRECTS):
            answer = await self._send(method, url, headers, body)
            if answer.status not in _REDIRECTS:
                return answer
            url = url.join(URL(answer.headers.get("location", "")))
        raise TransientError(f"GitHub redirects {method} {url.path} in circles")

    async def _send(self, method: str, url: URL, headers: Mapping[str, str], body: bytes) -> Answer:
        if url.origin() != self._api.origin():
            raise PermanentError(f"GitHub refers to another host: {url.origin()}")
        asked = f"{method} {url.path}"
        try:
            async with self._session.request(
                method, url, headers=headers, data=body or None, allow_redirects=False
            ) as response:
                content = await response.read()
                lower = {name.lower(): value for name, value in response.headers.items()}
                return Answer(asked=asked, status=response.status, headers=lower, body=content)
        except TimeoutError as error:
            raise TransientError(f"GitHub did not answer in time: {asked}") from error
        except aiohttp.ClientError as error:
            what = type(error).__name__
            raise TransientError(f"the connection to GitHub broke ({what}): {asked}") from error


def open_session() -> aiohttp.ClientSession:
    """Return a session for GitHub alone; the caller closes it."""
    return aiohttp.ClientSession(
        timeout=TIMEOUT,
        connector=aiohttp.TCPConnector(limit=CONCURRENCY),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=True,
    )


def _forget_large(answer: Answer) -> Mapping[str, str]:
    """Hide the ETag of a large answer, so that it is not kept."""
    if len(answer.body) <= _MAX_CACHED_BYTES:
        return answer.headers
    return {k: v for k, v in answer.headers.items() if k not in {"etag", "last-modified"}}
