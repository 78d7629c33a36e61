"""Pure: the dependency watch. One project's observation, and what an answer makes of it.

    not found ──► found ◄──► missing ──(404 again, a day later)──► vanished ──► found, re-registered
                    └──► emptied

Only what lintbot itself has seen can be called vanished: a name that was never there may be
internal. An answer that cannot be used changes nothing but ``trouble``.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from lintbot.model.package import (
    Answer,
    EventKind,
    Found,
    Missing,
    Observation,
    PackageEvent,
    Presence,
    Project,
    Status,
    Unanswered,
    Unchanged,
)

MISSING_FOR = timedelta(hours=24)
"""A project must be gone at two looks so far apart before it is called vanished."""
MAX_DELETED = 1_000
_TOLD = {
    Status.QUARANTINED: EventKind.QUARANTINED,
    Status.ARCHIVED: EventKind.ARCHIVED,
    Status.DEPRECATED: EventKind.DEPRECATED,
    Status.ACTIVE: EventKind.ACTIVE,
}

Step = tuple[Observation, tuple[PackageEvent, ...]]


def begin(name: str) -> Observation:
    """Return the observation of a name that was never looked up."""
    return Observation(name=name, presence=Presence.UNKNOWN)


def observe(before: Observation, answer: Answer, now: datetime) -> Step:
    """Return what is known after an answer, and what has happened since the one before."""
    match answer:
        case Unanswered(reason=reason):
            return replace(before, trouble=reason), ()
        case Unchanged():
            return replace(before, trouble="", checked_at=now), ()
        case Missing():
            return _miss(replace(before, trouble="", checked_at=now, etag=""), now)
        case Found():
            return _find(before, answer, now)
        case _:
            assert_never(answer)


def _miss(before: Observation, now: datetime) -> Step:
    if before.presence is Presence.MISSING and before.missing_since is not None:
        if now - before.missing_since < MISSING_FOR:
            return before, ()
        gone = replace(before, presence=Presence.VANISHED)
        return gone, (PackageEvent(name=before.name, kind=EventKind.VANISHED, at=now),)
    if before.presence in {Presence.FOUND, Presence.EMPTIED}:
        return replace(before, presence=Presence.MISSING, missing_since=now), ()
    if before.presence is Presence.VANISHED:
        return before, ()
    return replace(before, presence=Presence.NOT_FOUND), ()


def _find(before: Observation, answer: Found, now: datetime) -> Step:
    project, known = answer.project, before.project
    had_files = known is not None and bool(known.releases)
    without_files = had_files and not project.releases
    # A quarantined project shows no files either: https://peps.python.org/pep-0792/
    emptied = without_files and project.status is not Status.QUARANTINED
    if without_files and known is not None:
        # What was there stays known, to tell it from another project of this name later.
        project = replace(project, releases=known.releases, source=None)
    after = replace(
        before,
        presence=Presence.EMPTIED if emptied else Presence.FOUND,
        project=project,
        first_seen_at=before.first_seen_at or now,
        missing_since=(before.missing_since or now) if emptied else None,
        checked_at=now,
        trouble="",
        etag=answer.etag,
    )
    if known is None:
        return after, ()
    if _is_another(before, project):
        after = replace(after, reregistered_at=before.reregistered_at or now, deleted=())
        return after, (_event(before, EventKind.REREGISTERED, now),)
    events = [*_compare_presence(before, after, now), *_compare_status(known, project, now)]
    if not emptied:
        deleted = _deleted(known, project)
        back = {it.version for it in project.releases}
        kept = [it for it in before.deleted if it not in back]
        after = replace(after, deleted=tuple([*kept, *deleted][-MAX_DELETED:]))
        events += [_event(before, EventKind.DELETED, now, version=version) for version in deleted]
        events += _compare_yanks(known, project, now)
    return after, tuple(events)


def _is_another(before: Observation, project: Project) -> bool:
    """Tell whether a name that was gone came back with nothing but newer uploads."""
    oldest, since = project.oldest_upload, before.missing_since
    was_gone = before.presence in {Presence.MISSING, Presence.VANISHED, Presence.EMPTIED}
    return was_gone and bool(project.releases) and bool(oldest and since and oldest > since)


def _compare_presence(
    before: Observation, after: Observation, now: datetime
) -> tuple[PackageEvent, ...]:
    if after.presence is Presence.EMPTIED and before.presence is not Presence.EMPTIED:
        return (_event(before, EventKind.EMPTIED, now),)
    came_back = before.presence in {Presence.VANISHED, Presence.EMPTIED}
    if came_back and after.presence is Presence.FOUND:
        return (_event(before, EventKind.RETURNED, now),)
    return ()


def _compare_status(known: Project, project: Project, now: datetime) -> tuple[PackageEvent, ...]:
    kind = _TOLD.get(project.status)
    # An index that begins to report "active" has told nothing new.
    silent = project.status is Status.ACTIVE and known.status is Status.UNKNOWN
    if kind is None or silent or project.status is known.status:
        return ()
    reason = project.status_reason
    return (PackageEvent(name=project.name, kind=kind, at=now, reason=reason),)


def _compare_yanks(known: Project, project: Project, now: datetime) -> list[PackageEvent]:
    before = {it.version for it in known.releases if it.yanked is not None}
    seen = {it.version for it in known.releases}
    return [
        PackageEvent(
            name=project.name, kind=EventKind.YANKED, at=now, version=it.version, reason=it.yanked
        )
        for it in project.releases
        if it.yanked is not None and it.version in seen - before
    ]


def _deleted(known: Project, project: Project) -> list[str]:
    left = {it.version for it in project.releases}
    return [it.version for it in known.releases if it.version not in left]


def _event(
    before: Observation, kind: EventKind, now: datetime, *, version: str = ""
) -> PackageEvent:
    return PackageEvent(name=before.name, kind=kind, at=now, version=version)
