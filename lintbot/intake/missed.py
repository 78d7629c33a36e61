"""Pure: what nobody told us of, found by comparing GitHub with what is stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from lintbot.model.events import BranchDeleted, Event, PullRequestChanged, Push, is_queue_branch
from lintbot.model.ids import DeliveryId, InstallationId, Sha
from lintbot.model.intake import pull_ref
from lintbot.model.recovery import KnownHeads, ListedPull, LoggedDelivery
from lintbot.model.repository import Repository

CLOCKS_DIFFER: Final = timedelta(minutes=1)
"""GitHub's clock and ours may be so far apart."""


def sort_deliveries(
    log: Iterable[LoggedDelivery],
) -> tuple[tuple[LoggedDelivery, ...], frozenset[DeliveryId]]:
    """Return the newest attempts at deliveries that never reached us, and those that did.

    Args:
        log: attempts, newest first.
    """
    newest: dict[DeliveryId, LoggedDelivery] = {}
    received = set()
    for attempt in log:
        newest.setdefault(attempt.guid, attempt)
        if attempt.succeeded:
            received.add(attempt.guid)
    missed = tuple(it for guid, it in newest.items() if guid not in received)
    return missed, frozenset(received)


def settle(pushed_at: datetime | None, listed_at: datetime) -> datetime | None:
    """Return GitHub's time of the last push, if another push can no longer have the same.

    It tells the second only: a push just after GitHub was asked may bear it too, and would not be
    looked for the next time.
    """
    return pushed_at if pushed_at and pushed_at < listed_at - CLOCKS_DIFFER else None


def compare_branches(
    place: tuple[InstallationId, Repository], known: KnownHeads, branches: Mapping[str, Sha]
) -> Iterator[Event]:
    """Return the events that would have told of where the branches are.

    The first time a repository is compared, branches that nothing is known of are no news: they
    may have been there for years.
    """
    for branch, sha in branches.items():
        before = known.heads.get(branch)
        is_news = before is not None or known.compared_at is not None
        if is_news and before != sha and not is_queue_branch(branch):
            yield _push(place, branch, before, sha)
    for branch in known.heads:
        if branch not in branches and not branch.startswith("refs/"):
            yield BranchDeleted(installation_id=place[0], repository=place[1], branch=branch)


def _push(
    place: tuple[InstallationId, Repository], branch: str, before: Sha | None, sha: Sha
) -> Push:
    return Push(
        installation_id=place[0],
        repository=place[1],
        branch=branch,
        before=before,
        after=sha,
        forced=False,
        changed_files=0,
        found=True,
    )


def compare_pulls(
    place: tuple[InstallationId, Repository],
    known: KnownHeads,
    pulls: Iterable[ListedPull],
    linted: Mapping[Sha, bool],
) -> Iterator[Event]:
    """Return the events that would have told of open pull requests, unless they are old news.

    Args:
        place: the repository, and the installation that reaches it.
        known: read before GitHub was asked.
        pulls: what GitHub listed.
        linted: commits with lint runs, and whether one is of a pull request already.
    """
    if known.compared_at is None:
        return
    for pull in pulls:
        if pull.from_fork:
            before = known.heads.get(pull_ref(pull.number))
            is_news = before != pull.head_sha
        else:
            before = known.heads.get(pull.head_branch)
            recent = pull.created_at > known.compared_at - CLOCKS_DIFFER
            is_news = recent and not linted.get(pull.head_sha, True)
        if is_news:
            yield _pull(place, pull, before)


def _pull(
    place: tuple[InstallationId, Repository], pull: ListedPull, before: Sha | None
) -> PullRequestChanged:
    return PullRequestChanged(
        installation_id=place[0],
        repository=place[1],
        number=pull.number,
        head_sha=pull.head_sha,
        head_branch=pull.head_branch,
        from_fork=pull.from_fork,
        base_sha=pull.base_sha,
        base_branch=pull.base_branch,
        changed_files=0,
        before=before,
        found=True,
    )
