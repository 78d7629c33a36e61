"""The one issue about dependencies: opened, changed, closed, opened again, never a second one."""

from __future__ import annotations

from dataclasses import replace

from lintbot.github.forge import GitHubForge
from lintbot.model.requirement import State
from lintbot.model.trust import TrustReport
from lintbot.report.dependency_issue import MAX_LISTED, REFUSED, DependencyIssues, make_issue
from lintbot.standin.faults import SERVER_ERROR
from tests.support.github import Place
from tests.support.trust_values import a_dependency, a_trust_report

URL = "https://lintbot.example"


async def keep(
    place: Place, forge: GitHubForge, *states: State, partial: bool = False
) -> tuple[str, ...]:
    report: TrustReport = a_trust_report(*(a_dependency(state) for state in states))
    report = replace(report, partial=partial)
    return await DependencyIssues(forge=forge, public_url=URL).keep(place.target, report)


async def test_one_issue_from_first_to_last(place: Place, forge: GitHubForge):
    await place.github.accept_permissions(
        place.installation, {**place.github.app.permissions, "issues": "write"}
    )
    issues = place.github.world.issues
    assert await keep(place, forge, State.STALE) == ()
    assert issues == [], "nothing to do, nothing to say"
    await keep(place, forge, State.YANKED)
    await keep(place, forge, State.YANKED)
    (issue,) = issues
    assert (issue.state, issue.edits, issue.labels) == ("open", 0, ["lintbot"])
    assert "yanked pin" in (issue.body or "")
    await keep(place, forge, State.YANKED, State.VANISHED)
    assert (issue.title, issue.edits) == ("Dependencies: 2 requirements to look at", 1)
    issue.state = "closed"  # by a person
    await keep(place, forge, State.YANKED, State.VANISHED)
    assert issue.state == "closed"
    await keep(place, forge, State.VANISHED)
    assert issue.state == "open"
    await keep(place, forge, partial=True)
    assert issue.state == "open", "it may be in a file that could not be read"
    await keep(place, forge)
    assert (issue.state, issue.title) == ("closed", "Dependencies: all is well again")
    await keep(place, forge, State.YANKED)
    assert issue.state == "open"
    assert issues == [issue]


async def test_without_the_permission_the_report_says_so(place: Place, forge: GitHubForge):
    assert await keep(place, forge, State.YANKED) == (REFUSED,)
    assert place.github.world.issues == []


async def test_a_hiccup_is_left_to_the_next_report(place: Place, forge: GitHubForge):
    await place.github.accept_permissions(
        place.installation, {**place.github.app.permissions, "issues": "write"}
    )
    place.github.faults.add("GET", r".*/issues", SERVER_ERROR, times=50)
    assert await keep(place, forge, State.YANKED) == ()
    assert place.github.world.issues == []


def test_foreign_words_are_escaped_and_long_lists_cut():
    name = "x](javascript:alert) @somebody <b>"
    many = [a_dependency(State.YANKED, name) for _ in range(MAX_LISTED + 2)]
    body = make_issue(many, URL).body
    assert "And 2 more." in body
    assert "x](javascript" not in body
    assert "@somebody" not in body
    assert "<b>" not in body.replace("\\<b\\>", "")
