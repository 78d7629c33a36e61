"""Pure: whose settings of lintbot count, and what people are told about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from enum import StrEnum

from lintbot.model.lint import LintResult
from lintbot.model.repository_settings import RepositorySettings

AT_BASE = ("gate", "branches", "max_annotations")
"""Read at the base of a pull request: it must not open its own gate. All others are read at the
head, as the linters' configuration is, so that the score is that of the tree alone."""


def choose_settings(
    head: LintResult, base: LintResult | None, *, for_pull: bool
) -> RepositorySettings:
    """Return the settings that a verdict is made with."""
    own = head.settings.settings
    if base is None or not for_pull:
        return own
    before = base.settings.settings
    return replace(own, **{name: getattr(before, name) for name in AT_BASE})


def settings_notes(head: LintResult, base: LintResult | None, *, for_pull: bool) -> tuple[str, ...]:
    """Return plain sentences about settings; none when there is nothing out of the ordinary.

    What is wrong with the head's own settings is the reason of the verdict.
    """
    notes = [*head.settings.notices, *_tell_exclusions(head)]
    if base is not None:
        notes += _tell_changes(head, base, for_pull=for_pull)
    return tuple(notes)


def _tell_exclusions(head: LintResult) -> Iterator[str]:
    if head.excluded_files:
        noun = "file" if head.excluded_files == 1 else "files"
        yield f"{head.settings.path} leaves out {head.excluded_files:,} Python {noun}."


def _tell_changes(head: LintResult, base: LintResult, *, for_pull: bool) -> Iterator[str]:
    before, after = base.settings.settings, head.settings.settings
    if for_pull:
        yield from (f"At the base, {problem}" for problem in base.settings.problems)
    for field in fields(RepositorySettings):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if old != new:
            later = for_pull and field.name in AT_BASE
            when = "; it counts once it is merged" if later else ""
            yield f"This changes {field.name} from {_show(old)} to {_show(new)}{when}."
    if base.config_digest != head.config_digest:
        yield "This changes a file that may configure linters; they read it at this commit."


def _show(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(value) or "nothing"
    if isinstance(value, StrEnum):
        return value.value
    return "the default" if value is None else str(value)
