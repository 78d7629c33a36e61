"""Shell: answers that caches keep but ask about, compressed, and errors that nobody keeps."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from lintbot.web.caching import NEVER, PRIVATE, REVALIDATE, has_it, make_etag
from lintbot.web.visibility import viewer_of

OK, BAD_REQUEST, NOT_FOUND, UNAVAILABLE = 200, 400, 404, 503
RETRY_AFTER_SECONDS = 10
COMPRESS_APART_BYTES = 32 * 1024
"""Larger bodies are compressed in a thread, so that nobody else waits for it."""


def make_answer(
    request: web.Request, status: int, body: bytes, content_type: str, headers: Mapping[str, str]
) -> web.Response:
    """Return an answer, or 304 when the client has it already.

    Args:
        request: what is answered.
        status: 200, 400, 404 or 503.
        body: UTF-8.
        content_type: without a character set.
        headers: beside those of caching.
    """
    own = dict(headers) | {"Cache-Control": NEVER}
    if status == OK:
        keep = PRIVATE if viewer_of(request).person is not None else REVALIDATE
        own |= {"Cache-Control": keep, "ETag": make_etag(body), "Vary": "Cookie"}
        if has_it(request.headers.get("If-None-Match", ""), own["ETag"]):
            return web.Response(status=304, headers=own)
    if status == UNAVAILABLE:
        own["Retry-After"] = str(RETRY_AFTER_SECONDS)
    response = web.Response(
        body=body,
        status=status,
        content_type=content_type,
        charset="utf-8",
        headers=own,
        zlib_executor_size=COMPRESS_APART_BYTES,
    )
    response.enable_compression()
    return response
