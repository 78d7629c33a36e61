"""Shell: ``lintbot doctor``: what an operator can get wrong, and how to mend each."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Protocol

from rich.console import Console
from rich.markup import escape

from lintbot.errors import LintbotError, SettingsError
from lintbot.settings import Settings, load_settings

MIN_FREE_BYTES = 2 * 1024**3
MAX_CLOCK_SKEW_SECONDS = 30.0


class Health(StrEnum):
    """How a check ended."""

    GOOD = "ok"
    WEAK = "could be stronger"
    BAD = "MEND"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the doctor's report.

    Attributes:
        advice: what to do; empty when all is well.
    """

    name: str
    health: Health
    words: str
    advice: str = ""


class Registration(Protocol):
    """What GitHub says about the App."""

    @property
    def permissions(self) -> Mapping[str, str]:
        """Name to ``read`` or ``write``."""
        ...

    @property
    def events(self) -> tuple[str, ...]:
        """Those that it is subscribed to."""
        ...

    @property
    def date(self) -> str:
        """GitHub's clock, as HTTP writes it."""
        ...


class Hook(Protocol):
    """What GitHub says about the App's webhook."""

    @property
    def url(self) -> str:
        """Where deliveries go."""
        ...

    @property
    def event(self) -> str:
        """Of the delivery that was looked at; empty: there was none."""
        ...

    @property
    def answered(self) -> bool:
        """Whether it was answered 2xx."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What the doctor asks; ``wiring`` fills it in.

    Attributes:
        describe_git: blocking; raises LintbotError when there is none that is new enough.
        describe_database: blocking; raises LintbotError.
        describe_sandbox: words and whether it is the strongest tier; raises LintbotError.
        read_registration: asks GitHub as the App; raises LintbotError.
        try_hook: has GitHub send a ping; raises LintbotError.
        permissions: those of app.yml; so are ``events``.
    """

    describe_git: Callable[[], str]
    describe_database: Callable[[Settings], str]
    describe_sandbox: Callable[[Settings], Awaitable[tuple[str, bool]]]
    read_registration: Callable[[Settings], Awaitable[Registration]]
    try_hook: Callable[[Settings], Awaitable[Hook]]
    permissions: Mapping[str, str]
    events: tuple[str, ...]


async def run_doctor(environ: Mapping[str, str], tools: Tools, console: Console) -> int:
    """Check everything and print it; return 1 if anything must be mended."""
    findings = await examine(environ, tools)
    for finding in findings:
        color = {Health.GOOD: "green", Health.WEAK: "yellow", Health.BAD: "red"}[finding.health]
        words = f"[{color}]{finding.health:<17}[/] {finding.name}: {escape(finding.words)}"
        console.print(words, highlight=False, soft_wrap=True)
        if finding.advice:
            console.print(f"{'':<18}→ {escape(finding.advice)}", highlight=False, soft_wrap=True)
    return 1 if any(finding.health is Health.BAD for finding in findings) else 0


async def examine(environ: Mapping[str, str], tools: Tools) -> list[Finding]:
    """Return a finding for each thing that can be wrong; one that fails hides no other."""
    findings = [_check_settings(environ)]
    settings = load_settings(_places_only(environ), app_required=False)
    findings += [await asyncio.to_thread(_check_git, tools), _check_disk(settings)]
    findings.append(await asyncio.to_thread(_check_database, settings, tools))
    findings.append(await _check_sandbox(settings, tools))
    if findings[0].health is Health.GOOD:
        findings += await _check_app(load_settings(environ), tools)
    return findings


def _places_only(environ: Mapping[str, str]) -> dict[str, str]:
    """Leave out settings that are malformed, so that the rest can still be examined."""
    kept = dict(environ)
    try:
        load_settings(kept, app_required=False)
    except SettingsError as error:
        for name in environ:
            if f"- {name} " in str(error):
                del kept[name]
    return kept


def _check_settings(environ: Mapping[str, str]) -> Finding:
    try:
        settings = load_settings(environ)
    except SettingsError as error:
        problems = "; ".join(
            line.removeprefix("  - ") for line in str(error).splitlines() if line.startswith("  - ")
        )
        advice = "docs/configuration.md has every setting"
        return Finding(name="settings", health=Health.BAD, words=problems, advice=advice)
    words = f"App {settings.app_id} on {settings.github_url}, reached at {settings.public_url}"
    return Finding(name="settings", health=Health.GOOD, words=words)


def _check_git(tools: Tools) -> Finding:
    try:
        words = tools.describe_git()
    except LintbotError as error:
        advice = "for example: apt-get install git"
        return Finding(name="git", health=Health.BAD, words=str(error), advice=advice)
    return Finding(name="git", health=Health.GOOD, words=words)


def _check_disk(settings: Settings) -> Finding:
    folder = settings.data_dir
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    words = f"{free / 1024**3:.1f} GiB free in {settings.data_dir}"
    if free >= MIN_FREE_BYTES:
        return Finding(name="disk", health=Health.GOOD, words=words)
    advice = "make room, or set LINTBOT_DATA_DIR to a larger disk"
    return Finding(name="disk", health=Health.BAD, words=words, advice=advice)


def _check_database(settings: Settings, tools: Tools) -> Finding:
    kind = "SQLite" if settings.database_url.startswith("sqlite") else "PostgreSQL"
    try:
        words = tools.describe_database(settings)
    except LintbotError as error:
        advice = "check DATABASE_URL, then run `lintbot migrate`"
        return Finding(name="database", health=Health.BAD, words=str(error), advice=advice)
    return Finding(name="database", health=Health.GOOD, words=f"{kind}, {words}")


async def _check_sandbox(settings: Settings, tools: Tools) -> Finding:
    try:
        words, strongest = await tools.describe_sandbox(settings)
    except LintbotError as error:
        advice = (
            "nothing is linted like this; on Debian or Ubuntu: apt-get install bubblewrap, and a "
            "kernel with Landlock (5.13 or newer)"
        )
        return Finding(name="sandbox", health=Health.BAD, words=str(error), advice=advice)
    if strongest:
        return Finding(name="sandbox", health=Health.GOOD, words=words)
    advice = "for a stronger tier: apt-get install bubblewrap, and allow user namespaces"
    return Finding(name="sandbox", health=Health.WEAK, words=words, advice=advice)


async def _check_app(settings: Settings, tools: Tools) -> list[Finding]:
    try:
        registration = await tools.read_registration(settings)
    except LintbotError as error:
        advice = "check LINTBOT_APP_ID, LINTBOT_PRIVATE_KEY and LINTBOT_GITHUB_API_URL"
        return [Finding(name="GitHub", health=Health.BAD, words=str(error), advice=advice)]
    hook = await _check_hook(settings, tools)
    return [_compare(registration, tools), hook, _check_clock(registration.date)]


async def _check_hook(settings: Settings, tools: Tools) -> Finding:
    """Look where deliveries go, and whether they arrive."""
    try:
        hook = await tools.try_hook(settings)
    except LintbotError as error:
        advice = "try again; GitHub did not tell of the webhook"
        return Finding(name="webhook", health=Health.BAD, words=str(error), advice=advice)
    wanted = f"{settings.public_url}/webhooks/github"
    if not hook.event:
        words = f"nothing was delivered to {hook.url} in the last days"
        advice = "push something, or press Redeliver on a ping in the App's settings"
        return Finding(name="webhook", health=Health.WEAK, words=words, advice=advice)
    if not hook.answered:
        words = f"GitHub's {hook.event} to {hook.url} got no good answer"
        advice = f"start lintbot, and have {wanted} reach it; the secret must be the App's"
        return Finding(name="webhook", health=Health.BAD, words=words, advice=advice)
    words = f"GitHub's {hook.event} to {hook.url} was answered"
    if hook.url == wanted:
        return Finding(name="webhook", health=Health.GOOD, words=words)
    advice = f"if nothing forwards it to {wanted}: set LINTBOT_PUBLIC_URL or the App's webhook"
    return Finding(name="webhook", health=Health.WEAK, words=words, advice=advice)


def _compare(registration: Registration, tools: Tools) -> Finding:
    lacking = [
        f"{name}: {level}"
        for name, level in tools.permissions.items()
        if registration.permissions.get(name) not in {level, "write"}
    ]
    lacking += sorted(set(tools.events) - set(registration.events))
    spare = [
        f"{name}: {level}"
        for name, level in sorted(registration.permissions.items())
        if name not in tools.permissions or (level, tools.permissions[name]) == ("write", "read")
    ]
    if lacking:
        words = f"the App lacks {', '.join(lacking)}"
        advice = "change the App's permissions and events on GitHub to those of app.yml"
        return Finding(name="App", health=Health.BAD, words=words, advice=advice)
    if spare:
        words = f"the App may do more than lintbot needs: {', '.join(spare)}"
        advice = "take these permissions away on GitHub"
        return Finding(name="App", health=Health.WEAK, words=words, advice=advice)
    return Finding(name="App", health=Health.GOOD, words="permissions and events as in app.yml")


def _check_clock(date: str) -> Finding:
    try:
        skew = abs(time.time() - parsedate_to_datetime(date).timestamp())
    except ValueError:
        return Finding(name="clock", health=Health.WEAK, words="GitHub told no time")
    words = f"{skew:.0f} s beside GitHub's"
    if skew <= MAX_CLOCK_SKEW_SECONDS:
        return Finding(name="clock", health=Health.GOOD, words=words)
    advice = "set the clock (timedatectl set-ntp true): GitHub refuses tokens of the future"
    return Finding(name="clock", health=Health.BAD, words=words, advice=advice)
