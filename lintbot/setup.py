"""Shell: ``lintbot setup``: registers the GitHub App in the browser and writes its credentials."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from aiohttp import web
from dotenv import set_key
from rich.console import Console

from lintbot.errors import UserError
from lintbot.model.app import NewApp
from lintbot.settings import Settings
from lintbot.web.setup import Setup, setup_routes
from lintbot.web.site import make_site

WEBHOOK_PATH: Final = "/webhooks/github"
_LOCAL: Final = ("http://localhost", "http://127.0.0.1")
_PRIVATE_MODE: Final = 0o600
_KEY_BYTES: Final = 24


class MakeManifest(Protocol):
    """Returns the manifest of the App (``github.manifest.make_manifest``)."""

    def __call__(
        self, *, name: str, public_url: str, webhook_url: str, redirect_url: str
    ) -> dict[str, object]:
        """Return it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupTools:
    """What the command asks; ``wiring`` fills it in.

    Attributes:
        convert: trades GitHub's code for the App's credentials, at a REST base.
        browse: opens an address in the operator's browser, if there is one.
        linger_seconds: for which the last page can still ask for its style sheet.
    """

    make_manifest: MakeManifest
    convert: Callable[[str, str], Awaitable[NewApp]]
    browse: Callable[[str], object]
    linger_seconds: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupOptions:
    """What the operator chose.

    Attributes:
        name: of the App; empty: one that nobody has.
        webhook_url: where GitHub sends deliveries; empty: lintbot's public address.
        env_file: where the credentials go.
    """

    name: str = ""
    webhook_url: str = ""
    env_file: Path = Path(".env")


async def run_setup(
    settings: Settings, options: SetupOptions, tools: SetupTools, console: Console
) -> int:
    """Serve the pages until the App is registered; return the exit status.

    Raises:
        UserError: lintbot is set up already, GitHub could not reach it, or nothing can be written.
    """
    webhook_url = options.webhook_url or settings.public_url + WEBHOOK_PATH
    check_beginning(settings, webhook_url)
    make_private_file(options.env_file)
    name = options.name or f"lintbot-{secrets.token_hex(3)}"

    def make_manifest(redirect_url: str) -> dict[str, object]:
        return tools.make_manifest(
            name=name,
            public_url=settings.public_url,
            webhook_url=webhook_url,
            redirect_url=redirect_url,
        )

    site, stylesheet = make_site(public_url=settings.public_url, github_url=settings.github_url)
    setup = Setup(
        site=site,
        key=secrets.token_urlsafe(_KEY_BYTES),
        make_manifest=make_manifest,
        convert=lambda code: tools.convert(code, settings.github_api_url),
        save=lambda app: write_credentials(options.env_file, app, settings),
        done=asyncio.get_running_loop().create_future(),
    )
    async with _serving(settings, [stylesheet, *setup_routes(setup)]) as address:
        url = f"{address}/setup?key={setup.key}"
        console.print(f"Open this page to register the App:\n\n  {url}\n", soft_wrap=True)
        await asyncio.to_thread(tools.browse, url)
        app = await setup.done
        await asyncio.sleep(tools.linger_seconds)
    console.print(
        f"{app.name} is registered; its credentials are in {options.env_file}, "
        "which only you can read.\n"
        f"Now: lintbot serve, lintbot doctor, and install it: {app.html_url}/installations/new",
        soft_wrap=True,
    )
    return 0


def check_beginning(settings: Settings, webhook_url: str) -> None:
    """Refuse what cannot end well.

    Raises:
        UserError: it says what to do.
    """
    if settings.app_id:
        raise UserError(
            f"lintbot is set up already, as App {settings.app_id}. To register another one, "
            "take LINTBOT_APP_ID out of the environment and of .env first"
        )
    if webhook_url.startswith(_LOCAL):
        raise UserError(
            f"GitHub cannot send webhooks to {webhook_url}. Set LINTBOT_PUBLIC_URL to the address "
            "under which the internet reaches this server, or give --webhook-url of something "
            "that forwards them here: docs/setup.md"
        )


def make_private_file(path: Path) -> None:
    """Let a file exist that only its owner can read, so that credentials can be written.

    Raises:
        UserError: it cannot be written.
    """
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, _PRIVATE_MODE))
        path.chmod(_PRIVATE_MODE)
    except OSError as error:
        raise UserError(f"{path} cannot be written ({error.strerror})") from error


def write_credentials(path: Path, app: NewApp, settings: Settings) -> None:
    """Write an App's credentials, and where GitHub and lintbot are; other lines stay."""
    values: Mapping[str, str] = {
        "LINTBOT_APP_ID": str(app.id),
        "LINTBOT_CLIENT_ID": app.client_id,
        "LINTBOT_CLIENT_SECRET": app.client_secret,
        "LINTBOT_PRIVATE_KEY": app.private_key.strip().replace("\n", "\\n"),
        "LINTBOT_WEBHOOK_SECRET": app.webhook_secret,
        "LINTBOT_GITHUB_URL": settings.github_url,
        "LINTBOT_GITHUB_API_URL": settings.github_api_url,
        "LINTBOT_PUBLIC_URL": settings.public_url,
    }
    for name, value in values.items():
        set_key(path, name, value)
    path.chmod(_PRIVATE_MODE)


@asynccontextmanager
async def _serving(settings: Settings, routes: list[web.RouteDef]) -> AsyncIterator[str]:
    app = web.Application()
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    await runner.setup()
    host = settings.host or "127.0.0.1"
    try:
        try:
            await web.TCPSite(runner, host, settings.port).start()
        except OSError as error:
            raise UserError(
                f"port {settings.port} of {host} cannot be opened ({error.strerror}): "
                "set PORT to a free one"
            ) from error
        port = runner.addresses[0][1]
        yield f"http://localhost:{port}" if host == "127.0.0.1" else f"http://{host}:{port}"
    finally:
        await runner.cleanup()
