"""What an answer of the index makes of what is known, over days."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lintbot.model.package import (
    Answer,
    EventKind,
    Found,
    Missing,
    Observation,
    Presence,
    Project,
    Release,
    Status,
    Unanswered,
    Unchanged,
)
from lintbot.trust.watch import begin, observe
from tests.support.trust_values import NOW, a_project

FLASK = a_project("1.0", "2.0", name="flask")
EMPTY = Project(name="flask")


def over_days(*answers: tuple[float, Answer]) -> tuple[Observation, list[str]]:
    """Return what is known after answers on these days, and everything that happened."""
    seen, told = begin("flask"), []
    for day, answer in answers:
        seen, events = observe(seen, answer, NOW + timedelta(days=day))
        told += [" ".join(filter(None, (e.kind.value, e.version, e.reason))) for e in events]
    return seen, told


def test_found_keeps_when_it_was_seen_first():
    seen, told = over_days((0, Found(project=FLASK)), (1, Unchanged()), (2, Found(project=FLASK)))
    assert (seen.presence, seen.first_seen_at, told) == (Presence.FOUND, NOW, [])
    assert seen.checked_at == NOW + timedelta(days=2)


def test_a_name_that_was_never_there_has_not_vanished():
    seen, told = over_days((0, Missing()), (1, Missing()), (2, Missing()))
    assert (seen.presence, told) == (Presence.NOT_FOUND, [])


def test_one_404_is_no_disappearance_nor_are_two_on_one_day():
    seen, told = over_days((0, Found(project=FLASK)), (1, Missing()), (1.5, Missing()))
    assert (seen.presence, told) == (Presence.MISSING, [])
    seen, told = over_days((0, Found(project=FLASK)), (1, Missing()), (2, Found(project=FLASK)))
    assert (seen.presence, seen.missing_since, told) == (Presence.FOUND, None, [])


def test_gone_at_two_looks_a_day_apart_is_vanished_and_told_once():
    seen, told = over_days(
        (0, Found(project=FLASK)), (1, Missing()), (2, Missing()), (3, Missing())
    )
    assert (seen.presence, told) == (Presence.VANISHED, ["vanished"])
    assert seen.missing_since == NOW + timedelta(days=1)
    assert seen.project == FLASK


def test_the_same_project_may_return():
    days = [(0, Found(project=FLASK)), (1, Missing()), (2, Missing()), (3, Found(project=FLASK))]
    seen, told = over_days(*days)
    assert (seen.presence, told, seen.reregistered_at) == (
        Presence.FOUND,
        ["vanished", "returned"],
        None,
    )


@pytest.mark.parametrize("gone", [[(1, Missing()), (2, Missing())], [(1, Missing())]])
def test_a_name_that_comes_back_with_newer_uploads_only_is_another_project(
    gone: list[tuple[float, Answer]],
):
    later = NOW + timedelta(days=2.5)
    other = Project(name="flask", releases=(Release(version="9", uploaded_at=later),))
    seen, told = over_days((0, Found(project=FLASK)), *gone, (3, Found(project=other)))
    assert told[-1] == "re-registered"
    assert seen.reregistered_at == NOW + timedelta(days=3)
    again, told = observe(seen, Found(project=other), NOW + timedelta(days=4))
    assert (again.reregistered_at, told) == (seen.reregistered_at, ())


def test_emptied_is_told_once_and_remembers_what_was_there():
    seen, told = over_days(
        (0, Found(project=FLASK)), (1, Found(project=EMPTY)), (2, Found(project=EMPTY))
    )
    assert (seen.presence, told) == (Presence.EMPTIED, ["emptied"])
    assert seen.project is not None
    assert seen.project.releases == FLASK.releases
    back, told = observe(seen, Found(project=FLASK), NOW + timedelta(days=3))
    assert (back.presence, [it.kind for it in told]) == (Presence.FOUND, [EventKind.RETURNED])


def test_a_project_that_never_had_files_is_not_emptied():
    seen, told = over_days((0, Found(project=EMPTY)), (1, Found(project=EMPTY)))
    assert (seen.presence, told) == (Presence.FOUND, [])


def test_quarantine_hides_the_files_and_is_no_emptying():
    hidden = replace(EMPTY, status=Status.QUARANTINED, status_reason="malware")
    seen, told = over_days((0, Found(project=FLASK)), (1, Found(project=hidden)))
    assert (seen.presence, told) == (Presence.FOUND, ["quarantined malware"])


def test_status_is_told_when_it_changes_but_not_when_an_index_begins_to_report_it():
    def with_status(status: Status) -> Found:
        return Found(project=replace(FLASK, status=status))

    _, told = over_days(
        (0, Found(project=FLASK)),
        (1, with_status(Status.ACTIVE)),
        (2, with_status(Status.ARCHIVED)),
        (3, with_status(Status.ARCHIVED)),
        (4, with_status(Status.DEPRECATED)),
        (5, with_status(Status.ACTIVE)),
        (6, with_status(Status.UNKNOWN)),
    )
    assert told == ["archived", "deprecated", "active"]


def test_yanked_and_deleted_versions_are_told_once_and_deleted_ones_remembered():
    yanked = replace(FLASK, releases=(FLASK.releases[0], replace(FLASK.releases[1], yanked="bad")))
    less = replace(FLASK, releases=FLASK.releases[1:])
    seen, told = over_days(
        (0, Found(project=FLASK)), (1, Found(project=yanked)), (2, Found(project=yanked))
    )
    assert told == ["yanked 2.0 bad"]
    seen, told = over_days(
        (0, Found(project=FLASK)), (1, Found(project=less)), (2, Found(project=less))
    )
    assert (told, seen.deleted) == (["deleted 1.0"], ("1.0",))
    back, _ = observe(seen, Found(project=FLASK), NOW + timedelta(days=3))
    assert back.deleted == ()


def test_a_version_that_is_yanked_at_first_sight_is_no_news():
    more = replace(FLASK, releases=(*FLASK.releases, Release(version="3.0", yanked="")))
    assert over_days((0, Found(project=FLASK)), (1, Found(project=more)))[1] == []


def test_no_answer_changes_nothing_but_the_reason():
    before, _ = over_days((0, Found(project=FLASK, etag="x")))
    after, told = observe(before, Unanswered("slow"), NOW + timedelta(days=1))
    assert (replace(after, trouble=""), after.trouble, told) == (before, "slow", ())
    well, _ = observe(after, Unchanged(), NOW + timedelta(days=2))
    assert (well.trouble, well.etag) == ("", "x")
