"""Shell: the payloads of webhooks, in the shapes of GitHub's own description."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from lintbot.standin import git
from lintbot.standin.check_shapes import CheckShapes
from lintbot.standin.pull_shapes import full_pull, pushed_commit, simple_commit
from lintbot.standin.shapes import Shapes, selection, stamp
from lintbot.standin.state import (
    Account,
    App,
    CheckRun,
    CheckSuite,
    Installation,
    Pull,
    Repository,
)

MAX_COMMITS: Final = 2048
ZEN: Final = "Anything added dilutes everything else."


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A ref that a push moved; all zeros stand for "was not there" and "is gone"."""

    repository: Repository
    ref: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Events:
    """Makes payloads."""

    shapes: Shapes
    checks: CheckShapes

    async def push(self, moved: Moved, installation: Installation) -> dict[str, Any]:
        """``push``."""
        repository = moved.repository
        created, deleted = moved.before == git.ZERO, moved.after == git.ZERO
        commits = await _pushed(moved)
        head = None if deleted else await git.read_commit(repository.path, moved.after)
        compare = f"{moved.before[:12]}...{moved.after[:12]}"
        return {
            "ref": moved.ref,
            "before": moved.before,
            "after": moved.after,
            "base_ref": None,
            "created": created,
            "deleted": deleted,
            "forced": await _is_forced(moved),
            "compare": f"{self.shapes.at.web}/{repository.full_name}/compare/{compare}",
            "commits": [pushed_commit(self.shapes, repository, c) for c in reversed(commits)],
            "head_commit": head and pushed_commit(self.shapes, repository, head),
            "pusher": {"name": repository.owner.login, "email": "pusher@example.org"},
            "repository": self.shapes.pushed_repository(repository),
            **self._common(repository.owner, installation),
        }

    async def check_suite(
        self, action: str, suite: CheckSuite, installation: Installation
    ) -> dict[str, Any]:
        """``check_suite``: requested, rerequested, completed."""
        head = await git.read_commit(suite.repository.path, suite.head_sha)
        return {
            "action": action,
            "check_suite": self.checks.suite_in_event(suite, head),
            **self._in_repository(suite.repository, installation),
        }

    def pressed(
        self, identifier: str, sender: Account, run: CheckRun, installation: Installation
    ) -> dict[str, Any]:
        """``check_run``: requested_action, of one of its buttons."""
        return {
            **self.check_run("requested_action", run, installation),
            "requested_action": {"identifier": identifier},
            "sender": self.shapes.account(sender),
        }

    def check_run(self, action: str, run: CheckRun, installation: Installation) -> dict[str, Any]:
        """``check_run``: created, completed, rerequested."""
        return {
            "action": action,
            "check_run": self.checks.run_in_event(run),
            **self._in_repository(run.suite.repository, installation),
        }

    async def pull_request(
        self, action: str, pull: Pull, installation: Installation, before: str | None = None
    ) -> dict[str, Any]:
        """``pull_request``; ``synchronize`` names the commits before and after."""
        base = await git.merge_base(pull.base.path, pull.base_sha, pull.head_sha)
        span = f"{base}..{pull.head_sha}" if base else pull.head_sha
        commits = await git.log(pull.base.path, span)
        files = {f for c in commits for f in (*c.added, *c.removed, *c.modified)}
        shaped = full_pull(self.shapes, pull, commits=len(commits), changed_files=len(files))
        moved = {} if before is None else {"before": before, "after": pull.head_sha}
        return {
            "action": action,
            "number": pull.number,
            "pull_request": shaped,
            **moved,
            **self._in_repository(pull.base, installation),
        }

    async def merge_group(
        self, moved: Moved, base_branch: str, base_sha: str, installation: Installation
    ) -> dict[str, Any]:
        """``merge_group``: checks_requested."""
        head = await git.read_commit(moved.repository.path, moved.after)
        return {
            "action": "checks_requested",
            "merge_group": {
                "head_sha": moved.after,
                "head_ref": moved.ref,
                "base_sha": base_sha,
                "base_ref": f"refs/heads/{base_branch}",
                "head_commit": simple_commit(head),
            },
            **self._in_repository(moved.repository, installation),
        }

    def repository(
        self,
        action: str,
        repository: Repository,
        installation: Installation,
        changes: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """``repository``: renamed, transferred, privatized, publicized, deleted, …."""
        return {
            "action": action,
            **({} if changes is None else {"changes": changes}),
            **self._in_repository(repository, installation),
        }

    def public(self, repository: Repository, installation: Installation) -> dict[str, Any]:
        """``public``: it was private before; an event without an action."""
        return self._in_repository(repository, installation)

    def installation(
        self, action: str, installation: Installation, repositories: Iterable[Repository]
    ) -> dict[str, Any]:
        """``installation``: created, deleted, suspend, unsuspend, new_permissions_accepted."""
        return {
            "action": action,
            "installation": self.shapes.installation(installation),
            "repositories": [self.shapes.small_repository(r) for r in repositories],
            "requester": None,
            "sender": self.shapes.account(installation.account),
        }

    def installation_repositories(
        self,
        installation: Installation,
        added: Iterable[Repository],
        removed: Iterable[Repository],
    ) -> dict[str, Any]:
        """``installation_repositories``: added or removed."""
        came = [self.shapes.small_repository(r) for r in added]
        return {
            "action": "added" if came else "removed",
            "installation": self.shapes.installation(installation),
            "repository_selection": selection(installation),
            "repositories_added": came,
            "repositories_removed": [self.shapes.small_repository(r) for r in removed],
            "requester": None,
            "sender": self.shapes.account(installation.account),
        }

    def installation_target(self, installation: Installation, old_login: str) -> dict[str, Any]:
        """``installation_target``: the account was renamed."""
        account = installation.account
        return {
            "action": "renamed",
            "account": {
                **self.shapes.account(account),
                "created_at": stamp(installation.created_at),
                "updated_at": stamp(installation.created_at),
            },
            "changes": {"login": {"from": old_login}},
            "target_type": account.type,
            **self._common(account, installation),
        }

    def ping(self, app: App) -> dict[str, Any]:
        """``ping``, as an App's own hook sends it."""
        return {
            "zen": ZEN,
            "hook_id": app.id,
            "hook": {
                "type": "App",
                "id": app.id,
                "name": "web",
                "active": True,
                "events": app.events,
                "config": hook_config(app),
                "updated_at": stamp(app.created_at),
                "created_at": stamp(app.created_at),
                "app_id": app.id,
                "deliveries_url": f"{self.shapes.at.api}/app/hook/deliveries",
            },
        }

    def _in_repository(self, repository: Repository, installation: Installation) -> dict[str, Any]:
        return {
            "repository": self.shapes.repository(repository),
            **self._common(repository.owner, installation),
        }

    def _common(self, sender: Account, installation: Installation) -> dict[str, Any]:
        small = {"id": installation.id, "node_id": f"MDI{installation.id}"}
        return {"sender": self.shapes.account(sender), "installation": small}


def hook_config(app: App) -> dict[str, str]:
    """``webhook-config``: the secret is never shown."""
    return {
        "content_type": app.hook_content_type,
        "insecure_ssl": "0",
        "secret": "********",
        "url": app.hook_url or "",
    }


async def _pushed(moved: Moved) -> list[git.Commit]:
    """Return the commits that are new on the ref; none for a new branch at a known commit."""
    if moved.after == git.ZERO:
        return []
    if moved.before != git.ZERO:
        span = [f"{moved.before}..{moved.after}"]
    else:
        others = [f"--exclude={moved.ref}", "--not", "--all"]
        span = [moved.after, *others]
    return await git.log(moved.repository.path, *span, limit=MAX_COMMITS)


async def _is_forced(moved: Moved) -> bool:
    if git.ZERO in {moved.before, moved.after}:
        return False
    return not await git.is_ancestor(moved.repository.path, moved.before, moved.after)
