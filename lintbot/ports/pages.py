"""Pure: what the pages read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from lintbot.model.ids import RepositoryId, Sha
from lintbot.model.lint_run import LintRun
from lintbot.model.overview import RunOverview
from lintbot.model.patch import Patch
from lintbot.model.repository import Repository
from lintbot.model.source import Excerpts, Explanation
from lintbot.model.summary import RunSummary


class Catalog(Protocol):
    """What the pages read. Blocking; call it in a thread."""

    def find_repository(self, owner: str, name: str) -> Repository | None:
        """Find a repository by any name it has or had, blind to case; None if not installed."""
        ...

    def opens_badge(self, repository_id: RepositoryId, digest: str) -> bool:
        """Tell whether a token with this digest shows a private repository's badge."""
        ...

    def latest_run(self, repository_id: RepositoryId, branch: str) -> LintRun | None:
        """Return the newest lint run of a branch that has a score, with its judgement."""
        ...

    def run_at(self, repository_id: RepositoryId, sha: str) -> LintRun | None:
        """Return the newest lint run of a commit (a prefix of at least 7 digits will do)."""
        ...

    def load_patch(self, repository_id: RepositoryId, sha: Sha) -> Patch | None:
        """Return the newest patch of safe fixes for a commit, if one was made."""
        ...

    def history(
        self, repository_id: RepositoryId, branch: str | None, limit: int, skip: int = 0
    ) -> tuple[RunSummary, ...]:
        """Return the newest runs of a branch (None: of all), newest first, without findings.

        ``skip`` is how many of the newest are left out.
        """
        ...


class Reports(Protocol):
    """What the pages show beside single findings. Blocking; call it in a thread."""

    def latest_overview(self, repository_id: RepositoryId, branch: str) -> RunOverview | None:
        """Return what ``Catalog.latest_run`` returns, without the findings."""
        ...

    def latest_summaries(
        self, repositories: Iterable[Repository]
    ) -> dict[RepositoryId, RunSummary]:
        """Return what ``latest_overview`` returns of the default branches, as far as there is."""
        ...

    def overviews(
        self, repository_id: RepositoryId, branch: str, limit: int
    ) -> tuple[RunOverview, ...]:
        """Return the newest decided runs of a branch, newest first, without the findings."""
        ...

    def list_repositories(self, login: str) -> tuple[Repository, ...]:
        """Return the repositories of an account that lintbot is installed on, by name."""
        ...

    def load_excerpts(self, repository_id: RepositoryId, sha: str) -> Excerpts:
        """Return the lines of source around a commit's findings; empty when none are kept."""
        ...

    def explain(self, tool: str, code: str, version: str) -> Explanation | None:
        """Return what this version of a tool says of a rule, or else the last one asked."""
        ...


class Explanations(Protocol):
    """Where the tools' own words about their rules are kept. Blocking; call it in a thread."""

    def knows(self, tool: str, version: str) -> bool:
        """Tell whether this version's words are stored."""
        ...

    def save(self, explanations: Sequence[Explanation]) -> None:
        """Store what a version of a tool says; what is stored already stays."""
        ...
