"""Shell: environment and ``.env`` to one frozen value; every problem is named at once."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dotenv import dotenv_values
from platformdirs import user_data_path

from lintbot.errors import SettingsError

DEFAULT_PORT = 8000
_MIN_SECRET_CHARACTERS = 8
_FULL_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100}")
_MIN_JOB_SECONDS, _MAX_JOB_SECONDS = 10, 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that an operator can choose. See docs/configuration.md.

    Attributes:
        private_keys: PEM texts; several while a key is rotated.
        webhook_secrets: one, or two while the secret is rotated.
        package_index_url: empty: the index of pip; None: no index is asked.
        osv_file: advisories, downloaded as a whole; None: there are none.
        job_timeout_seconds: no check run stays open longer, 10 to 3600.
    """

    app_id: int
    client_id: str
    client_secret: str = field(repr=False)
    private_keys: tuple[str, ...] = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(repr=False)
    marketplace_webhook_secrets: tuple[str, ...] = field(repr=False)
    github_url: str
    github_api_url: str
    public_url: str
    home_repository: str
    database_url: str = field(repr=False)
    data_dir: Path
    port: int
    host: str | None
    sandbox: str
    billing: str
    marketplace_url: str
    package_index_url: str | None
    osv_file: Path | None
    job_timeout_seconds: int
    slots: int
    account_slots: int
    sandbox_memory_mb: int
    mirror_megabytes: int
    reuse_megabytes: int
    executor_id: str


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of docs/configuration.md.

    Attributes:
        name: of the environment variable.
        default: as the documentation prints it.
        meaning: one sentence.
    """

    name: str
    default: str
    meaning: str


SETTINGS = (
    Setting("LINTBOT_APP_ID", "none", "The GitHub App's numeric id."),
    Setting(
        "LINTBOT_CLIENT_ID", "none", "The App's client id; signs in to GitHub's API with the key."
    ),
    Setting(
        "LINTBOT_CLIENT_SECRET",
        "none",
        "The App's client secret. With it and the client id people can sign in; their "
        "tokens are encrypted with a key made of it, so after a change they sign in again.",
    ),
    Setting(
        "LINTBOT_PRIVATE_KEY",
        "none",
        "The App's private key, PEM; several concatenated PEMs while a key is rotated. "
        "`\\n` written as two characters is read as a line break.",
    ),
    Setting("LINTBOT_PRIVATE_KEY_FILE", "none", "A file that holds the private key instead."),
    Setting(
        "LINTBOT_WEBHOOK_SECRET",
        "none",
        "The webhook's secret, at least 8 characters; two separated by a comma while one is "
        "rotated.",
    ),
    Setting(
        "LINTBOT_MARKETPLACE_WEBHOOK_SECRET", "none", "The same for the Marketplace's webhook."
    ),
    Setting("LINTBOT_GITHUB_URL", "https://github.com", "GitHub's web and git host."),
    Setting(
        "LINTBOT_GITHUB_API_URL",
        "https://api.github.com",
        "GitHub's REST base; `https://HOST/api/v3` on GitHub Enterprise Server.",
    ),
    Setting(
        "LINTBOT_PUBLIC_URL", "http://localhost:PORT", "Where people and GitHub reach lintbot."
    ),
    Setting(
        "LINTBOT_HOME_REPOSITORY",
        "none",
        "`OWNER/NAME` of a public repository whose live badge the home page shows.",
    ),
    Setting(
        "DATABASE_URL",
        "a SQLite file in the data folder",
        "`postgresql://…` to scale out, or `sqlite:///FILE`.",
    ),
    Setting("LINTBOT_DATABASE_URL", "none", "The same, where DATABASE_URL is somebody else's."),
    Setting(
        "LINTBOT_DATA_DIR",
        "the platform's user data folder",
        "Git mirrors, linter environments, checkouts and the SQLite file.",
    ),
    Setting("PORT", "8000", "The TCP port to listen on."),
    Setting(
        "LINTBOT_HOST",
        "127.0.0.1 for demo and serve, 0.0.0.0 for web",
        "The address to listen on.",
    ),
    Setting(
        "LINTBOT_SANDBOX",
        "auto",
        "`auto` takes the strongest tier that holds and refuses to lint when none does; `A`, "
        "`B`, `C` force one; `none` only for code that you trust.",
    ),
    Setting(
        "LINTBOT_BILLING",
        "off",
        "`off`: every repository is allowed; `marketplace`: private ones need a plan of the App's "
        "listing on GitHub Marketplace.",
    ),
    Setting(
        "LINTBOT_MARKETPLACE_URL",
        "none",
        "The page of that listing, where people choose a plan.",
    ),
    Setting(
        "LINTBOT_PACKAGE_INDEX_URL",
        "the index that pip is set up with",
        "A package index with the JSON simple API, for the dependency watch and for linters in "
        "the versions that repositories pin; `off`: no index is asked.",
    ),
    Setting(
        "LINTBOT_OSV_FILE",
        "none",
        "Known vulnerabilities: OSV's `all.zip` of the ecosystem PyPI. lintbot reads it again "
        "when it is newer, and sends no name anywhere for it.",
    ),
    Setting(
        "LINTBOT_JOB_TIMEOUT_SECONDS",
        "300",
        "No check run stays open longer; 10 to 3600.",
    ),
    Setting(
        "LINTBOT_SLOTS",
        "2",
        "Lint runs of one account at the same time in one worker; 1 to 64. One slot more is there "
        "for other accounts, and one for huge ones. A plan may give twice as many, beside these.",
    ),
    Setting(
        "LINTBOT_ACCOUNT_SLOTS",
        "2",
        "Lint runs of one account at the same time, over all workers; 1 to 64. A plan may give "
        "twice as many. While an account has more open than that, its linters give way to "
        "those of other accounts.",
    ),
    Setting(
        "LINTBOT_SANDBOX_MEMORY_MB",
        "2048",
        "Memory of one linter process in MiB; 256 to 65536.",
    ),
    Setting(
        "LINTBOT_MIRROR_MEGABYTES",
        "10240",
        "Room for all git mirrors in MiB, the least recently used go first; 64 to 1048576.",
    ),
    Setting(
        "LINTBOT_REUSE_MEGABYTES",
        "2048",
        "Room for what linters remember of each repository in MiB; 0: each run judges all anew.",
    ),
    Setting(
        "LINTBOT_EXECUTOR_ID",
        "host name and a slot",
        "A name for this worker that no other live worker has; it may return after a restart.",
    ),
)
"""Every setting, in the order of docs/configuration.md (a test compares them)."""


class _Reader:
    """Reads values one by one and collects what is wrong with them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.problems: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        return self._environ.get(name, "").strip() or default

    def required(self, name: str, why: str) -> str:
        value = self.text(name)
        if not value:
            self.problems.append(f"{name} is missing: {why}")
        return value

    def number(self, name: str, default: int, low: int, high: int) -> int:
        value = self.text(name, str(default))
        if not value.isdecimal() or not low <= int(value) <= high:
            self.problems.append(f"{name} is {value!r}: give a whole number from {low} to {high}")
            return default
        return int(value)

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        value = self.text(name, default)
        found = next((choice for choice in choices if choice.lower() == value.lower()), None)
        if found is None:
            self.problems.append(f"{name} is {value!r}: give one of {', '.join(choices)}")
            return default
        return found

    def url(self, name: str, default: str) -> str:
        value = self.text(name, default).rstrip("/")
        parts = urlsplit(value)
        if value and (parts.scheme not in {"http", "https"} or not parts.hostname):
            self.problems.append(f"{name} is {value!r}: give an address like https://example.org")
        return value

    def secrets(self, name: str) -> tuple[str, ...]:
        found = tuple(part.strip() for part in self.text(name).split(",") if part.strip())
        if any(len(secret) < _MIN_SECRET_CHARACTERS for secret in found):
            self.problems.append(
                f"{name} is too short: give at least {_MIN_SECRET_CHARACTERS} characters"
            )
        return found


def read_environment(directory: Path | None = None) -> dict[str, str]:
    """Return the process's environment over that of a ``.env`` file in the working directory."""
    file = (directory or Path.cwd()) / ".env"
    values = {k: v for k, v in dotenv_values(file).items() if v is not None}
    return values | dict(os.environ)


def load_settings(environ: Mapping[str, str], *, app_required: bool = True) -> Settings:
    """Make the settings from an environment.

    Args:
        environ: names and values, usually from :func:`read_environment`.
        app_required: the command speaks to GitHub, so credentials must be there.

    Raises:
        SettingsError: something is missing or malformed; the text names all of it.
    """
    read = _Reader(environ)
    values = _app(read, required=app_required) | _places(read) | _sizes(read)
    if read.problems:
        listing = "\n".join(f"  - {problem}" for problem in read.problems)
        raise SettingsError(
            f"lintbot cannot start, these settings need mending:\n{listing}\n"
            "See docs/configuration.md for every setting."
        )
    return Settings(**values)


def _app(read: _Reader, *, required: bool) -> dict[str, Any]:
    get: Callable[[str, str], str] = (
        read.required if required else lambda name, _why: read.text(name)
    )
    secrets = read.secrets("LINTBOT_WEBHOOK_SECRET")
    if required and not secrets:
        read.problems.append(
            "LINTBOT_WEBHOOK_SECRET is missing: without it anybody could send webhooks"
        )
    return {
        "app_id": _app_id(read, get("LINTBOT_APP_ID", "the App's settings page shows it")),
        "client_id": read.text("LINTBOT_CLIENT_ID"),
        "client_secret": read.text("LINTBOT_CLIENT_SECRET"),
        "private_keys": _private_keys(read, required=required),
        "webhook_secrets": secrets,
        **_billing(read, required=required),
    }


def _billing(read: _Reader, *, required: bool) -> dict[str, Any]:
    billing = read.choice("LINTBOT_BILLING", "off", ("off", "marketplace"))
    if required and billing != "off":
        for name in ("LINTBOT_MARKETPLACE_WEBHOOK_SECRET", "LINTBOT_MARKETPLACE_URL"):
            read.required(name, f"LINTBOT_BILLING={billing} needs it")
    return {
        "billing": billing,
        "marketplace_webhook_secrets": read.secrets("LINTBOT_MARKETPLACE_WEBHOOK_SECRET"),
        "marketplace_url": read.url("LINTBOT_MARKETPLACE_URL", ""),
    }


def _app_id(read: _Reader, text: str) -> int:
    if text and not text.isdecimal():
        read.problems.append(f"LINTBOT_APP_ID is {text!r}: give the App's numeric id")
        return 0
    return int(text or 0)


def _private_keys(read: _Reader, *, required: bool) -> tuple[str, ...]:
    text = read.text("LINTBOT_PRIVATE_KEY").replace("\\n", "\n")
    file = read.text("LINTBOT_PRIVATE_KEY_FILE")
    if file and not text:
        try:
            text = Path(file).read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as error:
            read.problems.append(f"LINTBOT_PRIVATE_KEY_FILE cannot be read: {error}")
            return ()
    keys = split_pems(text)
    if text and not keys:
        read.problems.append("LINTBOT_PRIVATE_KEY is not a PEM private key")
    elif required and not text:
        read.problems.append(
            "LINTBOT_PRIVATE_KEY is missing: give the PEM, or LINTBOT_PRIVATE_KEY_FILE its path"
        )
    return keys


def split_pems(text: str) -> tuple[str, ...]:
    """Split concatenated PEM private keys into single ones."""
    end = "-----END "
    keys = []
    for block in text.split("-----BEGIN ")[1:]:
        body, found, tail = block.partition(end)
        if found and "PRIVATE KEY-----" in body and "PRIVATE KEY-----" in tail:
            keys.append(f"-----BEGIN {body}{end}{tail.strip()}\n")
    return tuple(keys)


def _places(read: _Reader) -> dict[str, Any]:
    port = read.number("PORT", DEFAULT_PORT, 0, 65535)
    data_dir = Path(read.text("LINTBOT_DATA_DIR", str(user_data_path("lintbot")))).absolute()
    return {
        "github_url": read.url("LINTBOT_GITHUB_URL", "https://github.com"),
        "github_api_url": read.url("LINTBOT_GITHUB_API_URL", "https://api.github.com"),
        "public_url": read.url("LINTBOT_PUBLIC_URL", f"http://localhost:{port}"),
        "home_repository": _home_repository(read),
        "package_index_url": _package_index(read),
        "osv_file": _osv_file(read),
        "database_url": _database_url(read, data_dir),
        "data_dir": data_dir,
        "port": port,
        "host": read.text("LINTBOT_HOST") or None,
        "executor_id": read.text("LINTBOT_EXECUTOR_ID"),
    }


def _home_repository(read: _Reader) -> str:
    name = read.text("LINTBOT_HOME_REPOSITORY")
    if name and not _FULL_NAME.fullmatch(name):
        read.problems.append(f"LINTBOT_HOME_REPOSITORY is {name!r}: give OWNER/NAME")
    return name


def _package_index(read: _Reader) -> str | None:
    """Return the address; empty: the one of pip; None: no index is asked."""
    name = "LINTBOT_PACKAGE_INDEX_URL"
    return None if read.text(name).lower() == "off" else read.url(name, "")


def _osv_file(read: _Reader) -> Path | None:
    file = read.text("LINTBOT_OSV_FILE")
    if file and not Path(file).is_file():
        read.problems.append(
            f"LINTBOT_OSV_FILE is {file!r}, and there is no such file: download all.zip of OSV's "
            "ecosystem PyPI there, or leave the setting out"
        )
    return Path(file).absolute() if file else None


def _database_url(read: _Reader, data_dir: Path) -> str:
    url = read.text("LINTBOT_DATABASE_URL") or read.text("DATABASE_URL")
    if not url:
        return f"sqlite:///{data_dir / 'lintbot.sqlite'}"
    # Heroku-like hosts still write the scheme that SQLAlchemy dropped.
    url = url.replace("postgres://", "postgresql://", 1) if url.startswith("postgres://") else url
    if not url.startswith(("postgresql://", "postgresql+psycopg://", "sqlite:///")):
        read.problems.append("DATABASE_URL must begin with postgresql:// or sqlite:///")
    return url


def _sizes(read: _Reader) -> dict[str, Any]:
    return {
        "sandbox": read.choice("LINTBOT_SANDBOX", "auto", ("auto", "A", "B", "C", "none")),
        "job_timeout_seconds": read.number(
            "LINTBOT_JOB_TIMEOUT_SECONDS", 300, _MIN_JOB_SECONDS, _MAX_JOB_SECONDS
        ),
        "slots": read.number("LINTBOT_SLOTS", 2, 1, 64),
        "account_slots": read.number("LINTBOT_ACCOUNT_SLOTS", 2, 1, 64),
        "sandbox_memory_mb": read.number("LINTBOT_SANDBOX_MEMORY_MB", 2048, 256, 65536),
        "reuse_megabytes": read.number("LINTBOT_REUSE_MEGABYTES", 2048, 0, 1048576),
        "mirror_megabytes": read.number("LINTBOT_MIRROR_MEGABYTES", 10240, 64, 1048576),
    }
