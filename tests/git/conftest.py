from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.git.host import Host


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[Host]:
    host = Host(tmp_path / "host")
    app = web.Application()
    app.add_routes(host.git.routes())
    async with TestServer(app) as server:
        host.url = str(server.make_url("")).rstrip("/")
        yield host
