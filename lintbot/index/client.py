"""Shell: asks a package index for one project at a time, politely and within limits."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from lintbot.errors import LimitError, PermanentError, TransientError
from lintbot.index.simple import AnswerError, parse_owners, parse_project
from lintbot.model.package import Answer, Found, Missing, Owners, Source, Unanswered, Unchanged

_log = logging.getLogger(__name__)

ACCEPT = "application/vnd.pypi.simple.v1+json"
USER_AGENT = "lintbot (dependency watch)"
INTERVAL_SECONDS = 0.2
"""Between the beginnings of two requests; there is never more than one at a time."""
TIMEOUT_SECONDS = 20.0
DOWNLOAD_SECONDS = 60.0
MAX_ANSWER_BYTES = 32 * 1024 * 1024
MAX_SOURCE_BYTES = 50 * 1024 * 1024
MAX_PAUSE_SECONDS = 3600.0
_CHUNK = 64 * 1024
_OK, _NOT_MODIFIED, _GONE = 200, 304, (404, 410)
_BUSY = (429, 503)


class IndexClient:
    """One index.

    Args:
        session: without cookies and without automatic authentication.
        base_url: of the simple API, such as an index's ``…/simple``.
        sleep: waits so many seconds.
        monotonic: seconds that only grow.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = session
        self._base_url = base_url.rstrip("/")
        self._sleep = sleep
        self._monotonic = monotonic
        self._turn = asyncio.Lock()
        self._free_at = 0.0

    async def look(self, name: str, etag: str = "") -> Answer:
        """Return what the index says about a project; whatever goes wrong is ``Unanswered``.

        Args:
            name: normalised.
            etag: the validator of the answer before; empty: none.
        """
        async with self._turn:
            await self._wait()
            try:
                async with asyncio.timeout(TIMEOUT_SECONDS):
                    return await self._ask(name, etag)
            except TimeoutError:
                return Unanswered(f"the index did not answer within {TIMEOUT_SECONDS:.0f} seconds")
            except (aiohttp.ClientError, OSError, ValueError) as error:
                _log.info("no answer about a package: %s", type(error).__name__)
                return Unanswered("the index could not be reached")

    async def _wait(self) -> None:
        await self._sleep(max(0.0, self._free_at - self._monotonic()))
        self._free_at = self._monotonic() + INTERVAL_SECONDS

    async def _ask(self, name: str, etag: str) -> Answer:
        headers = {"Accept": ACCEPT} | ({"If-None-Match": etag} if etag else {})
        url = f"{self._base_url}/{name}/"
        async with self._session.get(url, headers=headers, max_redirects=3) as response:
            if response.status == _OK:
                return await _understand(response, name)
            if response.status == _NOT_MODIFIED and etag:
                return Unchanged()
            if response.status in _GONE:
                return Missing()
            self._pause(response)
            return Unanswered(f"the index answered with status {response.status}")

    def _pause(self, response: aiohttp.ClientResponse) -> None:
        """Ask nothing for as long as a busy index wants."""
        seconds = response.headers.get("Retry-After", "")
        if response.status in _BUSY and seconds.isdecimal():
            self._free_at = self._monotonic() + min(float(seconds[:9]), MAX_PAUSE_SECONDS)

    async def count_owners(self, name: str) -> Owners | None:
        """Return how many own a project; None where the index does not say.

        Only the JSON API tells: https://docs.pypi.org/api/json/. Its address is beside the simple
        API's.
        """
        root = self._base_url.removesuffix("/simple")
        if root == self._base_url:
            return None
        async with self._turn:
            await self._wait()
            try:
                async with (
                    asyncio.timeout(TIMEOUT_SECONDS),
                    self._session.get(f"{root}/pypi/{name}/json", max_redirects=3) as response,
                ):
                    body = await _read(response) if response.status == _OK else None
            except (aiohttp.ClientError, OSError, ValueError, TimeoutError):
                return None
        return await asyncio.to_thread(parse_owners, body) if body is not None else None

    async def download(self, source: Source, to: Path) -> None:
        """Write a source distribution to a file, if it is what the index says it is.

        Raises:
            LimitError: it is larger than lintbot's limit.
            PermanentError: its size or SHA-256 is not what the index says, or it is gone.
            TransientError: it could not be read in a way that may pass.
        """
        if urlsplit(source.url).scheme != urlsplit(self._base_url).scheme:
            raise PermanentError(
                "the index names a file at an address of another kind than its own"
            )
        async with self._turn:
            await self._wait()
            try:
                async with (
                    asyncio.timeout(DOWNLOAD_SECONDS),
                    self._session.get(source.url, max_redirects=3) as response,
                ):
                    if response.status != _OK:
                        raise PermanentError(f"the file's server answered {response.status}")
                    digest, size = await _save(response, to)
            except (aiohttp.ClientError, OSError) as error:
                raise TransientError(f"the download broke: {type(error).__name__}") from error
            except TimeoutError as error:
                raise TransientError("the download took too long") from error
        if digest != source.sha256 or size != (source.size or size):
            raise PermanentError("the file is not the one that the index describes")


async def _understand(response: aiohttp.ClientResponse, name: str) -> Answer:
    if not response.content_type.endswith("+json"):
        return Unanswered("the index does not speak the JSON simple API")
    body = await _read(response)
    if body is None:
        return Unanswered(f"the index's answer is over {MAX_ANSWER_BYTES // 1024 // 1024} MiB")
    try:
        project = await asyncio.to_thread(parse_project, body, name, str(response.url))
    except AnswerError as error:
        return Unanswered(f"the index's answer cannot be used: {error}")
    return Found(project=project, etag=response.headers.get("ETag", "")[:200])


async def _read(response: aiohttp.ClientResponse) -> bytes | None:
    """Return the body, decompressed; None when it is too large."""
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            return None
    return bytes(body)


async def _save(response: aiohttp.ClientResponse, to: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with to.open("wb") as file:
        async for chunk in response.content.iter_chunked(_CHUNK):
            size += len(chunk)
            if size > MAX_SOURCE_BYTES:
                limit = MAX_SOURCE_BYTES // 1024 // 1024
                raise LimitError(f"The source distribution is over {limit} MiB, lintbot's limit.")
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest(), size


@asynccontextmanager
async def open_index(
    base_url: str,
    *,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> AsyncIterator[IndexClient]:
    """Open connections to an index on the running event loop, and close them in the end."""
    async with aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": USER_AGENT},
        connector=aiohttp.TCPConnector(limit=1),
        trust_env=True,
    ) as session:
        yield IndexClient(session, base_url, sleep=sleep, monotonic=monotonic)
