"""Shell: what people do on GitHub: push, open pull requests, re-run checks.

Each method changes the state, sends the webhooks that follow from it, one after the other, and
returns them when they were answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from lintbot.standin import git
from lintbot.standin.events import Events, Moved
from lintbot.standin.hooks import Delivered, Hooks
from lintbot.standin.state import (
    App,
    CheckRun,
    CheckSuite,
    Pull,
    Repository,
    utc_now,
)
from lintbot.standin.world import World

Deliveries = tuple[Delivered, ...]


class Driver:
    """The part of the stand-in that plays GitHub's users.

    Attributes:
        world: all records; read it to see what GitHub shows.
        events: makes payloads, also odd ones to be sent by ``hooks.send``.
    """

    events: Events
    hooks: Hooks
    app: App

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self._folder = folder

    async def add_repository(  # noqa: PLR0913  each has a default that tests change alone
        self,
        owner: str,
        name: str,
        bare_path: Path | None = None,
        *,
        private: bool = False,
        default_branch: str = "main",
        fork_of: Repository | None = None,
    ) -> Repository:
        """Create a repository, quietly.

        Args:
            owner: the account; made when there is none.
            name: of the repository.
            bare_path: a bare git repository, whose refs the stand-in moves; else one is made.
            private: whether only the installation sees it.
            default_branch: its name; it need not exist yet.
            fork_of: the repository that pull requests go to.
        """
        number = next(self.world.new_id)
        if bare_path is None:
            bare_path = self._folder / f"{number}.git"
            await git.init_bare(bare_path)
        repository = Repository(
            id=number,
            owner=self.world.account(owner),
            name=name,
            path=bare_path,
            private=private,
            default_branch=default_branch,
            fork_of=fork_of,
        )
        self.world.aliases.pop(repository.full_name.lower(), None)
        self.world.repositories[number] = repository
        return repository

    # --- commits ---------------------------------------------------------------------------

    async def push(
        self,
        repository: Repository,
        branch: str,
        sha: str,
        *,
        order: Sequence[str] = ("push", "check_suite", "pull_request"),
        copies: int = 1,
    ) -> Deliveries:
        """Move a branch to a commit that is in the repository already (or make it).

        Args:
            repository: where.
            branch: without ``refs/heads/``.
            sha: the commit; 40 zeros delete the branch.
            order: of the events; leave one out and it is lost.
            copies: how often each delivery arrives.
        """
        moved = await self._move(repository, f"refs/heads/{branch}", sha)
        pulls = await self._follow(repository, branch, sha)
        sent: list[Delivered] = []
        for event in order:
            sent += await self._send_pushed(event, moved, branch, pulls)
        again = [delivery for _ in range(copies - 1) for delivery in sent]
        return (*sent, *[await self.hooks.again(delivery) for delivery in again])

    async def delete_branch(self, repository: Repository, branch: str) -> Deliveries:
        """Delete a branch."""
        return await self.push(repository, branch, git.ZERO, order=("push",))

    async def push_tag(self, repository: Repository, tag: str, sha: str) -> Deliveries:
        """Make or move a tag."""
        moved = await self._move(repository, f"refs/tags/{tag}", sha)
        return tuple(await self._send_push(moved))

    async def request_merge_group(
        self, repository: Repository, base_branch: str, sha: str
    ) -> Deliveries:
        """Put a merged commit into the merge queue of a branch."""
        base = await git.resolve(repository.path, f"refs/heads/{base_branch}") or git.ZERO
        ref = f"refs/heads/gh-readonly-queue/{base_branch}/pr-1-{base}"
        moved = await self._move(repository, ref, sha)
        sent = []
        for installation in self.world.installations_of(repository):
            payload = await self.events.merge_group(moved, base_branch, base, installation)
            sent.append(await self.hooks.send(installation.app, "merge_group", payload))
        return keep_sent(sent)

    async def _move(self, repository: Repository, ref: str, sha: str) -> Moved:
        before = await git.resolve(repository.path, ref) or git.ZERO
        await git.set_ref(repository.path, ref, sha)
        repository.pushed_at = utc_now()
        return Moved(repository=repository, ref=ref, before=before, after=sha)

    async def _follow(
        self, repository: Repository, branch: str, sha: str
    ) -> list[tuple[Pull, str]]:
        """Let open pull requests follow their branch; return them with where they were."""
        followed = []
        for pull in self.world.open_pulls_of(repository, branch):
            if sha == git.ZERO:
                pull.state = "closed"
                continue
            followed.append((pull, pull.head_sha))
            pull.head_sha, pull.updated_at = sha, utc_now()
            await self._show(pull)
        return followed

    async def _show(self, pull: Pull) -> None:
        """Write ``refs/pull/N/head``; a fork's commits come into the base repository by it."""
        ref = f"refs/pull/{pull.number}/head"
        if pull.from_fork and pull.head_repository is not None:
            await git.fetch(pull.base.path, pull.head_repository.path, pull.head_sha, ref)
        else:
            await git.set_ref(pull.base.path, ref, pull.head_sha)

    async def _send_pushed(
        self, event: str, moved: Moved, branch: str, pulls: list[tuple[Pull, str]]
    ) -> list[Delivered]:
        if event == "push":
            return await self._send_push(moved)
        if event == "check_suite":
            return await self._send_suites(moved, branch)
        sent: list[Delivered] = []
        for pull, before in pulls:
            sent += await self._send_pull("synchronize", pull, before)
        return sent

    async def _send_push(self, moved: Moved) -> list[Delivered]:
        sent = [
            await self.hooks.send(i.app, "push", await self.events.push(moved, i))
            for i in self.world.installations_of(moved.repository)
        ]
        return list(keep_sent(sent))

    async def _send_suites(self, moved: Moved, branch: str) -> list[Delivered]:
        sent: list[Delivered | None] = []
        if moved.after == git.ZERO:
            return []
        for installation in self.world.installations_of(moved.repository):
            suite = self.world.suite_for(
                installation.app, moved.repository, moved.after, branch=branch, before=moved.before
            )
            payload = await self.events.check_suite("requested", suite, installation)
            sent.append(await self.hooks.send(installation.app, "check_suite", payload))
        return list(keep_sent(sent))

    # --- pull requests ---------------------------------------------------------------------

    async def open_pull(  # noqa: PLR0913  as above
        self,
        base: Repository,
        base_branch: str,
        head_branch: str,
        *,
        head: Repository | None = None,
        title: str = "A change",
        draft: bool = False,
    ) -> tuple[Pull, Deliveries]:
        """Open a pull request from a branch, of a fork if ``head`` is given."""
        head = head or base
        shas = [
            await git.resolve(repository.path, f"refs/heads/{branch}")
            for repository, branch in ((base, base_branch), (head, head_branch))
        ]
        if shas[0] is None or shas[1] is None:
            raise ValueError(f"no such branch: {base_branch} or {head_branch}")
        pull = Pull(
            id=next(self.world.new_id),
            number=1 + sum(1 for p in self.world.pulls if p.base is base),
            base=base,
            base_branch=base_branch,
            base_sha=shas[0],
            head_repository=head,
            head_branch=head_branch,
            head_sha=shas[1],
            title=title,
            author=head.owner,
            draft=draft,
        )
        self.world.pulls.append(pull)
        await self._show(pull)
        return pull, tuple(await self._send_pull("opened", pull))

    async def change_pull(self, pull: Pull, action: str) -> Deliveries:
        """Do to it what the action says: ``closed``, ``reopened``, ``ready_for_review``."""
        pull.state = "closed" if action == "closed" else "open"
        pull.draft = pull.draft and action != "ready_for_review"
        pull.updated_at = utc_now()
        return tuple(await self._send_pull(action, pull))

    async def _send_pull(
        self, action: str, pull: Pull, before: str | None = None
    ) -> list[Delivered]:
        sent = [
            await self.hooks.send(
                i.app, "pull_request", await self.events.pull_request(action, pull, i, before)
            )
            for i in self.world.installations_of(pull.base)
        ]
        return list(keep_sent(sent))

    # --- checks ----------------------------------------------------------------------------

    async def rerequest(self, run: CheckRun) -> Deliveries:
        """Press "Re-run" beside a check run; only its own App hears of it."""
        return await self.send_check_run("rerequested", run)

    async def press(self, run: CheckRun, identifier: str, login: str) -> Deliveries:
        """Press one of a check run's own buttons, as somebody; only its own App hears of it.

        Raises:
            ValueError: the check run does not show this button (yet).
        """
        shown = {action["identifier"] for action in run.actions}
        if run.status != "completed" or identifier not in shown:
            raise ValueError(f"there is no button {identifier!r}, only {sorted(shown)}")
        sender = self.world.account(login)
        sent = [
            await self.hooks.send(
                i.app, "check_run", self.events.pressed(identifier, sender, run, i)
            )
            for i in self.world.installations_of(run.suite.repository)
            if i.app is run.suite.app
        ]
        return keep_sent(sent)

    async def rerequest_suite(self, suite: CheckSuite) -> Deliveries:
        """Press "Re-run all checks"."""
        sent = [
            await self.hooks.send(
                i.app, "check_suite", await self.events.check_suite("rerequested", suite, i)
            )
            for i in self.world.installations_of(suite.repository)
            if i.app is suite.app
        ]
        return keep_sent(sent)

    async def send_check_run(self, action: str, run: CheckRun) -> Deliveries:
        """Tell of a check run: its own App of everything, other Apps of its beginning and end."""
        sent = [
            await self.hooks.send(i.app, "check_run", self.events.check_run(action, run, i))
            for i in self.world.installations_of(run.suite.repository)
            if i.app is run.suite.app or action in {"created", "completed"}
        ]
        return keep_sent(sent)


def keep_sent(sent: Iterable[Delivered | None]) -> Deliveries:
    """Leave out what the App is not subscribed to."""
    return tuple(delivery for delivery in sent if delivery is not None)
