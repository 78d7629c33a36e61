"""States of requirements in words, and what annotations say of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lintbot.model.package import Observation, Presence, Project, Release, Status
from lintbot.model.requirement import Requirement, State
from lintbot.trust.advisories import Advisory, affects, read_advisories
from lintbot.trust.judge import (
    MAX_OF_ONE_NAME,
    Known,
    find_advisories,
    find_doubtful,
    judge,
    judge_all,
    make_alarms,
)
from lintbot.trust.watch import begin
from tests.support.trust_values import NOW, a_project, a_requirement, seen

REQUESTS = a_project("1.0", "2.0")
GONE = {"missing_since": NOW - timedelta(days=2)}


def a_pin(version: str) -> Requirement:
    return a_requirement("requests", f"=={version}", pinned=version)


def judge_one(
    requirement: Requirement, observation: Observation | None
) -> tuple[State, int | None]:
    observations = {"requests": observation} if observation is not None else {}
    it = judge(requirement, Known(now=NOW, observations=observations))
    assert it.words.startswith("requests: ")
    assert it.words.endswith(".")
    return it.state, it.tenths


def yank(version: str, reason: str = "bad") -> Project:
    return replace(
        REQUESTS,
        releases=tuple(
            replace(it, yanked=reason) if it.version == version else it for it in REQUESTS.releases
        ),
    )


@pytest.mark.parametrize(
    ("requirement", "observation", "state", "tenths"),
    [
        (a_requirement(), seen(REQUESTS), State.FOUND, 100),
        (a_requirement(), seen(a_project("1", days_ago=1200)), State.STALE, 49),
        (a_requirement(), seen(a_project("1", days_ago=4000)), State.STALE, 0),
        (a_requirement(), None, State.UNKNOWN, None),
        (a_requirement(), begin("requests"), State.UNKNOWN, None),
        (a_requirement(elsewhere=True), seen(REQUESTS), State.UNKNOWN, None),
        (a_requirement(), seen(REQUESTS, Presence.NOT_FOUND), State.NOT_FOUND, None),
        (a_requirement(), seen(REQUESTS, Presence.MISSING), State.FOUND, 100),
        (a_requirement(), seen(REQUESTS, Presence.VANISHED, **GONE), State.VANISHED, 0),
        (a_requirement(), seen(REQUESTS, Presence.EMPTIED, **GONE), State.EMPTIED, 0),
        (a_requirement(), seen(REQUESTS, reregistered_at=NOW), State.REREGISTERED, 0),
        (a_requirement(), seen(replace(REQUESTS, status=Status.ARCHIVED)), State.ARCHIVED, 30),
        (a_requirement(), seen(replace(REQUESTS, status=Status.DEPRECATED)), State.DEPRECATED, 50),
        (
            a_requirement(),
            seen(Project(name="requests", status=Status.QUARANTINED, status_reason="malware")),
            State.QUARANTINED,
            0,
        ),
        (a_pin("1.0"), seen(yank("1.0")), State.YANKED, 40),
        (a_pin("1.0"), seen(yank("1.0", "")), State.YANKED, 40),
        (a_pin("2.0"), seen(yank("1.0")), State.FOUND, 100),
        (a_pin("3.0"), seen(REQUESTS, deleted=("3.0",)), State.DELETED, 40),
        (a_pin("3.0"), seen(REQUESTS, deleted=("3!bad bad",)), State.UNSATISFIED, 40),
        (a_requirement("requests", ">=3"), seen(REQUESTS), State.UNSATISFIED, 40),
        (a_requirement("requests", "<2"), seen(yank("1.0")), State.UNSATISFIED, 40),
        (a_requirement("requests", ""), seen(Project(name="requests")), State.UNSATISFIED, 40),
        (a_requirement("requests", "not a specifier"), seen(REQUESTS), State.FOUND, 100),
        (
            a_requirement(),
            seen(Project(name="requests", releases=(Release(version="1"),))),
            State.FOUND,
            None,
        ),
        (
            a_requirement(),
            Observation(name="requests", presence=Presence.FOUND),
            State.UNKNOWN,
            None,
        ),
    ],
)
def test_states(
    requirement: Requirement, observation: Observation | None, state: State, tenths: int | None
):
    assert judge_one(requirement, observation) == (state, tenths)


def test_names_that_may_not_be_asked_for_are_unknown_unless_they_are_known():
    known = Known(now=NOW, observations={"requests": seen(REQUESTS)}, withheld="it is private")
    states = judge_all([a_requirement(), a_requirement("inner-secret")], known)
    assert [it.state for it in states] == [State.FOUND, State.UNKNOWN]
    assert "it is private" in states[1].words


RECORDS = [
    {
        "id": "PYSEC-1",
        "affected": [
            {
                "package": {"ecosystem": "PyPI", "name": "Requests"},
                "ranges": [
                    {"type": "GIT", "events": [{"introduced": "0"}]},
                    {
                        "type": "ECOSYSTEM",
                        "events": [
                            {"introduced": "0"},
                            {"fixed": "1.5"},
                            {"introduced": "2.0"},
                            {"last_affected": "2.1"},
                            {"fixed": "9"},
                            {"introduced": "7"},
                        ],
                    },
                ],
                "versions": ["1.9.dev"],
            },
            {"package": {"ecosystem": "npm", "name": "requests"}},
            "noise",
        ],
    },
    {"id": "PYSEC-2", "withdrawn": "2020-01-01T00:00:00Z", "affected": []},
    "noise",
]


@pytest.mark.parametrize(
    ("version", "affected"),
    [
        ("0.1", True),
        ("1.4", True),
        ("1.5", False),
        ("1.9.dev", True),
        ("2.1", True),
        ("2.2", False),
        ("8", True),
        ("nonsense", False),
    ],
)
def test_advisories_in_the_osv_format(version: str, affected: bool):
    ((name, advisories),) = read_advisories(RECORDS).items()
    assert (name, len(advisories)) == ("requests", 1)
    assert affects(advisories[0], version) is affected


def test_what_is_newer_than_the_last_look_is_looked_at_again_before_anything_is_said():
    old = seen(REQUESTS, checked_at=NOW - timedelta(hours=5))
    wanted = [a_pin("3.0"), a_pin("1.0"), a_requirement("other", "==1"), a_pin("3.0")]
    assert find_doubtful(wanted, {"requests": old}, NOW) == ["requests"]
    assert find_doubtful(wanted, {"requests": seen(REQUESTS)}, NOW) == []
    assert judge_one(a_pin("3.0"), old) == (State.UNKNOWN, None)
    assert judge_one(a_pin("1.0"), old) == (State.FOUND, 100)


def test_a_range_without_a_beginning_affects_nothing():
    package = {"ecosystem": "PyPI", "name": "a"}
    ranges = [{"type": "ECOSYSTEM", "events": [{"fixed": "1.0"}]}]
    records = [{"id": "X", "affected": [{"package": package, "ranges": ranges}]}]
    assert not affects(read_advisories(records)["a"][0], "0.1")


def test_what_affects_pins_is_known_by_name_and_what_has_no_pin_is_not_there():
    advisory = Advisory(id="PYSEC-1", versions=frozenset({"1.0"}), ranges=())

    def affected(name: str, version: str) -> tuple[Advisory, ...] | None:
        if name == "unknown":
            return None
        return (advisory,) if affects(advisory, version) else ()

    pins = [a_pin("1.0"), a_pin("2.0"), a_requirement("good", "==2.0", pinned="2.0")]
    others = [a_requirement("loose"), a_requirement("unknown", "==1.0", pinned="1.0")]
    found = find_advisories([*pins, *others], affected)
    assert found == {"requests": ("PYSEC-1",), "good": (), "unknown": ()}
    many = [a_pin(f"0.{number}") for number in range(MAX_OF_ONE_NAME)]
    assert find_advisories([*many, a_pin("1.0")], affected) == {"requests": ()}


def test_a_pinned_version_with_a_known_vulnerability():
    advisory = Advisory(id="PYSEC-1", versions=frozenset({"1.0"}), ranges=())

    def affected(_name: str, version: str) -> tuple[Advisory, ...]:
        return (advisory,) * 4 if affects(advisory, version) else ()

    known = Known(now=NOW, observations={"requests": seen(REQUESTS)}, affected=affected)
    bad, good, loose = judge_all([a_pin("1.0"), a_pin("2.0"), a_requirement()], known)
    assert (bad.state, bad.tenths) == (State.VULNERABLE, 20)
    assert "PYSEC-1, PYSEC-1, PYSEC-1, …" in bad.words
    assert (good.state, loose.state) == (State.FOUND, State.FOUND)
    offline = judge(a_pin("1.0"), replace(known, observations={}))
    assert (offline.state, offline.tenths) == (State.VULNERABLE, 20)


def test_alarms_are_of_dangerous_states_and_stand_on_the_line_that_a_person_wrote():
    known = Known(now=NOW, observations={"requests": seen(REQUESTS, Presence.VANISHED)})
    every = [
        a_requirement(path="a.lock", line=5, locked=True),
        a_requirement(path="pyproject.toml", line=9),
        a_requirement(path="requirements.txt", line=2),
        a_requirement("other"),
    ]
    (alarm,) = make_alarms(judge_all(every, known))
    assert (alarm.path, alarm.line, alarm.level) == ("pyproject.toml", 9, "failure")
    assert alarm.title == "requests: vanished"
