from __future__ import annotations

import hmac
import json
from urllib.parse import parse_qs

from lintbot.standin import git
from tests.support.github import Asker, Place, Receiver, commit

DELIVERIES = "/app/hook/deliveries"


def sign(place: Place, body: bytes, name: str) -> str:
    secret = place.github.app.webhook_secret.encode()
    return f"{name}={hmac.new(secret, body, name).hexdigest()}"


async def test_a_delivery_is_signed_over_its_raw_bytes(place: Place, receiver: Receiver) -> None:
    (delivered,) = await place.github.ping()
    ((headers, body),) = receiver.got
    assert headers["X-Hub-Signature-256"] == sign(place, body, "sha256")
    assert headers["X-Hub-Signature"] == sign(place, body, "sha1")
    assert headers["X-GitHub-Event"] == "ping"
    assert headers["X-GitHub-Delivery"] == delivered.guid
    assert headers["User-Agent"].startswith("GitHub-Hookshot/")
    assert headers["Content-Type"] == "application/json"
    assert json.loads(body)["hook"]["config"]["secret"] == "********"


async def test_a_form_is_signed_as_a_form(place: Place, receiver: Receiver) -> None:
    place.github.app.hook_content_type = "form"
    await place.github.ping()
    ((headers, body),) = receiver.got
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert headers["X-Hub-Signature-256"] == sign(place, body, "sha256")
    assert json.loads(parse_qs(body.decode())["payload"][0])["hook_id"] == place.github.app.id


async def test_a_push_returns_when_it_was_answered(place: Place, receiver: Receiver) -> None:
    receiver.status = 503
    sent = await place.github.push(place.repository, "main", place.first)
    assert [(d.event, d.status_code, d.succeeded) for d in sent] == [
        ("push", 503, False),
        ("check_suite", 503, False),
    ]
    assert sent[0].response_body == "thank you"


async def test_the_order_can_be_chosen_and_an_event_lost(place: Place, receiver: Receiver) -> None:
    await place.github.push(place.repository, "a", place.head, order=("check_suite", "push"))
    await place.github.push(place.repository, "b", place.head, order=("check_suite",))
    assert receiver.names() == ["check_suite", "push", "check_suite"]


async def test_a_duplicate_has_the_same_guid(place: Place, receiver: Receiver) -> None:
    sent = await place.github.push(place.repository, "a", place.head, copies=3)
    assert receiver.names() == ["push", "check_suite"] * 3
    assert len({delivery.guid for delivery in sent}) == 2
    assert len({delivery.id for delivery in sent}) == 6
    assert receiver.got[0][1] == receiver.got[2][1]


async def test_only_subscribed_events_are_sent(place: Place, receiver: Receiver) -> None:
    place.github.app.events.remove("push")
    await place.github.push(place.repository, "a", place.head)
    await place.github.suspend(place.installation)
    assert receiver.names() == ["check_suite", "installation"]


async def test_the_suspended_hear_nothing(place: Place, receiver: Receiver) -> None:
    await place.github.suspend(place.installation)
    assert await place.github.push(place.repository, "a", place.head) == ()
    assert receiver.names() == ["installation"]


async def test_every_app_is_told_with_its_own_secret(place: Place, receiver: Receiver) -> None:
    other = place.github.add_app({"name": "other", "hook_attributes": {"url": receiver.url}})
    await place.github.install("me", app=other)
    receiver.got.clear()
    await place.github.push(place.repository, "a", place.head)
    assert receiver.names() == ["push", "push", "check_suite", "check_suite"]
    signatures = {headers["X-Hub-Signature-256"] for headers, _ in receiver.got}
    assert len(signatures) == 4


async def test_what_nobody_answers_is_in_the_log(place: Place) -> None:
    (silent,) = await place.github.ping()
    place.github.app.hook_url = "http://127.0.0.1:9/hook"
    (refused,) = await place.github.ping()
    assert [(d.status_code, d.succeeded) for d in (silent, refused)] == [(0, False)] * 2
    assert place.github.hooks.log[-2:] == [silent, refused]


async def test_a_lost_delivery_can_be_found_and_sent_again(
    place: Place, asker: Asker, receiver: Receiver
) -> None:
    place.github.hooks.lose()
    await place.github.ping()
    await place.github.ping()
    _, failed, _ = await asker.ask_as_app("GET", f"{DELIVERIES}?status=failure&per_page=1")
    assert [(d["event"], d["redelivery"]) for d in failed] == [("ping", False)]
    path = f"{DELIVERIES}/{failed[0]['id']}"
    assert (await asker.ask_as_app("POST", f"{path}/attempts"))[0] == 202
    await place.github.settle()
    _, listed, _ = await asker.ask_as_app("GET", DELIVERIES)
    assert (listed[0]["guid"], listed[0]["redelivery"]) == (failed[0]["guid"], True)
    assert [h["X-GitHub-Delivery"] for h, _ in receiver.got][1] == failed[0]["guid"]


async def test_the_log_leads_on_by_a_cursor(place: Place, asker: Asker, receiver: Receiver) -> None:
    for _ in range(5):
        await place.github.ping()
    seen: list[int] = []
    url = f"{DELIVERIES}?per_page=2&status=success"
    while url:
        _, listed, headers = await asker.ask_as_app("GET", url)
        seen += [delivery["id"] for delivery in listed]
        url = headers.get("Link", "").partition(">")[0].lstrip("<")
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == len(receiver.got) == 5


async def test_one_delivery_shows_request_and_answer(
    place: Place, asker: Asker, receiver: Receiver
) -> None:
    (delivered,) = await place.github.ping()
    _, shown, _ = await asker.ask_as_app("GET", f"{DELIVERIES}/{delivered.id}")
    assert shown["request"]["payload"]["hook_id"] == place.github.app.id
    assert shown["request"]["headers"]["X-GitHub-Event"] == "ping"
    assert (shown["status_code"], shown["response"]["payload"]) == (202, "thank you")
    assert receiver.names() == ["ping"]
    assert (await asker.ask_as_app("GET", f"{DELIVERIES}/0"))[0] == 404


async def test_the_hook_can_be_configured(place: Place, asker: Asker) -> None:
    change = {"url": "https://new.example/", "content_type": "form", "secret": "a new secret"}
    _, shown, _ = await asker.ask_as_app("PATCH", "/app/hook/config", change)
    assert (shown["url"], shown["secret"]) == ("https://new.example/", "********")
    assert place.github.app.webhook_secret == "a new secret"
    assert (await asker.ask_as_app("GET", "/app/hook/config"))[1] == shown


async def test_a_push_tells_which_files_changed(place: Place, receiver: Receiver) -> None:
    newer = commit(place.repository, {"b.py": "y = 2\n", "ü c.py": ""}, place.head)
    await place.github.push(place.repository, "main", newer, order=("push",))
    (push,) = receiver.payloads()
    assert (push["before"], push["after"]) == (place.head, newer)
    assert (push["created"], push["forced"], push["deleted"]) == (False, False, False)
    (change,) = push["commits"]
    assert (change["added"], change["removed"], change["modified"]) == (
        ["ü c.py"],
        ["a.py"],
        ["b.py"],
    )
    assert push["head_commit"]["id"] == newer


async def test_a_new_branch_at_an_old_commit_has_no_commits(
    place: Place, receiver: Receiver
) -> None:
    await place.github.push(place.repository, "b", place.head, order=("push",))
    (push,) = receiver.payloads()
    assert (push["before"], push["created"], push["commits"]) == (git.ZERO, True, [])


async def test_a_force_push_says_so(place: Place, receiver: Receiver) -> None:
    other = commit(place.repository, {"z.py": ""}, place.first)
    await place.github.push(place.repository, "main", other, order=("push",))
    await place.github.push(place.repository, "main", place.first, order=("push",))
    forward, back = receiver.payloads()
    assert forward["forced"]
    assert (back["forced"], back["commits"]) == (True, [])


async def test_the_requested_suite_names_branch_and_before(
    place: Place, receiver: Receiver
) -> None:
    newer = commit(place.repository, {"b.py": ""}, place.head)
    await place.github.push(place.repository, "main", newer, order=("check_suite",))
    (payload,) = receiver.payloads()
    suite = payload["check_suite"]
    assert (suite["head_branch"], suite["before"], suite["head_sha"]) == (
        "main",
        place.head,
        newer,
    )
    assert suite["app"]["id"] == place.github.app.id


async def test_nothing_is_sent_to_an_app_that_is_gone(place: Place, receiver: Receiver) -> None:
    await place.github.uninstall(place.installation)
    assert await place.github.push(place.repository, "a", place.head) == ()
    assert receiver.names() == ["installation"]
