"""Shell: ``lintbot demo``: the whole App on this machine, with no account and no network."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import tempfile
import webbrowser
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from lintbot.demo.replay import OWNER, Source, find_source, host, push, wait_for_check
from lintbot.errors import UserError
from lintbot.git.history import Commit
from lintbot.settings import DEFAULT_PORT, Settings, load_settings
from lintbot.standin.server import StandIn
from lintbot.standin.state import CheckRun, Repository

Serve = Callable[[Settings], AbstractAsyncContextManager[str]]
"""Run web and worker while the context lasts; gives the public address (``wiring.open_server``)."""

GRACE_SECONDS = 60.0
"""Beyond the App's own deadline, before the demo gives a check run up."""

_MARKS = {
    "success": "[green]✓ success  [/]",
    "failure": "[red]✗ failure  [/]",
    "neutral": "[yellow]• neutral  [/]",
    "cancelled": "[dim]- cancelled[/]",
    "timed_out": "[yellow]! timed out[/]",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """What the command line asks for.

    Attributes:
        path: None for the current folder.
        port: None for 8000 if it is free, else any.
        stay: keep serving after the last check run.
    """

    path: Path | None
    pushes: int
    port: int | None
    browser: bool
    stay: bool


async def run_demo(options: DemoOptions, serve: Serve, console: Console) -> int:
    """Run the demo; return 0 only if every push ended in a completed check run."""
    _clean_up_on_sigterm()
    port = choose_port(options.port)
    # Whoever presses Ctrl-C a second time does not wait for what is still being written there.
    with tempfile.TemporaryDirectory(prefix="lintbot-demo-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # the sandbox's user must reach the checkouts below it
        source = await asyncio.to_thread(find_source, options.path, options.pushes, folder)
        async with StandIn(folder) as github:
            _introduce(console, github, source)
            async with _served(github, folder, port, serve) as (url, settings):
                github.app.hook_url = f"{url}/webhooks/github"
                repository = await host(github, source, folder)
                done = await _replay(github, repository, source, console, settings)
                _conclude(console, url, repository, source)
                if options.stay:
                    await _stay(console, url, repository, browser=options.browser)
    return 0 if done else 1


def _clean_up_on_sigterm() -> None:
    """Let SIGTERM end the demo as Ctrl-C does: nothing is left behind."""
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


def choose_port(asked: int | None) -> int:
    """Return a port to listen on.

    Raises:
        UserError: the port that was asked for is taken.
    """
    for port in (DEFAULT_PORT, 0) if asked is None else (asked,):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise UserError(f"port {asked} is taken: choose another with --port")


@asynccontextmanager
async def _served(
    github: StandIn, folder: Path, port: int, serve: Serve
) -> AsyncIterator[tuple[str, Settings]]:
    """Run lintbot itself, configured as an operator would configure it."""
    kept = {k: v for k, v in os.environ.items() if k in {"LINTBOT_SANDBOX", "PATH", "HOME"}}
    settings = load_settings(
        kept
        | {
            "LINTBOT_APP_ID": str(github.app.id),
            "LINTBOT_CLIENT_ID": github.app.client_id,
            "LINTBOT_PRIVATE_KEY": github.app.private_key,
            "LINTBOT_WEBHOOK_SECRET": github.app.webhook_secret,
            "LINTBOT_GITHUB_URL": github.url,
            "LINTBOT_GITHUB_API_URL": github.api_url,
            "LINTBOT_PACKAGE_INDEX_URL": "off",
            "LINTBOT_DATA_DIR": str(folder / "data"),
            "PORT": str(port),
        }
    )
    async with serve(settings) as url:
        yield url, settings


async def _replay(
    github: StandIn,
    repository: Repository,
    source: Source,
    console: Console,
    settings: Settings,
) -> bool:
    """Push commit after commit, each when the one before has its verdict."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    done = True
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("pushing", total=len(source.commits))
        for commit in source.commits:
            progress.update(bar, description=f"push {commit.sha[:7]} {escape(commit.subject[:40])}")
            await push(github, repository, source.branch, commit)
            patience = settings.job_timeout_seconds + GRACE_SECONDS
            run = await wait_for_check(github, repository, commit, patience)
            done = done and run is not None
            console.print(_line(commit, run), highlight=False, soft_wrap=True)
            progress.advance(bar)
    return done


def _line(commit: Commit, run: CheckRun | None) -> str:
    subject = escape(commit.subject[:60])
    if run is None:
        return f"[red]? no verdict [/] {commit.sha[:7]} {subject}"
    mark = _MARKS.get(run.conclusion or "", escape(str(run.conclusion)))
    notes = len(run.annotations)
    annotated = f" · {notes} annotation{'' if notes == 1 else 's'}" if notes else ""
    return (
        f"{mark} {commit.sha[:7]} [bold]{escape(run.title or '')}[/]{annotated} [dim]{subject}[/]"
    )


def _introduce(console: Console, github: StandIn, source: Source) -> None:
    if source.note:
        console.print(f"[yellow]{escape(source.note)}[/]", highlight=False, soft_wrap=True)
    console.print(
        f"A stand-in for GitHub at {github.url} hosts [bold]{OWNER}/{escape(source.name)}[/]; "
        f"lintbot gets its last {len(source.commits)} commits as signed webhooks.",
        highlight=False,
        soft_wrap=True,
    )


def _conclude(console: Console, url: str, repository: Repository, source: Source) -> None:
    name = f"{OWNER}/{repository.name}"
    for label, address in (
        ("badge ", f"{url}/badge/{name}.svg"),
        ("report", f"{url}/gh/{name}"),
        ("commit", f"{url}/gh/{name}/runs/{source.commits[-1].sha}"),
    ):
        console.print(f"{label}  {address}", highlight=False, soft_wrap=True, markup=False)


async def _stay(console: Console, url: str, repository: Repository, *, browser: bool) -> None:
    if browser and (os.environ.get("DISPLAY") or sys.platform in {"darwin", "win32"}):
        await asyncio.to_thread(webbrowser.open, f"{url}/gh/{OWNER}/{repository.name}")
    console.print("Serving until Ctrl-C.", highlight=False)
    await asyncio.Event().wait()
