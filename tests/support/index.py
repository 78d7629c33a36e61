"""A package index on this machine: PEP 691, 700, 740 and 792, and what goes wrong with them."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web

JSON = "application/vnd.pypi.simple.v1+json"


@dataclass
class Listed:
    """One project.

    Attributes:
        files: by filename: content, upload time and what else its entry says.
        fault: slow, broken, html, huge, busy, 500 or other; empty: it is well.
    """

    name: str
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)
    status: dict[str, str] | None = None
    fault: str = ""
    version: str = "1.4"
    owners: tuple[str, ...] = ()

    def add(self, filename: str, uploaded: datetime, content: bytes = b"", **rest: Any) -> None:
        """Upload a file."""
        self.contents[filename] = content
        entry = {
            "filename": filename,
            "url": f"../../files/{self.name}/{filename}",
            "hashes": {"sha256": hashlib.sha256(content).hexdigest()},
            "size": len(content),
            "upload-time": uploaded.astimezone(UTC).isoformat(),
            "yanked": False,
        }
        self.files[filename] = entry | {key.replace("_", "-"): it for key, it in rest.items()}

    def document(self) -> dict[str, Any]:
        """Return what the index says of it."""
        said: dict[str, Any] = {
            "meta": {"api-version": self.version},
            "name": self.name,
            "files": list(self.files.values()),
        }
        return said if self.status is None else said | {"project-status": self.status}


@dataclass
class LocalIndex:
    """The index; ``asked`` holds every request as (name, status)."""

    projects: dict[str, Listed] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    url: str = ""

    def list(self, name: str, uploaded: datetime, *versions: str) -> Listed:
        """List a project with a wheel for each version."""
        project = self.projects[name] = Listed(name=name)
        for version in versions:
            wheel = f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
            project.add(wheel, uploaded)
        return project

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer ``GET /simple/{name}/``."""
        name = request.match_info["name"]
        self.agents.add(request.headers["User-Agent"])
        project = self.projects.get(name)
        response = web.Response(status=404) if project is None else await _say(project)
        etag = response.headers.get("ETag")
        if etag is not None and request.headers.get("If-None-Match") == etag:
            response = web.Response(status=304)
        self.asked.append((name, response.status))
        return response

    async def owners(self, request: web.Request) -> web.Response:
        """Answer ``GET /pypi/{name}/json``."""
        project = self.projects.get(request.match_info["name"])
        if project is None or not project.owners:
            return web.Response(status=404)
        roles = [{"role": "Owner", "user": user} for user in project.owners]
        return web.json_response({"ownership": {"roles": roles, "organization": None}})

    async def file(self, request: web.Request) -> web.Response:
        """Answer ``GET /files/{name}/{filename}``."""
        project = self.projects[request.match_info["name"]]
        return web.Response(body=project.contents[request.match_info["filename"]])


async def _say(project: Listed) -> web.Response:
    match project.fault:
        case "slow":
            await asyncio.sleep(60)
        case "broken":
            return web.Response(text="{", content_type=JSON)
        case "html":
            return web.Response(text="<html>", content_type="text/html")
        case "huge":
            return web.Response(body=b" " * (33 * 1024 * 1024), content_type=JSON)
        case "busy":
            return web.Response(status=429, headers={"Retry-After": "120"})
        case "500":
            return web.Response(status=500)
    said = json.dumps(project.document() | ({"name": "x"} if project.fault == "other" else {}))
    headers = {"ETag": f'"{hashlib.sha256(said.encode()).hexdigest()}"'}
    return web.Response(text=said, content_type=JSON, headers=headers)


@asynccontextmanager
async def a_local_index() -> AsyncIterator[LocalIndex]:
    """Serve an empty index; its ``url`` is the base of the simple API."""
    index = LocalIndex()
    app = web.Application()
    app.router.add_get("/simple/{name}/", index.answer)
    app.router.add_get("/pypi/{name}/json", index.owners)
    app.router.add_get("/files/{name}/{filename}", index.file)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    index.url = f"http://127.0.0.1:{runner.addresses[0][1]}/simple"
    try:
        yield index
    finally:
        await runner.cleanup()


def write_advisories(path: Path, name: str, version: str) -> Path:
    """Write a download of advisories: one, of one version of one package."""
    package = {"ecosystem": "PyPI", "name": name}
    return write_records(
        path, {"id": "PYSEC-0", "affected": [{"package": package, "versions": [version]}]}
    )


def write_records(path: Path, *records: dict[str, Any]) -> Path:
    """Write a download of advisories."""
    with zipfile.ZipFile(path, "w") as whole:
        for record in records:
            whole.writestr(f"{record['id']}.json", json.dumps(record))
    return path


def an_advisory(identifier: str, name: str, fixed: str, **more: Any) -> dict[str, Any]:
    """Return an advisory of one package: all versions before one."""
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}]
    package = {"ecosystem": "PyPI", "name": name}
    return {"id": identifier, "affected": [{"package": package, "ranges": ranges}], **more}


def make_source(folder: str, files: dict[str, str]) -> bytes:
    """Return a source distribution; paths may lead anywhere."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w:gz") as tar:
        for name, text in files.items():
            info = tarfile.TarInfo(f"{folder}/{name}")
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    return whole.getvalue()
