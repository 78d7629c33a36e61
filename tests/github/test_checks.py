from __future__ import annotations

from dataclasses import replace

import pytest

from lintbot.errors import GoneError, PermanentError, TransientError
from lintbot.github.forge import GitHubForge
from lintbot.model.check_run import MAX_ANNOTATIONS_PER_REQUEST, Annotation, Output
from lintbot.model.ids import LintRunId
from lintbot.model.lint_run import Conclusion
from lintbot.standin.faults import (
    BAD_GATEWAY,
    DROP_AFTER,
    DROP_BEFORE,
    GARBLED,
    SERVER_ERROR,
    SERVER_ERROR_AFTER,
    Fault,
    secondary_limit,
)
from lintbot.standin.state import CheckRun
from tests.support.github import Place, commit

RUN = LintRunId("lint:1:abc:1")
URL = "https://lintbot.example/gh/me/code"
OUTPUT = Output(title="9.42", summary="fine", text="more")


def an_annotation(line: int = 1, *, end: int | None = None) -> Annotation:
    return Annotation(
        path="a.py",
        start_line=line,
        end_line=end or line,
        start_column=1,
        end_column=5,
        level="warning",
        title="pylint:W0611",
        message="unused",
    )


def the_runs(place: Place) -> list[CheckRun]:
    return place.github.world.runs_at(place.repository, place.head)


async def test_a_created_check_run_is_queued_under_our_id(place: Place, forge: GitHubForge) -> None:
    posted = await forge.create_check_run(place.target, RUN, place.head, URL)
    (run,) = the_runs(place)
    assert (posted.id, posted.status, posted.annotations_count) == (run.id, "queued", 0)
    assert (run.name, run.external_id, run.details_url) == ("lintbot", RUN, URL)


async def test_a_check_run_is_found_by_our_id(place: Place, forge: GitHubForge) -> None:
    assert await forge.find_check_run(place.target, RUN, place.head) is None
    posted = await forge.create_check_run(place.target, RUN, place.head, URL)
    await forge.create_check_run(place.target, LintRunId("lint:1:abc:2"), place.head, URL)
    assert await forge.find_check_run(place.target, RUN, place.head) == posted


async def test_of_two_with_our_id_the_first_is_taken(place: Place, forge: GitHubForge) -> None:
    posted = await forge.create_check_run(place.target, RUN, place.head, URL)
    twin = await forge.create_check_run(place.target, RUN, place.head, URL)
    found = await forge.find_check_run(place.target, RUN, place.head)
    assert found == replace(posted, twins=(twin.id,))
    output = Output(title="t", summary="s", text="")
    await forge.update_check_run(place.target, twin.id, output, (), Conclusion.SUCCESS)
    assert await forge.find_check_run(place.target, RUN, place.head) == posted


async def test_it_is_found_on_a_later_page(place: Place, forge: GitHubForge) -> None:
    posted = await forge.create_check_run(place.target, RUN, place.head, URL)
    for number in range(2, 232):
        suite = the_runs(place)[0].suite
        place.github.world.runs[100_000 + number] = CheckRun(
            id=100_000 + number, suite=suite, name="lintbot", external_id=f"lint:1:abc:{number}"
        )
    assert await forge.find_check_run(place.target, RUN, place.head) == posted


async def test_other_apps_check_runs_are_not_ours(place: Place, forge: GitHubForge) -> None:
    other = place.github.add_app({"name": "other"})
    suite = place.github.world.suite_for(other, place.repository, place.head)
    place.github.world.runs[1] = CheckRun(id=1, suite=suite, name="lintbot", external_id=RUN)
    assert await forge.find_check_run(place.target, RUN, place.head) is None


async def test_start_shows_it_in_progress(place: Place, forge: GitHubForge) -> None:
    posted = await forge.create_check_run(place.target, RUN, place.head, URL)
    await forge.start_check_run(place.target, posted.id, OUTPUT)
    (run,) = the_runs(place)
    assert (run.status, run.conclusion, run.title) == ("in_progress", None, "9.42")


async def test_annotations_are_appended_and_counted(place: Place, forge: GitHubForge) -> None:
    posted = await forge.create_check_run(place.target, RUN, place.head, URL)
    batch = tuple(an_annotation(line) for line in range(1, 51))
    await forge.update_check_run(place.target, posted.id, OUTPUT, batch, None)
    await forge.update_check_run(place.target, posted.id, OUTPUT, batch[:7], None)
    found = await forge.find_check_run(place.target, RUN, place.head)
    assert found is not None
    assert (found.status, found.annotations_count) == ("queued", 57)


async def test_a_conclusion_completes_it(place: Place, forge: GitHubForge) -> None:
    posted = await forge.create_check_run(place.target, RUN, place.head, URL)
    annotations = (an_annotation(), an_annotation(2, end=3))
    await forge.update_check_run(place.target, posted.id, OUTPUT, annotations, Conclusion.FAILURE)
    (run,) = the_runs(place)
    assert (run.status, run.conclusion, run.summary, run.text) == (
        "completed",
        "failure",
        "fine",
        "more",
    )
    assert [("start_column" in a, "end_column" in a) for a in run.annotations] == [
        (True, True),
        (False, False),
    ]


async def test_columns_that_are_not_known_are_not_sent(place: Place, forge: GitHubForge) -> None:
    posted = await forge.create_check_run(place.target, RUN, place.head, URL)
    start_only = replace(an_annotation(), end_column=None)
    neither = replace(start_only, start_column=None)
    await forge.update_check_run(place.target, posted.id, OUTPUT, (start_only, neither), None)
    (run,) = the_runs(place)
    columns = [{k for k in a if k.endswith("_column")} for a in run.annotations]
    assert columns == [{"start_column"}, set()]


async def test_the_51st_annotation_of_a_request_is_refused(
    place: Place, forge: GitHubForge
) -> None:
    posted = await forge.create_check_run(place.target, RUN, place.head, URL)
    batch = (an_annotation(),) * (MAX_ANNOTATIONS_PER_REQUEST + 1)
    with pytest.raises(PermanentError, match="No more than 50"):
        await forge.update_check_run(place.target, posted.id, OUTPUT, batch, None)
    assert the_runs(place)[0].annotations == []


@pytest.mark.parametrize("lost", [DROP_AFTER, SERVER_ERROR_AFTER], ids=["dropped", "500"])
async def test_a_lost_answer_does_not_make_two(
    place: Place, forge: GitHubForge, lost: Fault
) -> None:
    place.github.faults.add("POST", "/check-runs$", lost)
    posted = await forge.create_check_run(place.target, RUN, place.head, URL)
    assert [run.id for run in the_runs(place)] == [posted.id]
    assert not place.github.faults


@pytest.mark.parametrize(
    "fault", [DROP_BEFORE, SERVER_ERROR, BAD_GATEWAY, GARBLED], ids=["drop", "500", "502", "json"]
)
async def test_what_did_not_happen_is_to_be_tried_again(
    place: Place, forge: GitHubForge, fault: Fault
) -> None:
    place.github.faults.add("POST", "/check-runs$", fault)
    with pytest.raises(TransientError):
        await forge.create_check_run(place.target, RUN, place.head, URL)
    assert the_runs(place) == []


async def test_when_looking_fails_too_it_is_to_be_tried_again(
    place: Place, forge: GitHubForge
) -> None:
    place.github.faults.add("POST", "/check-runs$", DROP_AFTER)
    place.github.faults.add("GET", "/check-runs", SERVER_ERROR)
    with pytest.raises(TransientError):
        await forge.create_check_run(place.target, RUN, place.head, URL)
    assert await forge.find_check_run(place.target, RUN, place.head) is not None


async def test_a_refusal_is_not_looked_after(place: Place, forge: GitHubForge) -> None:
    place.github.faults.add("POST", "/check-runs$", secondary_limit(retry_after_seconds=9))
    with pytest.raises(TransientError) as raised:
        await forge.create_check_run(place.target, RUN, place.head, URL)
    assert raised.value.retry_after_seconds == 9


async def test_a_commit_that_github_does_not_know_yet_is_to_be_tried_again(
    place: Place, forge: GitHubForge
) -> None:
    place.github.world.lagging[place.head] = 1
    with pytest.raises(TransientError, match="No commit found for SHA") as raised:
        await forge.create_check_run(place.target, RUN, place.head, URL)
    assert raised.value.retry_after_seconds == 3
    await forge.create_check_run(place.target, RUN, place.head, URL)


async def test_another_apps_check_run_cannot_be_changed(place: Place, forge: GitHubForge) -> None:
    other = place.github.add_app({"name": "other"})
    suite = place.github.world.suite_for(other, place.repository, place.head)
    place.github.world.runs[1] = CheckRun(id=1, suite=suite, name="lintbot", external_id=RUN)
    with pytest.raises(PermanentError, match="Invalid app_id"):
        await forge.start_check_run(place.target, 1, OUTPUT)


async def test_a_repository_out_of_reach_is_gone(place: Place, forge: GitHubForge) -> None:
    hidden = await place.github.add_repository("you", "hidden", private=True)
    sha = commit(hidden, {"a.py": ""})
    with pytest.raises(GoneError):
        await forge.find_check_run(place.target_of(hidden), RUN, sha)


async def test_a_missing_permission_is_gone_after_some_patience(place: Place) -> None:
    await place.github.uninstall(place.installation)
    place.installation, _ = await place.github.install("me", permissions={"checks": "write"})
    async with place.forge() as forge:
        with pytest.raises(PermanentError, match="not granted"):
            await forge.find_open_pull(place.target, place.head)
        await forge.create_check_run(place.target, RUN, place.head, URL)
