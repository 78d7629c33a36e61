"""Pure: one requirement against what is known of its project: a state, in words, and a number."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from lintbot.model.package import Observation, Presence, Project, Release, Status
from lintbot.model.requirement import Dependency, DependencyAlarm, Requirement, State
from lintbot.trust.advisories import Affected, know_nothing
from lintbot.trust.arithmetic import fade, months, tenths

FRESH_MONTHS, OLD_MONTHS, STALE_MONTHS = 18, 60, 36
RECENT = timedelta(hours=1)
"""What was seen so lately is not asked for again."""
_AT_MOST = {
    State.VANISHED: 0,
    State.QUARANTINED: 0,
    State.REREGISTERED: 0,
    State.EMPTIED: 0,
    State.VULNERABLE: 20,
    State.ARCHIVED: 30,
    State.YANKED: 40,
    State.DELETED: 40,
    State.UNSATISFIED: 40,
    State.DEPRECATED: 50,
}
"""In tenths, whatever its age."""
_ABSENT = {
    Presence.VANISHED: (State.VANISHED, "it was on the index and is gone"),
    Presence.EMPTIED: (State.EMPTIED, "all its files are gone"),
    Presence.NOT_FOUND: (State.NOT_FOUND, "it is not on the public index; it may be internal"),
    Presence.MISSING: (
        State.FOUND,
        "the index did not have it at the last look; lintbot looks again",
    ),
}
_GONE = {State.VANISHED, State.EMPTIED}
_NO_INDEX = "it comes from another index, an address or a path, so lintbot does not ask for it"
_NOT_ASKED = "it was not looked up yet"
_TOO_MUCH = "there is too much to compare, so its versions were not looked at"
MAX_OF_ONE_NAME = 50
"""Different requirements of one name whose versions are compared."""
MAX_COMPARISONS = 300_000
"""Of a release with one part of a specifier: some seconds."""
_IN_QUARANTINE = "the index has quarantined it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What requirements are judged by.

    Attributes:
        observations: by normalised name.
        affected: known vulnerabilities.
        withheld: why names that are not known yet are not asked for; empty: they are.
    """

    now: datetime
    observations: Mapping[str, Observation]
    affected: Affected = know_nothing
    withheld: str = ""


def judge_all(requirements: Iterable[Requirement], known: Known) -> tuple[Dependency, ...]:
    """Judge every requirement; of what is beyond reason no version is compared."""
    effort = _Effort(known.observations)
    judged: dict[tuple[object, ...], Dependency] = {}
    found = []
    for it in requirements:
        key = (it.name, it.specifier, it.pinned, it.elsewhere)
        if key not in judged:
            judged[key] = judge(it, known, compare=effort.allows(it))
        found.append(replace(judged[key], requirement=it))
    return tuple(found)


class _Effort:
    """Counts what comparing versions costs: a hostile list would keep it busy for minutes."""

    def __init__(self, observations: Mapping[str, Observation]) -> None:
        self._observations = observations
        self._of_name: Counter[str] = Counter()
        self._left = MAX_COMPARISONS

    def allows(self, requirement: Requirement) -> bool:
        """Tell whether a requirement's versions may be compared, and count it."""
        seen = self._observations.get(requirement.name)
        releases = len(seen.project.releases) if seen and seen.project else 0
        cost = releases * (requirement.specifier.count(",") + 1)
        self._of_name[requirement.name] += 1
        if self._of_name[requirement.name] > MAX_OF_ONE_NAME or cost > self._left:
            return False
        self._left -= cost
        return True


def judge(requirement: Requirement, known: Known, *, compare: bool = True) -> Dependency:
    """Return the worst state of a requirement; the order of :class:`State` says what is worse.

    Args:
        requirement: what is judged.
        known: by what.
        compare: look at its versions too; else it is unknown at best.
    """
    seen = known.observations.get(requirement.name)
    vulnerable = _vulnerabilities(requirement, known) if compare else []
    if requirement.elsewhere or seen is None:
        why = _NO_INDEX if requirement.elsewhere else known.withheld or _NOT_ASKED
        states = [*vulnerable, (State.UNKNOWN, why)]
        return _dependency(requirement, states, None)
    apart = [] if compare else [(State.UNKNOWN, _TOO_MUCH)]
    states = [*vulnerable, *apart, *_states(requirement, seen, known.now, compare=compare)]
    states.sort(key=_rank)
    return _dependency(requirement, states, _points(seen, states[0][0], known.now))


def _rank(state: tuple[State, str]) -> int:
    return list(State).index(state[0])


def _dependency(
    requirement: Requirement, states: list[tuple[State, str]], points: int | None
) -> Dependency:
    state, why = states[0]
    if points is None and state is State.VULNERABLE:
        points = _AT_MOST[state]
    words = f"{requirement.name}: {why}." if why else f"{requirement.name}: nothing to report."
    return Dependency(requirement=requirement, state=state, words=words, tenths=points)


def _states(
    requirement: Requirement, seen: Observation, now: datetime, *, compare: bool
) -> Iterator[tuple[State, str]]:
    """Give every state that holds, in words; at least one."""
    if seen.reregistered_at is not None:
        since = f"{seen.reregistered_at:%Y-%m-%d}"
        yield State.REREGISTERED, f"the name vanished and belongs to new uploads since {since}"
    if seen.presence is Presence.FOUND and seen.project is not None:
        yield from _project_states(seen.project, now)
        if compare:
            yield from _version_states(requirement, seen, seen.project, now)
        return
    state, words = _ABSENT.get(seen.presence, (State.UNKNOWN, seen.trouble or _NOT_ASKED))
    since = f" since {seen.missing_since:%Y-%m-%d}" if state in _GONE and seen.missing_since else ""
    yield state, words + since


def _project_states(project: Project, now: datetime) -> Iterator[tuple[State, str]]:
    reason = f" ({project.status_reason})" if project.status_reason else ""
    if project.status is Status.QUARANTINED:
        yield State.QUARANTINED, _IN_QUARANTINE + reason
    if project.status is Status.ARCHIVED:
        yield State.ARCHIVED, f"its owner has archived it{reason}"
    if project.status is Status.DEPRECATED:
        yield State.DEPRECATED, f"its owner has deprecated it{reason}"
    newest = project.newest_upload
    if newest is not None and months(newest.date(), now.date()) >= STALE_MONTHS:
        yield State.STALE, f"its last release is of {newest:%B %Y}"
    yield State.FOUND, ""


def _version_states(
    requirement: Requirement, seen: Observation, project: Project, now: datetime
) -> Iterator[tuple[State, str]]:
    fitting = _fitting(requirement, project.releases)
    if fitting is None:
        return
    if requirement.pinned is not None:
        pinned = requirement.pinned
        if any(_same(pinned, version) for version in seen.deleted):
            yield State.DELETED, f"version {pinned} is deleted from the index"
        elif fitting and all(it.yanked is not None for it in fitting):
            why = f" ({fitting[0].yanked})" if fitting[0].yanked else ""
            yield State.YANKED, f"version {pinned} is yanked{why}"
    if not fitting and project.status is not Status.QUARANTINED:
        wanted = requirement.specifier or "any version"
        if _is_old(seen, now):
            yield State.UNKNOWN, f"nothing satisfied {wanted} at the last look; lintbot looks again"
            return
        yield State.UNSATISFIED, f"no release on the index satisfies {wanted}"
    elif requirement.pinned is None and fitting and all(it.yanked is not None for it in fitting):
        yield State.UNSATISFIED, f"every release that satisfies {requirement.specifier} is yanked"


def find_doubtful(
    requirements: Iterable[Requirement], observations: Mapping[str, Observation], now: datetime
) -> list[str]:
    """Return the names to look at again before anything is said, each once.

    Nothing that was seen satisfies them, but what they want may be newer than the last look.
    """
    names: dict[str, None] = {}
    effort = _Effort(observations)
    for it in {(it.name, it.specifier, it.elsewhere): it for it in requirements}.values():
        seen = observations.get(it.name)
        if it.elsewhere or seen is None or seen.project is None or not _is_old(seen, now):
            continue
        if effort.allows(it) and _fitting(it, seen.project.releases) == []:
            names[it.name] = None
    return list(names)


def _is_old(seen: Observation, now: datetime) -> bool:
    return seen.checked_at is None or now - seen.checked_at > RECENT


def _fitting(requirement: Requirement, releases: tuple[Release, ...]) -> list[Release] | None:
    """Return the releases that satisfy a requirement; None when nobody can tell."""
    try:
        specifiers = SpecifierSet(requirement.specifier)
        return [it for it in releases if specifiers.contains(it.version, prereleases=True)]
    except (InvalidSpecifier, InvalidVersion):
        return None


def _same(one: str, other: str) -> bool:
    try:
        return Version(one).public == Version(other).public
    except InvalidVersion:
        return one == other


def _points(seen: Observation, state: State, now: datetime) -> int | None:
    """Return the health in tenths: by age, no better than the state allows; None: unknown."""
    if state in {State.NOT_FOUND, State.UNKNOWN}:
        return None
    newest = seen.project.newest_upload if seen.project is not None else None
    most = _AT_MOST.get(state, 100)
    if newest is None:
        return most if state in _AT_MOST else None
    by_age = fade(months(newest.date(), now.date()), FRESH_MONTHS, OLD_MONTHS)
    return min(most, tenths(Fraction(by_age)))


def _vulnerabilities(requirement: Requirement, known: Known) -> list[tuple[State, str]]:
    if requirement.pinned is None:
        return []
    found = known.affected(requirement.name, requirement.pinned)
    if not found:
        return []
    listed = ", ".join(it.id for it in found[:3]) + (", …" if len(found) > 3 else "")  # noqa: PLR2004  three names are enough
    return [(State.VULNERABLE, f"version {requirement.pinned} has known vulnerabilities: {listed}")]


def find_advisories(
    requirements: Iterable[Requirement], affected: Affected
) -> dict[str, tuple[str, ...]]:
    """Return the ids of what affects a pinned version, by name of each package with a pin."""
    pins: dict[str, set[str]] = defaultdict(set)
    for it in requirements:
        if it.pinned is not None and len(pins[it.name]) < MAX_OF_ONE_NAME:
            pins[it.name].add(it.pinned)
    return {
        name: tuple(sorted({it.id for pin in some for it in affected(name, pin) or ()}))
        for name, some in pins.items()
    }


def make_alarms(dependencies: Iterable[Dependency]) -> tuple[DependencyAlarm, ...]:
    """Return what annotations say: of dangerous states only, the first line of each name."""
    loud = [it for it in dependencies if it.state.level in {"failure", "warning"}]
    loud.sort(key=lambda it: (it.requirement.locked, it.requirement.path, it.requirement.line))
    first = {(it.requirement.name, it.state): it for it in reversed(loud)}
    return tuple(
        DependencyAlarm(
            path=it.requirement.path,
            line=it.requirement.line,
            level=it.state.level,
            title=f"{it.requirement.name}: {it.state}",
            message=it.words,
        )
        for it in sorted(first.values(), key=lambda it: (it.requirement.path, it.requirement.line))
    )
