"""Pure: how active a project is, and how many people it rests on."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction

from lintbot.model.history import Commit, History
from lintbot.model.trust import Signal
from lintbot.trust.arithmetic import fade, months, tenths, unknown
from lintbot.trust.facts import Facts

ACTIVE_WEEKS, FULL_WEEKS = 13, 8
"""Of the last 13 weeks, 8 with a change of code are full marks."""
FRESH_MONTHS, OLD_MONTHS = 6, 36
YOUNG_DAYS = 90
BACKUP_WEEKS = {12: 3, 36: 6}
"""By months looked at: in how many weeks somebody must have been active to be a second pair of
hands."""
FULL_BACKUPS = 2
MATURE = "Development Status :: 6 - Mature"
_WEEK = timedelta(days=7)
_YOUNG = f"The repository is younger than {YOUNG_DAYS} days."


def maintained(facts: Facts) -> Signal:
    """Weigh the last quarter's weeks of work and the age of the last release."""
    if facts.archived:
        return Signal(
            name="maintained",
            tenths=0,
            facts=("The repository is archived.",),
            advice=("Unarchive it, or name a successor in the README.",),
        )
    if is_young(facts):
        return unknown("maintained", _YOUNG)
    halves, words = [], []
    today = facts.now.date()
    if facts.history is not None:
        weeks = count_code_weeks(facts.history, today)
        halves.append(min(Fraction(10), Fraction(10 * weeks, FULL_WEEKS)))
        words.append(f"code changed in {weeks} of the last {ACTIVE_WEEKS} weeks")
    released = last_release(facts)
    if released is not None:
        age = months(released, today)
        halves.append(fade(age, FRESH_MONTHS, OLD_MONTHS))
        words.append(f"last release {int(age)} months ago")
    if not halves:
        return unknown("maintained", "Neither the history nor a release could be read.")
    points = sum(halves, Fraction()) / len(halves)
    if _is_finished(facts):
        points = max(points, Fraction(5))
        words.append("declared mature")
    return Signal(
        name="maintained",
        tenths=tenths(points),
        facts=tuple(words),
        advice=("Release what has been changed, or declare the project mature.",)
        if points < FULL_WEEKS
        else (),
    )


def _is_finished(facts: Facts) -> bool:
    """Tell whether the project says that it is finished; a name in danger is not."""
    in_danger = any(it.state.level == "failure" for it in facts.dependencies)
    return MATURE in facts.classifiers and not in_danger


def last_release(facts: Facts) -> date | None:
    """Return the day of the last upload to the index, else of the newest tagged commit."""
    if facts.package is not None and facts.package.newest_upload is not None:
        return facts.package.newest_upload.date()
    return facts.history.newest_tag if facts.history is not None else None


def count_code_weeks(history: History, today: date) -> int:
    """Return in how many of the last 13 weeks a person changed code."""
    ages = (
        (today - it.day) // _WEEK for it in history.commits if not it.bot and it.code is not False
    )
    return len({age for age in ages if 0 <= age < ACTIVE_WEEKS})


def bus_factor(facts: Facts) -> Signal:
    """Find how few people make half of the person-weeks."""
    if facts.history is None:
        return unknown("bus-factor", "The history could not be read.")
    if is_young(facts):
        return unknown("bus-factor", _YOUNG)
    today = facts.now.date()
    span, commits = _recent(facts.history, today)
    if not commits:
        return Signal(
            name="bus-factor",
            tenths=0,
            facts=("No person has committed for 36 months.",),
            advice=("Look for somebody to hand the project over to.",),
        )
    weeks = person_weeks(commits)
    factor = absence_factor(weeks.values())
    top = max(weeks, key=lambda person: weeks[person])
    needed = BACKUP_WEEKS[span]
    backups = sum(number >= needed for person, number in weeks.items() if person != top)
    points = 7 * min(1.0, math.log(factor, 4)) + 3 * min(1.0, backups / FULL_BACKUPS)
    by_commits = absence_factor(Counter(p for it in commits for p in it.people).values())
    advice = "Give a second person the right to merge and to release."
    return Signal(
        name="bus-factor",
        tenths=max(10, tenths(points)),
        facts=(
            f"{factor} made half of the person-weeks of the last {span} months",
            f"{by_commits} by the number of commits",
            f"{backups} others active in {needed} weeks or more",
        ),
        advice=(advice,) if backups < FULL_BACKUPS else (),
    )


def recent_absence_factor(facts: Facts) -> int | None:
    """Return the number that the badge shows; None: unknown."""
    if facts.history is None or is_young(facts):
        return None
    _, commits = _recent(facts.history, facts.now.date())
    return absence_factor(person_weeks(commits).values())


def _recent(history: History, today: date) -> tuple[int, list[Commit]]:
    """Return the commits by people of 12 months, else of 36, and of how many it is."""
    for span in (12, 36):
        commits = [it for it in history.commits if it.people and months(it.day, today) <= span]
        if commits:
            break
    return span, commits


def is_young(facts: Facts) -> bool:
    """Tell whether the whole history is younger than 90 days: too short to tell habits from."""
    history, today = facts.history, facts.now.date()
    return (
        history is not None
        and history.whole
        and all((today - it.day).days < YOUNG_DAYS for it in history.commits)
    )


def person_weeks(commits: Iterable[Commit]) -> Counter[int]:
    """Return in how many weeks each person was active: splitting commits gains nothing."""
    weeks: dict[int, set[int]] = defaultdict(set)
    for commit in commits:
        for person in commit.people:
            weeks[person].add(commit.day.toordinal() // 7)
    return Counter({person: len(active) for person, active in weeks.items()})


def absence_factor(contributions: Iterable[int]) -> int:
    """Return the fewest contributors who make half of the whole; 0 of nobody.

    CHAOSS, Contributor Absence Factor: https://chaoss.community/kb/metric-contributor-absence-factor/
    """
    ordered = sorted(contributions, reverse=True)
    half, sum_so_far = Fraction(sum(ordered), 2), 0
    for number, contribution in enumerate(ordered, start=1):
        sum_so_far += contribution
        if sum_so_far >= half:
            return number
    return 0


def looks_abandoned(facts: Facts) -> bool:
    """Tell whether two of the index policy's three facts hold: no release, no activity, a year.

    The third, that the owner cannot be reached, nobody can look up: https://peps.python.org/pep-0541/
    """
    released, today = last_release(facts), facts.now.date()
    if facts.history is None or released is None:
        return False
    active = any(months(it.day, today) <= 12 for it in facts.history.commits if not it.bot)  # noqa: PLR2004  a year
    return not active and months(released, today) > 12  # noqa: PLR2004  a year
