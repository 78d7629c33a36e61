"""Pure: what a repository asks of lintbot itself; docs/repository-settings.md explains it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from lintbot.model.findings import Severity
from lintbot.model.globs import match_names

MAX_ANNOTATIONS: Final = 200
"""In one check run; the report page has every finding. More would bury the pull request."""


class Gate(StrEnum):
    """The least severity at which a new finding fails the check."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    NONE = "none"
    """Nothing fails it."""

    def stops(self, severity: Severity) -> bool:
        """Tell whether a new finding of this severity fails the check."""
        return self is not Gate.NONE and severity.rank <= Severity(self.value).rank


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositorySettings:
    """What a repository may choose. The defaults hold where it says nothing.

    How linters are run is read at the head commit: ``switched_on``, ``switched_off``,
    ``exclude``, ``timeout_seconds``. What the verdict is made of is read at the base of a pull
    request: ``gate``, ``max_annotations``. ``branches`` concerns pushes only.

    Attributes:
        branches: patterns of branches whose pushes are judged; empty: all.
        max_annotations: 0 to 200 in one check run.
        switched_on: linters that run even where nothing configures them.
        switched_off: linters that never run.
        exclude: patterns of paths that are neither linted nor counted.
        timeout_seconds: for one commit, 10 to 3600, never more than the operator allows;
            None: what the operator allows.
        watch_private_dependencies: the package index may be asked for the names that a private
            repository requires; read on the default branch only.
        dependency_issue: one issue about dependencies is kept up to date; the same.
        seeks_maintainer: page and feed say that the project seeks a co-maintainer; the same.
    """

    gate: Gate = Gate.WARNING
    branches: tuple[str, ...] = ()
    max_annotations: int = MAX_ANNOTATIONS
    switched_on: tuple[str, ...] = ()
    switched_off: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    timeout_seconds: int | None = None
    watch_private_dependencies: bool = False
    seeks_maintainer: bool = False
    dependency_issue: bool = False

    def wants(self, branch: str) -> bool:
        """Tell whether pushes to a branch are judged."""
        return not self.branches or match_names(self.branches)(branch)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsFile:
    """What a tree says about lintbot.

    Attributes:
        path: the file that counts, from the root; None when there is none.
        settings: the defaults when the file is not valid.
        problems: what is wrong with the file, one plain sentence each, with the line.
        notices: what else should be said about the files, one plain sentence each.
    """

    path: str | None = None
    settings: RepositorySettings = field(default_factory=RepositorySettings)
    problems: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
