"""Shell: ``lintbot admin``: what operators do to the data, said in full and proven."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lintbot.model.erasure import Erasure
    from lintbot.settings import Settings

EXIT_OK, EXIT_INCOMPLETE = 0, 1


def add_admin(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command with its own commands."""
    text = "what operators do to the data"
    admin = commands.add_parser("admin", help=text, description=text)
    kinds = admin.add_subparsers(title="commands", required=True, metavar="WHAT")
    text = "delete everything about an account, and prove it; exit status 1 if anything is left"
    forget = kinds.add_parser("forget", help=text, description=text)
    forget.add_argument("account", metavar="ACCOUNT", help="its login or its numeric id")
    forget.set_defaults(run=_forget)
    text = "copy the SQLite database to a new file, while lintbot runs"
    backup = kinds.add_parser("backup", help=text, description=text)
    backup.add_argument("file", metavar="FILE", type=Path)
    backup.set_defaults(run=_back_up)
    text = "put such a copy in the database's place, while lintbot is stopped"
    restore = kinds.add_parser("restore", help=text, description=text)
    restore.add_argument("file", metavar="FILE", type=Path)
    restore.set_defaults(run=_restore)


def _forget(arguments: argparse.Namespace) -> int:
    from lintbot.wiring.admin import forget_account

    erasure = forget_account(_settings(), arguments.account)
    print("\n".join(describe(erasure)))  # noqa: T201  the command's own output
    return EXIT_OK if erasure.complete else EXIT_INCOMPLETE


def _back_up(arguments: argparse.Namespace) -> int:
    from lintbot.wiring.admin import back_up_database

    size = back_up_database(_settings(), arguments.file)
    print(f"{arguments.file}: {size:,} bytes")  # noqa: T201  the command's own output
    return EXIT_OK


def _restore(arguments: argparse.Namespace) -> int:
    from lintbot.wiring.admin import restore_database

    restore_database(_settings(), arguments.file)
    print("restored; start lintbot again")  # noqa: T201  the command's own output
    return EXIT_OK


def _settings() -> Settings:
    from lintbot.settings import load_settings, read_environment

    return load_settings(read_environment(), app_required=False)


def describe(erasure: Erasure) -> Iterable[str]:
    """Return the report of a deletion, line by line."""
    holding = erasure.holding
    yield f"account {holding.account_id}: {len(holding.repositories)} repositories"
    for table, rows in erasure.rows.items():
        yield f"deleted   {rows:>8,} rows of {table}"
    yield f"deleted   {erasure.jobs:>8,} jobs of the queue"
    yield f"deleted   {erasure.folders:>8,} folders of code on this machine"
    for table, rows in erasure.left.items():
        yield f"LEFT      {rows:>8,} rows of {table}"
    if erasure.folders_left:
        yield f"LEFT      {erasure.folders_left:>8,} folders of code, in use by a running job"
    if erasure.complete:
        yield "looked again: nothing is left in the database and on this machine"
    else:
        yield "run it again when its jobs have ended"
    yield "other workers remove their copies of its code within seconds"
    yield "backups that you made hold it still: delete them too"
    if holding.installed:
        yield "the App is still installed there: what is pushed from now on is stored again"
