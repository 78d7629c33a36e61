"""Pure: what the stages ask of the world. Adapters implement these; ``wiring`` joins them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from lintbot.model.check_run import Annotation, Output, PostedCheckRun
from lintbot.model.events import Delivery, PlanNotice
from lintbot.model.ids import AccountId, InstallationId, LintRunId, RepositoryId, Sha
from lintbot.model.intake import Known, Plan
from lintbot.model.jobs import LintJob
from lintbot.model.lint import LintResult
from lintbot.model.lint_run import Conclusion, Judgement, LintRun, Stage, Verdict
from lintbot.model.overview import RunOverview
from lintbot.model.plans import PlanState, Subscription
from lintbot.model.repository import Repository
from lintbot.model.source import Excerpts, Explanation
from lintbot.model.summary import RunSummary


class Clock(Protocol):
    """The time of day, so that tests can choose it."""

    def now(self) -> datetime:
        """Return the present moment, aware UTC."""
        ...


# --- the forge (GitHub) ------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where on GitHub: which repository, and through which installation."""

    installation_id: InstallationId
    repository_id: RepositoryId
    owner: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPull:
    """An open pull request whose head is the commit asked for."""

    number: int
    base_sha: Sha
    base_branch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GitSource:
    """Where to fetch a repository from, with a token that can read only this one.

    Attributes:
        url: https (http only towards this machine), without credentials.
        token: short-lived; never in an argument list, a file, a log or a repr.
    """

    repository_id: RepositoryId
    url: str
    token: str = field(repr=False)


class Forge(Protocol):
    """GitHub, as far as a lint run needs it.

    Every method raises TransientError (try again), GoneError (the installation or repository
    is out of reach) or PermanentError (refused for good).
    """

    async def create_check_run(
        self, target: Target, run_id: LintRunId, sha: Sha, details_url: str
    ) -> PostedCheckRun:
        """Create a check run in state ``queued``. Not idempotent: look it up first."""
        ...

    async def find_check_run(
        self, target: Target, run_id: LintRunId, sha: Sha
    ) -> PostedCheckRun | None:
        """Find our check run of this commit by its ``external_id``."""
        ...

    async def start_check_run(self, target: Target, check_run_id: int, output: Output) -> None:
        """Show the check run as ``in_progress``."""
        ...

    async def update_check_run(
        self,
        target: Target,
        check_run_id: int,
        output: Output,
        annotations: tuple[Annotation, ...],
        conclusion: Conclusion | None,
    ) -> None:
        """Append at most 50 annotations; with a conclusion, complete the check run."""
        ...

    async def find_open_pull(self, target: Target, sha: Sha) -> OpenPull | None:
        """Find the open pull request with this head commit (the oldest, if there are several)."""
        ...

    async def find_merge_base(self, target: Target, base: str, head: Sha) -> Sha | None:
        """Return where a branch or commit and a commit parted; None if they share nothing."""
        ...

    async def git_source(self, target: Target) -> GitSource:
        """Return an address and a fresh contents:read token for exactly this repository."""
        ...


# --- trees (git) -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """One commit as plain files: no .git, no links, no special files.

    Attributes:
        root: the folder; removed when the context ends.
        files: every file written, relative, POSIX, sorted.
        skipped: one plain sentence for each kind of entry that was left out.
    """

    root: Path
    files: tuple[str, ...]
    skipped: tuple[str, ...] = ()


class Trees(Protocol):
    """Commits, fetched by git and laid out as plain files."""

    def checkout(self, source: GitSource, sha: Sha) -> AbstractAsyncContextManager[Checkout]:
        """Fetch one commit (only what is new) and lay it out.

        Raises:
            LimitError: the tree is larger than the documented limits.
            TransientError: the fetch failed in a way that may pass.
            PermanentError: the commit does not exist (any more).
        """
        ...


# --- the sandbox -------------------------------------------------------------------------


class Profile(StrEnum):
    """What a sandboxed process may do beyond reading and computing."""

    SINGLE = "single"
    THREADS = "threads"


class Ending(StrEnum):
    """How a sandboxed process ended."""

    EXITED = "exited"
    TIMED_OUT = "timed_out"
    KILLED = "killed"
    """By a limit (memory, CPU, file size, output) or a signal; the reason says which."""
    NO_SANDBOX = "no_sandbox"
    """The sandbox itself failed; nothing of the repository ran."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxJob:
    """One command over one read-only folder.

    Attributes:
        argv: ``argv[0]`` of ``pylint`` or ``flake8`` runs inside the warm server; anything
            else is executed.
        root: the checkout; read-only to the job, and all it sees of the disk's data.
        folder: the working directory, relative to ``root``.
        timeout_seconds: wall clock; at its end everything is killed.
    """

    argv: tuple[str, ...]
    root: Path
    timeout_seconds: float
    profile: Profile = Profile.SINGLE
    folder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxResult:
    """What came out. The streams are hostile input.

    Attributes:
        exit_code: the command's own; None unless it exited.
        reason: one plain sentence when it did not exit by itself.
        truncated: a stream was cut at the output limit (the job is then KILLED).
    """

    ending: Ending
    exit_code: int | None
    stdout: bytes
    stderr: bytes
    reason: str = ""
    truncated: bool = False
    cpu_seconds: float = 0.0
    max_rss_bytes: int = 0


class Sandbox(Protocol):
    """Runs commands over untrusted files."""

    async def run(self, job: SandboxJob) -> SandboxResult:
        """Run one command. Cancelling the call kills it.

        Raises:
            SandboxUnavailableError: no tier holds on this machine.
        """
        ...


# --- the store ---------------------------------------------------------------------------


class Inbox(Protocol):
    """Where deliveries become durable."""

    def accept(self, delivery: Delivery, decide: Callable[[Known], Plan]) -> Plan | None:
        """In one transaction: remember the delivery, ask ``decide`` and carry the plan out.

        Blocking; call it in a thread.

        Returns:
            The plan, or None when this delivery was accepted before.

        Raises:
            TransientError: it could not be made durable; nothing is stored.
        """
        ...

    def accept_notice(self, notice: PlanNotice) -> bool:
        """In one transaction: remember the delivery and enqueue asking the biller.

        Blocking; call it in a thread.

        Returns:
            Whether this delivery is new.

        Raises:
            TransientError: it could not be made durable; nothing is stored.
        """
        ...


class LintRuns(Protocol):
    """Lint runs and remembered results. Blocking; call it in a thread."""

    def load(self, run_id: LintRunId) -> LintRun | None:
        """Return everything known about one lint run."""
        ...

    def load_target(self, run_id: LintRunId) -> tuple[Target, Repository] | None:
        """Return where to report it today, by the repository's present name; None if gone."""
        ...

    def is_superseded(self, job: LintJob) -> bool:
        """Tell whether the job's branch has moved on, and no other branch is at its commit."""
        ...

    def set_stage(self, run_id: LintRunId, stage: Stage) -> None:
        """Show how far it has come; the first stage after QUEUED sets ``started_at``."""
        ...

    def set_check_run(self, run_id: LintRunId, check_run_id: int) -> None:
        """Remember GitHub's id of the check run."""
        ...

    def decide(
        self, run_id: LintRunId, verdict: Verdict, judgement: Judgement | None = None
    ) -> bool:
        """Store the verdict if none is stored yet; tell whether this call did."""
        ...

    def set_posted(self, run_id: LintRunId) -> None:
        """Remember that GitHub shows the verdict."""
        ...

    def load_result(self, repository_id: RepositoryId, sha: Sha, key: str) -> LintResult | None:
        """Return the remembered result of linting one commit with one set of tools."""
        ...

    def save_result(
        self, repository_id: RepositoryId, sha: Sha, key: str, result: LintResult
    ) -> None:
        """Remember a result. Partial results are not remembered: they may end better next time."""
        ...

    def save_excerpts(self, repository_id: RepositoryId, sha: Sha, lines: Excerpts) -> None:
        """Keep the lines of source around a commit's findings for the pages."""
        ...


class Catalog(Protocol):
    """What the pages read. Blocking; call it in a thread."""

    def find_repository(self, owner: str, name: str) -> Repository | None:
        """Find a repository by any name it has or had, blind to case; None if not installed."""
        ...

    def latest_run(self, repository_id: RepositoryId, branch: str) -> LintRun | None:
        """Return the newest lint run of a branch that has a score, with its judgement."""
        ...

    def run_at(self, repository_id: RepositoryId, sha: str) -> LintRun | None:
        """Return the newest lint run of a commit (a prefix of at least 7 digits will do)."""
        ...

    def history(
        self, repository_id: RepositoryId, branch: str | None, limit: int
    ) -> tuple[RunSummary, ...]:
        """Return the newest runs of a branch (None: of all), newest first, without findings."""
        ...


class Reports(Protocol):
    """What the pages show beside single findings. Blocking; call it in a thread."""

    def latest_overview(self, repository_id: RepositoryId, branch: str) -> RunOverview | None:
        """Return what ``Catalog.latest_run`` returns, without the findings."""
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


class Plans(Protocol):
    """What accounts have bought, as the biller last told. Blocking; call it in a thread."""

    def load(self, account_id: AccountId) -> PlanState | None:
        """Return what is known; None if the biller was never asked about this account."""
        ...

    def save(self, state: PlanState) -> None:
        """Remember what the biller told, unless it was asked again since."""
        ...

    def find_accounts(self) -> tuple[AccountId, ...]:
        """Return the accounts that have a plan, as far as is known, or wait for one."""
        ...

    def rank(self, repository: Repository) -> int:
        """Return how many private repositories of its account come before it, by their ids."""
        ...

    def find_withheld(self, account_id: AccountId) -> tuple[WithheldRun, ...]:
        """Return the heads of branches that were not linted for want of a plan."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WithheldRun:
    """A commit that still is the head of a branch, and was not linted for want of a plan."""

    run_id: LintRunId
    installation_id: InstallationId
    repository: Repository
    sha: Sha
    branch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unposted:
    """A stored verdict that GitHub does not show yet.

    Attributes:
        completed_at: when the verdict was stored, aware UTC.
    """

    run_id: LintRunId
    completed_at: datetime


class Backlog(Protocol):
    """What the sweeper asks, so that nothing stays open. Blocking; call it in a thread."""

    def find_open(self, received_before: datetime) -> tuple[LintJob, ...]:
        """Return the oldest lint runs without a verdict (a few hundred at most)."""
        ...

    def find_unposted(self, after: datetime, before: datetime) -> tuple[Unposted, ...]:
        """Return verdicts stored in this span that GitHub does not show, though it could."""
        ...

    def delete_old(self, now: datetime) -> None:
        """Forget what nobody will ask for again (see docs/security.md for how long it lives)."""
        ...


# --- the biller --------------------------------------------------------------------------


class Biller(Protocol):
    """Who takes the money (GitHub Marketplace), and knows what each account has bought.

    Every method raises TransientError when it cannot be asked now.
    """

    async def read(self, account_id: AccountId) -> Subscription | None:
        """Return what one account has bought; None if it has bought nothing, or no longer."""
        ...

    async def read_all(self) -> tuple[Subscription, ...]:
        """Return what every account has bought."""
        ...


# --- the worker --------------------------------------------------------------------------


class Handlers(Protocol):
    """What a worker does; the job engine calls it, ``worker`` implements it.

    Every method may run twice (after a crash) and must then do no harm.
    """

    async def announce(self, job: LintJob) -> None:
        """Show a ``queued`` check run on GitHub."""
        ...

    async def lint(self, job: LintJob) -> None:
        """Run the pipeline; end with a verdict stored. Cancelling it kills the linters."""
        ...

    async def report(self, run_id: LintRunId) -> None:
        """Make GitHub show the stored verdict."""
        ...

    async def close(self, run_id: LintRunId, verdict: Verdict) -> bool:
        """Store a verdict from outside (superseded, overdue, failed); tell whether it is ours.

        False: another verdict was stored before, and whoever stored it reports it.
        """
        ...

    async def follow_plan(self, account_id: AccountId, *, bought: bool) -> None:
        """Ask the biller about one account's plan, and act on it.

        Args:
            account_id: whose plan.
            bought: the account has just bought something: "nothing" is no answer yet.

        Raises:
            TransientError: the biller does not answer, or does not know of it yet.
        """
        ...

    async def reconcile_plans(self) -> None:
        """Ask the biller about every account's plan, and act on it.

        Raises:
            TransientError: the biller does not answer.
        """
        ...
