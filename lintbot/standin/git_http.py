"""Shell: git's smart HTTP protocol over bare repositories, by git's own CGI program.

A stand-in of GitHub's git host, so it starts git itself; the App never does so from here.
https://git-scm.com/docs/git-http-backend
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

Authorise = Callable[[str, str | None], Path | str | None]
"""(owner/name, token) -> the bare repository, an address to redirect to, or None: not found."""


@dataclass(slots=True)
class GitHttp:
    """Serves ``/{owner}/{name}.git/…``.

    Attributes:
        bytes_sent: body bytes of answers so far, to measure what a fetch costs.
        filters: offer partial fetches, as GitHub does.
    """

    authorise: Authorise
    bytes_sent: int = field(default=0)
    filters: bool = True

    def routes(self) -> list[web.RouteDef]:
        """Return the two routes that a fetch uses."""
        path = "/{owner}/{name}.git/{service:info/refs|git-upload-pack}"
        return [web.get(path, self._serve), web.post(path, self._serve)]

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        name = f"{request.match_info['owner']}/{request.match_info['name']}"
        found = self.authorise(name, _token(request))
        if found is None:
            return web.Response(status=404, text="Repository not found.\n")
        if isinstance(found, str):
            raise web.HTTPMovedPermanently(
                f"{found}.git/{request.match_info['service']}?{request.query_string}"
            )
        return await self._run(request, found)

    async def _run(self, request: web.Request, bare: Path) -> web.StreamResponse:
        process = await asyncio.create_subprocess_exec(
            "git",
            "-c",
            "uploadpack.allowAnySHA1InWant=true",
            "-c",
            f"uploadpack.allowFilter={str(self.filters).lower()}",
            "-c",
            "safe.directory=*",
            "http-backend",
            env=_cgi(request, bare),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=2**20,
            process_group=0,
        )
        body = await request.read()
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018  for mypy
        feeding = asyncio.create_task(_feed(process.stdin, body))
        try:
            response = await _headers(process.stdout)
            with suppress(ConnectionResetError):  # the client went away: nobody to tell
                await response.prepare(request)
                while chunk := await process.stdout.read(2**16):
                    self.bytes_sent += len(chunk)
                    await response.write(chunk)
                await response.write_eof()
        finally:
            feeding.cancel()
            with suppress(ProcessLookupError):
                # Not process.kill(): it polls, and so takes the exit status from asyncio.
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
            await process.stdout.read()  # a client that went away left it full: close it
        return response


async def _feed(stdin: asyncio.StreamWriter, body: bytes) -> None:
    stdin.write(body)
    await stdin.drain()
    stdin.close()


async def _headers(stdout: asyncio.StreamReader) -> web.StreamResponse:
    response = web.StreamResponse()
    while line := (await stdout.readline()).decode().strip():
        name, _, value = line.partition(": ")
        if name == "Status":
            response.set_status(int(value.split()[0]))
        else:
            response.headers[name] = value
    return response


def _cgi(request: web.Request, bare: Path) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": "/nonexistent",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_PROJECT_ROOT": str(bare),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": f"/{request.match_info['service']}",
        "REQUEST_METHOD": request.method,
        "QUERY_STRING": request.query_string,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "HTTP_CONTENT_ENCODING": "",
        "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
        "REMOTE_ADDR": "127.0.0.1",
    }


def _token(request: web.Request) -> str | None:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""
