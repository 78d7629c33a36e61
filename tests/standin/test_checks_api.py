from __future__ import annotations

from typing import Any

import pytest

from lintbot.standin.state import CheckRun
from tests.support.github import Asker, Place, Receiver

RUNS = "/repos/me/code/check-runs"


def a_request(place: Place, **changed: Any) -> dict[str, Any]:
    return {"name": "lintbot", "head_sha": place.head, **changed}


def an_output(annotations: int) -> dict[str, Any]:
    annotation = {
        "path": "a.py",
        "start_line": 1,
        "end_line": 1,
        "annotation_level": "notice",
        "message": "x",
    }
    return {"title": "t", "summary": "s", "annotations": [annotation] * annotations}


async def create(place: Place, asker: Asker, **changed: Any) -> dict[str, Any]:
    status, content, _ = await asker.ask("POST", RUNS, a_request(place, **changed))
    assert status == 201, content
    return dict(content)


async def test_asked_twice_it_makes_two(place: Place, asker: Asker) -> None:
    first = await create(place, asker, external_id="1")
    second = await create(place, asker, external_id="1")
    assert first["id"] != second["id"]
    assert first["check_suite"] == second["check_suite"]


async def test_the_51st_annotation_is_refused_and_the_rest_appended(
    place: Place, asker: Asker
) -> None:
    run = await create(place, asker, output=an_output(50))
    path = f"{RUNS}/{run['id']}"
    assert (await asker.ask("PATCH", path, {"output": an_output(51)}))[0] == 422
    for _ in range(2):
        assert (await asker.ask("PATCH", path, {"output": an_output(50)}))[0] == 200
    _, content, _ = await asker.ask("GET", path)
    assert content["output"]["annotations_count"] == 150


async def test_annotations_are_listed_page_by_page(place: Place, asker: Asker) -> None:
    run = await create(place, asker, output=an_output(45))
    path = f"{RUNS}/{run['id']}/annotations"
    _, first, headers = await asker.ask("GET", path)
    next_url = headers["Link"].split(">")[0].lstrip("<")
    assert f"/repositories/{place.repository.id}/check-runs/" in next_url
    _, second, headers = await asker.ask("GET", next_url)
    assert (len(first), len(second)) == (30, 15)
    assert "Link" not in headers
    assert first[0]["blob_href"].endswith(f"/me/code/blob/{place.head}/a.py")


async def test_an_unknown_commit_is_refused(place: Place, asker: Asker) -> None:
    for sha in ("1" * 40, place.head[:7], "main"):
        status, content, _ = await asker.ask("POST", RUNS, a_request(place, head_sha=sha))
        assert (status, content["message"]) == (422, f"No commit found for SHA: {sha}")


async def test_a_commit_may_be_known_late(place: Place, asker: Asker) -> None:
    place.github.world.lagging[place.head] = 2
    assert [(await asker.ask("POST", RUNS, a_request(place)))[0] for _ in range(3)] == [
        422,
        422,
        201,
    ]


async def test_a_body_that_is_no_object_is_refused(place: Place, asker: Asker) -> None:
    assert (await asker.ask("POST", RUNS, [1]))[0] == 400
    headers = {"User-Agent": "x", "Authorization": f"token {asker.token}"}
    url = place.github.api_url + RUNS
    async with asker.session.post(url, data=b'{"name', headers=headers) as response:
        assert response.status == 400


async def test_what_is_completed_stays_completed(place: Place, asker: Asker) -> None:
    run = await create(place, asker, conclusion="success")
    assert run["status"] == "completed"
    path = f"{RUNS}/{run['id']}"
    _, content, _ = await asker.ask("PATCH", path, {"status": "in_progress"})
    assert (content["status"], content["conclusion"]) == ("completed", "success")


async def test_only_its_own_app_may_change_it(place: Place, asker: Asker) -> None:
    other = place.github.add_app({"name": "other"})
    suite = place.github.world.suite_for(other, place.repository, place.head)
    place.github.world.runs[1] = CheckRun(id=1, suite=suite, name="lintbot")
    status, content, _ = await asker.ask("PATCH", f"{RUNS}/1", {"status": "in_progress"})
    assert status == 403
    assert content["message"].startswith("Invalid app_id")


async def test_the_list_shows_the_latest_of_each_name_or_all(place: Place, asker: Asker) -> None:
    first = await create(place, asker)
    second = await create(place, asker)
    other = await create(place, asker, name="other", status="in_progress")
    path = f"/repos/me/code/commits/{place.head}/check-runs"

    async def ids(query: str) -> list[int]:
        _, content, _ = await asker.ask("GET", path + query)
        assert content["total_count"] == len(content["check_runs"])
        return [run["id"] for run in content["check_runs"]]

    assert await ids("") == [other["id"], second["id"]]
    assert await ids("?filter=all") == [other["id"], second["id"], first["id"]]
    assert await ids("?filter=all&check_name=lintbot") == [second["id"], first["id"]]
    assert await ids("?status=in_progress") == [other["id"]]
    assert await ids("?app_id=1") == []


async def test_a_suite_sums_its_runs_up(place: Place, asker: Asker) -> None:
    runs = [await create(place, asker, name=name) for name in ("a", "b")]
    path = f"/repos/me/code/check-suites/{runs[0]['check_suite']['id']}"

    async def state() -> tuple[str, str | None]:
        _, content, _ = await asker.ask("GET", path)
        return content["status"], content["conclusion"]

    assert await state() == ("queued", None)
    await asker.ask("PATCH", f"{RUNS}/{runs[0]['id']}", {"conclusion": "failure"})
    assert await state() == ("in_progress", None)
    await asker.ask("PATCH", f"{RUNS}/{runs[1]['id']}", {"conclusion": "success"})
    assert await state() == ("completed", "failure")
    _, listed, _ = await asker.ask("GET", f"{path}/check-runs")
    assert listed["total_count"] == 2
    _, suites, _ = await asker.ask("GET", "/repos/me/code/commits/main/check-suites")
    assert suites["total_count"] == 1


async def test_a_check_run_names_the_pull_requests_of_its_own_repository(
    place: Place, asker: Asker
) -> None:
    await place.github.push(place.repository, "topic", place.head)
    pull, _ = await place.github.open_pull(place.repository, "main", "topic")
    (named,) = (await create(place, asker))["pull_requests"]
    assert (named["number"], named["head"]["ref"]) == (pull.number, "topic")
    fork = await place.github.add_repository("you", "code", fork_of=place.repository)
    pull.head_repository = fork
    assert (await create(place, asker))["pull_requests"] == []


async def test_our_own_check_run_events_come_back(
    place: Place, asker: Asker, receiver: Receiver
) -> None:
    run = await create(place, asker)
    await asker.ask("PATCH", f"{RUNS}/{run['id']}", {"conclusion": "neutral"})
    await asker.ask("PATCH", f"{RUNS}/{run['id']}", {"conclusion": "neutral"})
    await asker.ask("POST", f"{RUNS}/{run['id']}/rerequest")
    await place.github.settle()
    told = sorted(payload["action"] for payload in receiver.payloads())
    assert told == ["completed", "created", "rerequested"]


async def test_an_unfinished_run_cannot_be_asked_for_again(place: Place, asker: Asker) -> None:
    run = await create(place, asker)
    assert (await asker.ask("POST", f"{RUNS}/{run['id']}/rerequest"))[0] == 422


@pytest.mark.parametrize("path", ["check-runs/1", "check-runs/x", "check-suites/1", "nonsense"])
async def test_what_is_not_there_is_404(asker: Asker, path: str) -> None:
    status, content, _ = await asker.ask("GET", f"/repos/me/code/{path}")
    assert (status, content["message"]) == (404, "Not Found")


async def test_the_runs_of_an_unknown_ref_are_422(asker: Asker) -> None:
    assert (await asker.ask("GET", "/repos/me/code/commits/nowhere/check-runs"))[0] == 422
