"""Shell: the ``lintbot`` command."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lintbot import __version__
from lintbot.admin import add_admin
from lintbot.arguments import port, positive, seconds
from lintbot.errors import LintbotError, SettingsError

if TYPE_CHECKING:
    from lintbot.settings import Settings

_log = logging.getLogger(__name__)

EXIT_OK, EXIT_FAILED, EXIT_USAGE = 0, 1, 2
EXIT_INTERRUPTED, EXIT_TERMINATED = 130, 143
"""As a shell tells of SIGINT and SIGTERM."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status (0 good, 1 failed, 2 cannot start)."""
    arguments = make_parser().parse_args(argv)
    try:
        run: Callable[[argparse.Namespace], int] = arguments.run
        return run(arguments)
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201  the command's own output
        return EXIT_USAGE
    except LintbotError as error:
        print(f"lintbot: {error}", file=sys.stderr)  # noqa: T201  the command's own output
        return EXIT_FAILED
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except asyncio.CancelledError:
        return EXIT_TERMINATED


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of every command, with its help."""
    parser = argparse.ArgumentParser(
        prog="lintbot", description="The lint badge that cannot lie, hang or disappear."
    )
    parser.add_argument("--version", action="version", version=f"lintbot {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_demo(commands)
    for name, text in (
        ("serve", "web and worker in one process: what one small server runs"),
        ("web", "only the web half, any number of them (PostgreSQL)"),
        ("worker", "only the worker half, any number of them (PostgreSQL)"),
        ("migrate", "bring the database schema up to date"),
        ("doctor", "check everything that an operator can get wrong"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=globals()[f"_{name}"])
    _add_setup(commands)
    _add_scan(commands)
    _add_sandbox_exec(commands)
    add_admin(commands)
    return parser


def _add_demo(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    text = "the whole App on this machine, with no account and no network"
    demo = commands.add_parser("demo", help=text, description=text)
    demo.add_argument(
        "path",
        metavar="PATH",
        nargs="?",
        type=Path,
        help="a git repository (default: the current one, else a sample project)",
    )
    demo.add_argument("--pushes", type=positive, default=5, metavar="N", help="default 5")
    demo.add_argument("--port", type=port, metavar="P", help="default 8000, or a free one")
    demo.add_argument("--no-browser", action="store_true", help="do not open the report page")
    demo.add_argument("--exit", action="store_true", help="stop after the last check run")
    demo.set_defaults(run=_demo)


def _add_setup(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    text = "register the GitHub App in the browser, and write its credentials to .env"
    setup = commands.add_parser("setup", help=text, description=text)
    setup.add_argument("--name", default="", help="of the App; it can be changed on GitHub")
    setup.add_argument(
        "--webhook-url", default="", metavar="URL", help="what forwards webhooks to this machine"
    )
    setup.add_argument("--no-browser", action="store_true", help="only print the page's address")
    setup.set_defaults(run=_setup)


def _add_scan(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    text = "the same pipeline on a local folder: same findings, same score, same digits"
    scan = commands.add_parser("scan", help=text, description=text)
    scan.add_argument("path", metavar="PATH", type=Path)
    scan.add_argument(
        "--format",
        choices=("text", "json", "sarif", "markdown"),
        default="text",
        help="default text",
    )
    scan.add_argument(
        "--fail-on",
        choices=("new", "error", "none"),
        default="new",
        help="exit status 1 on new findings at the gate, on any error, or never (default new)",
    )
    scan.add_argument("--base", metavar="REV", help="compare with this commit (its merge base)")
    scan.set_defaults(run=_scan)


def _add_sandbox_exec(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    text = "run a command in the sandbox exactly as a linter of an untrusted repository would run"
    execute = commands.add_parser("sandbox-exec", help=text, description=text)
    execute.add_argument("--tier", choices=("A", "B", "C"), help="default: the strongest")
    execute.add_argument("--profile", choices=("single", "threads"), default="single")
    execute.add_argument("--repo", required=True, type=Path, metavar="DIR")
    execute.add_argument("--timeout", required=True, type=seconds, metavar="SECONDS")
    execute.add_argument("argv", nargs=argparse.REMAINDER, metavar="-- ARGV")
    execute.set_defaults(run=_sandbox_exec)


def _demo(arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from lintbot.demo.command import DemoOptions, run_demo
    from lintbot.wiring.server import open_server

    _log_to_stderr(_WARNING)
    options = DemoOptions(
        path=arguments.path,
        pushes=arguments.pushes,
        port=arguments.port,
        browser=not arguments.no_browser,
        stay=not arguments.exit,
    )
    return asyncio.run(run_demo(options, open_server, Console()))


def _serve(_arguments: argparse.Namespace) -> int:
    from lintbot.wiring.server import open_server

    settings = _settings()

    async def serve() -> None:
        async with open_server(settings):
            await asyncio.Event().wait()

    return _run(serve())


def _web(_arguments: argparse.Namespace) -> int:
    from lintbot.wiring.server import open_web

    settings = _settings()

    async def serve() -> None:
        async with open_web(settings, settings.host or "0.0.0.0"):  # noqa: S104  behind a proxy
            await asyncio.Event().wait()

    return _run(serve())


def _worker(_arguments: argparse.Namespace) -> int:
    from lintbot.wiring.server import open_worker

    settings = _settings()

    async def work() -> None:
        async with open_worker(settings):
            await asyncio.Event().wait()

    return _run(work())


def _migrate(_arguments: argparse.Namespace) -> int:
    from lintbot.settings import load_settings, read_environment
    from lintbot.wiring.server import migrate_all

    _log_to_stderr()
    migrate_all(load_settings(read_environment(), app_required=False))
    return EXIT_OK


def _doctor(_arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from lintbot.doctor import run_doctor
    from lintbot.settings import read_environment
    from lintbot.wiring.doctor import make_doctor_tools

    _log_to_stderr(_WARNING)
    return asyncio.run(run_doctor(read_environment(), make_doctor_tools(), Console()))


def _setup(arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from lintbot.setup import SetupOptions, run_setup
    from lintbot.wiring.setup import make_setup_tools

    _log_to_stderr(_WARNING)
    options = SetupOptions(name=arguments.name, webhook_url=arguments.webhook_url)
    tools = make_setup_tools(browser=not arguments.no_browser)
    return asyncio.run(run_setup(_settings(app_required=False), options, tools, Console()))


def _scan(arguments: argparse.Namespace) -> int:
    from lintbot.wiring.scan import scan_folder

    _log_to_stderr(_WARNING)
    text, status = asyncio.run(
        scan_folder(
            _settings(app_required=False),
            arguments.path,
            base=arguments.base,
            form=arguments.format,
            fail_on=arguments.fail_on,
        )
    )
    sys.stdout.write(text)
    return status


def _sandbox_exec(arguments: argparse.Namespace) -> int:
    from lintbot.sandbox.command import sandbox_exec

    _log_to_stderr(_SILENT)
    argv = arguments.argv[1:] if arguments.argv[:1] == ["--"] else arguments.argv
    if not argv:
        print("lintbot: give a command after --", file=sys.stderr)  # noqa: T201
        return EXIT_USAGE
    return asyncio.run(
        sandbox_exec(
            argv,
            repo=arguments.repo,
            timeout_seconds=arguments.timeout,
            tier=arguments.tier,
            profile=arguments.profile,
        )
    )


_SWITCH_SECONDS = 0.0005
"""A thread that comes back from the database waits so long for one that computes. Python's own
5 ms, a dozen times in the transaction of a webhook, would be most of the time that it takes."""

_WARNING = 30
"""``logging.WARNING``: commands for people print no log lines below it."""
_SILENT = 60
"""Above all levels: the command says everything itself."""


def _settings(*, app_required: bool = True) -> Settings:
    from lintbot.settings import load_settings, read_environment

    return load_settings(read_environment(), app_required=app_required)


def _run(work: Coroutine[Any, Any, None]) -> int:
    """Work until SIGTERM or Ctrl-C; status 0 whenever it comes, also while we are starting."""
    _log_to_stderr()
    sys.setswitchinterval(_SWITCH_SECONDS)
    asyncio.run(_until_stopped(work))
    return EXIT_OK


async def _until_stopped(work: Coroutine[Any, Any, None]) -> None:
    loop, task = asyncio.get_running_loop(), asyncio.create_task(work)

    def stop() -> None:
        _log.info("stopping")
        task.cancel()
        for number in signals:  # asked twice: what is being closed goes on being closed
            loop.add_signal_handler(number, lambda: None)

    signals = (signal.SIGTERM, signal.SIGINT)
    for number in signals:
        loop.add_signal_handler(number, stop)
    with suppress(asyncio.CancelledError):
        await task


def _log_to_stderr(level: int = 20) -> None:
    from lintbot.log import set_up_logging
    from lintbot.model.secrets import redact

    set_up_logging(redact, level=level)


if __name__ == "__main__":
    sys.exit(main())
