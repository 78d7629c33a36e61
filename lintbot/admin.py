"""Shell: ``lintbot admin``: what operators do to the data, said in full and proven."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lintbot.model.erasure import Erasure

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


def _forget(arguments: argparse.Namespace) -> int:
    from lintbot.settings import load_settings, read_environment
    from lintbot.wiring.admin import forget_account

    settings = load_settings(read_environment(), app_required=False)
    erasure = forget_account(settings, arguments.account)
    print("\n".join(describe(erasure)))  # noqa: T201  the command's own output
    return EXIT_OK if erasure.complete else EXIT_INCOMPLETE


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
