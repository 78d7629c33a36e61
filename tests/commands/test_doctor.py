"""``lintbot doctor``: each thing that can be wrong is named, with what mends it."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from rich.console import Console

from lintbot.doctor import Finding, Health, Tools, examine, run_doctor
from lintbot.errors import PermanentError, SandboxUnavailableError, TransientError, UserError
from lintbot.settings import Settings

PEM = "-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n"
PERMISSIONS = {"checks": "write", "contents": "read"}
EVENTS = ("pull_request", "push")


@dataclass(frozen=True)
class Registered:
    permissions: Mapping[str, str] = field(default_factory=lambda: PERMISSIONS)
    events: tuple[str, ...] = EVENTS
    date: str = field(default_factory=lambda: format_datetime(datetime.now(UTC), usegmt=True))


@dataclass(frozen=True)
class Hooked:
    url: str = "http://localhost:8000/webhooks/github"
    event: str = "ping"
    answered: bool = True


class Machine:
    """A machine on which all is well, unless something is set."""

    def __init__(self, **wrong: object) -> None:
        self.wrong = wrong

    def answer(self, name: str, well: object) -> object:
        found = self.wrong.get(name, well)
        if isinstance(found, Exception):
            raise found
        return found

    def tools(self) -> Tools:
        async def describe_sandbox(_: Settings) -> tuple[str, bool]:
            return self.answer("sandbox", ("tier A", True))

        async def read_registration(_: Settings) -> Registered:
            return self.answer("registration", Registered())

        async def try_hook(_: Settings) -> Hooked:
            return self.answer("hook", Hooked())

        return Tools(
            describe_git=lambda: self.answer("git", "2.39.5 at /usr/bin/git"),
            describe_database=lambda _: self.answer("database", "reachable and up to date"),
            describe_sandbox=describe_sandbox,
            read_registration=read_registration,
            try_hook=try_hook,
            permissions=PERMISSIONS,
            events=EVENTS,
        )


def an_environment(tmp_path: Path, **more: str) -> dict[str, str]:
    return {
        "LINTBOT_APP_ID": "7",
        "LINTBOT_PRIVATE_KEY": PEM,
        "LINTBOT_WEBHOOK_SECRET": "a long secret",
        "LINTBOT_DATA_DIR": str(tmp_path / "not" / "yet" / "there"),
    } | more


async def find(tmp_path: Path, name: str, **wrong: object) -> Finding:
    found = await examine(an_environment(tmp_path), Machine(**wrong).tools())
    return next(finding for finding in found if finding.name == name)


async def test_a_healthy_machine(tmp_path: Path):
    found = await examine(an_environment(tmp_path), Machine().tools())
    names = ["settings", "git", "disk", "database", "sandbox", "App", "webhook", "clock"]
    assert [(finding.name, finding.health) for finding in found] == [
        (n, Health.GOOD) for n in names
    ]
    assert not any(finding.advice for finding in found)


@pytest.mark.parametrize(
    ("name", "wrong", "health", "advice"),
    [
        ("git", UserError("git is not installed"), Health.BAD, "apt-get install git"),
        ("database", TransientError("out of reach"), Health.BAD, "DATABASE_URL"),
        ("database", UserError("tables are at version 0"), Health.BAD, "lintbot migrate"),
        ("sandbox", SandboxUnavailableError("none holds"), Health.BAD, "bubblewrap"),
        ("sandbox", ("tier C", False), Health.WEAK, "stronger tier"),
    ],
)
async def test_what_is_wrong_and_what_mends_it(
    tmp_path: Path, name: str, wrong: object, health: Health, advice: str
):
    finding = await find(tmp_path, name, **{name: wrong})
    assert finding.health is health
    assert advice in finding.advice


@pytest.mark.parametrize(
    ("registered", "name", "health", "words"),
    [
        (PermanentError("takes none of the keys"), "GitHub", Health.BAD, "takes none"),
        (Registered(permissions={"checks": "read"}), "App", Health.BAD, "checks: write"),
        (Registered(permissions={"checks": "write"}), "App", Health.BAD, "contents: read"),
        (Registered(events=("push",)), "App", Health.BAD, "pull_request"),
        (
            Registered(permissions={**PERMISSIONS, "issues": "write"}),
            "App",
            Health.WEAK,
            "more than lintbot needs: issues",
        ),
        (Registered(permissions={**PERMISSIONS, "contents": "write"}), "App", Health.WEAK, "write"),
        (Registered(date=""), "clock", Health.WEAK, "no time"),
        (
            Registered(date=format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True)),
            "clock",
            Health.BAD,
            "beside GitHub's",
        ),
    ],
)
async def test_what_github_knows(
    tmp_path: Path, registered: object, name: str, health: Health, words: str
):
    finding = await find(tmp_path, name, registration=registered)
    assert finding.health is health
    assert words in finding.words
    assert finding.advice or health is not Health.BAD


@pytest.mark.parametrize(
    ("hook", "health", "advice"),
    [
        (TransientError("away"), Health.BAD, "try again"),
        (Hooked(event=""), Health.WEAK, "push something"),
        (Hooked(answered=False), Health.BAD, "start lintbot"),
        (Hooked(url="https://forwards.example"), Health.WEAK, "LINTBOT_PUBLIC_URL"),
    ],
)
async def test_whether_webhooks_arrive(tmp_path: Path, hook: object, health: Health, advice: str):
    finding = await find(tmp_path, "webhook", hook=hook)
    assert finding.health is health
    assert advice in finding.advice


async def test_a_malformed_setting_hides_nothing_else(tmp_path: Path):
    environment = an_environment(tmp_path, PORT="many", LINTBOT_APP_ID="x")
    found = await examine(environment, Machine(database=TransientError("gone")).tools())
    assert [finding.name for finding in found] == ["settings", "git", "disk", "database", "sandbox"]
    assert "PORT" in found[0].words
    assert "LINTBOT_APP_ID" in found[0].words
    assert "docs/configuration.md" in found[0].advice


async def test_the_exit_status_and_what_is_printed(tmp_path: Path):
    for machine, status in ((Machine(), 0), (Machine(sandbox=("tier C [b]", False)), 0)):
        console = Console(file=io.StringIO(), width=200)
        assert await run_doctor(an_environment(tmp_path), machine.tools(), console) == status
    console = Console(file=io.StringIO(), width=200)
    assert await run_doctor({}, Machine().tools(), console) == 1
    assert "LINTBOT_WEBHOOK_SECRET" in console.file.getvalue()
    assert "→" in console.file.getvalue()
