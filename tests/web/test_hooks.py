from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import AsyncIterator

import pytest

from lintbot.errors import TransientError
from lintbot.web import hooks
from tests.support import payloads
from tests.support.hook_site import Client, FakeInbox, a_hook_site
from tests.support.payloads import SECRET, headers_for, signature

PUSH = payloads.encoded(payloads.a_push())
PATH = "/webhooks/github"


@pytest.fixture
def inbox() -> FakeInbox:
    return FakeInbox()


@pytest.fixture
async def client(inbox: FakeInbox) -> AsyncIterator[Client]:
    async with a_hook_site(inbox) as client:
        yield client


async def post(
    client: Client, body: object, headers: dict[str, str], status: int
) -> dict[str, str]:
    async with client.post(PATH, data=body, headers=headers) as response:
        assert response.status == status, await response.text()
        assert response.content_type == "application/json"
        answer: dict[str, str] = await response.json()
        assert answer["message"]
        return answer | {"retry": response.headers.get("Retry-After", "")}


async def test_a_push_is_queued(client: Client, inbox: FakeInbox):
    await post(client, PUSH, headers_for(PUSH, "push", delivery="d-1"), 202)
    (plan,) = inbox.plans.values()
    assert plan.job is not None
    assert plan.job.head_sha == payloads.HEAD


async def test_a_form_is_queued(client: Client, inbox: FakeInbox):
    body = payloads.as_form(payloads.a_push())
    headers = headers_for(body, "push") | {"Content-Type": "application/x-www-form-urlencoded"}
    await post(client, body, headers, 202)
    assert len(inbox.plans) == 1


async def test_a_replayed_delivery_changes_nothing(client: Client, inbox: FakeInbox):
    headers = headers_for(PUSH, "push", delivery="d-1")
    await post(client, PUSH, headers, 202)
    answer = await post(client, PUSH, headers, 200)
    assert "before" in answer["message"]
    assert len(inbox.plans) == 1


NOTHING = {
    "ping": payloads.a_ping(),
    "push": payloads.a_push(ref="refs/tags/v1"),
    "star": {"action": "created"},
    "check_run": payloads.a_check_run("completed"),
    "installation": payloads.an_installation("suspend"),
}


@pytest.mark.parametrize("event", NOTHING)
async def test_an_event_that_needs_nothing_is_200(client: Client, event: str):
    body = payloads.encoded(NOTHING[event])
    await post(client, body, headers_for(body, event), 200)


async def test_a_deleted_branch_is_200(client: Client):
    body = payloads.encoded(payloads.a_push(after=payloads.ZERO))
    await post(client, body, headers_for(body, "push"), 200)


FORGED = {
    "unsigned": {"X-Hub-Signature-256": None, "X-Hub-Signature": None},
    "SHA-1 only": {"X-Hub-Signature-256": None},
    "another secret": {"X-Hub-Signature-256": signature(PUSH, "not ours")},
    "an empty secret": {"X-Hub-Signature-256": signature(PUSH, "")},
    "another body's": {"X-Hub-Signature-256": signature(PUSH + b" ")},
    "no hex": {"X-Hub-Signature-256": "sha256=" + "z" * 64},
}


@pytest.mark.parametrize("forgery", FORGED)
async def test_a_forged_delivery_is_401(
    client: Client, inbox: FakeInbox, caplog: pytest.LogCaptureFixture, forgery: str
):
    headers = headers_for(PUSH, "push") | FORGED[forgery]
    await post(client, PUSH, {k: v for k, v in headers.items() if v is not None}, 401)
    assert not inbox.plans
    assert SECRET not in caplog.text
    assert signature(PUSH) not in caplog.text


async def test_a_truncated_body_is_401(client: Client, inbox: FakeInbox):
    await post(client, PUSH[:-10], headers_for(PUSH, "push"), 401)
    assert not inbox.plans


@pytest.mark.parametrize(
    "body",
    [b"", b"{", PUSH[:-10], b"null", b"[]", payloads.encoded(payloads.a_push(repository=None))],
)
async def test_a_signed_body_that_is_not_githubs_is_400(
    client: Client, inbox: FakeInbox, body: bytes
):
    await post(client, body, headers_for(body, "push"), 400)
    assert not inbox.plans


@pytest.mark.parametrize("name", ["X-GitHub-Event", "X-GitHub-Delivery"])
async def test_a_missing_header_is_400(client: Client, inbox: FakeInbox, name: str):
    headers = headers_for(PUSH, "push")
    del headers[name]
    answer = await post(client, PUSH, headers, 400)
    assert name in answer["message"]
    assert not inbox.plans


@pytest.mark.parametrize(
    "change",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/jsonp"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Encoding": "gzip"},
    ],
)
async def test_another_content_type_is_415(
    client: Client, inbox: FakeInbox, change: dict[str, str]
):
    await post(client, PUSH, headers_for(PUSH, "push") | change, 415)
    assert not inbox.plans


async def test_a_body_of_26_mb_is_413(client: Client, inbox: FakeInbox):
    body = b" " * 26_000_000
    await post(client, io.BytesIO(body), headers_for(body, "push"), 413)
    assert not inbox.plans


async def test_a_large_body_that_hides_its_size_is_413(client: Client, inbox: FakeInbox):
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(27):
            yield b" " * 1_000_000

    await post(client, chunks(), headers_for(b"", "push"), 413)
    assert not inbox.plans


async def test_the_largest_body_that_github_sends_is_read(client: Client, inbox: FakeInbox):
    body = PUSH + b" " * (hooks.MAX_BODY_BYTES - len(PUSH))
    await post(client, io.BytesIO(body), headers_for(body, "push"), 202)
    assert len(inbox.plans) == 1


async def test_strangers_cannot_fill_our_memory(client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hooks, "MAX_BYTES_IN_FLIGHT", len(PUSH) - 1)
    answer = await post(client, PUSH, headers_for(PUSH, "push"), 503)
    assert answer["retry"]
    monkeypatch.undo()  # and what was refused counts no longer
    await post(client, PUSH, headers_for(PUSH, "push"), 202)


async def test_a_body_that_does_not_come_is_408(client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hooks, "READ_TIMEOUT_SECONDS", 0.05)
    stalled = asyncio.Event()

    async def chunks() -> AsyncIterator[bytes]:
        yield b"{"
        await stalled.wait()

    try:
        await post(client, chunks(), headers_for(b"", "push"), 408)
    finally:
        stalled.set()


async def test_a_connection_that_ends_in_the_body_does_no_harm(
    client: Client, inbox: FakeInbox, caplog: pytest.LogCaptureFixture
):
    assert client.port is not None
    _, writer = await asyncio.open_connection("127.0.0.1", client.port)
    head = "\r\n".join(f"{k}: {v}" for k, v in headers_for(PUSH, "push").items())
    writer.write(f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(PUSH)}\r\n".encode())
    writer.write(f"{head}\r\n\r\n".encode() + PUSH[:-1])
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    await post(client, PUSH, headers_for(PUSH, "push"), 202)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
    assert len(inbox.plans) == 1


async def test_a_database_that_is_away_is_503(client: Client, inbox: FakeInbox):
    inbox.failure = TransientError("db.internal is away", retry_after_seconds=7)
    answer = await post(client, PUSH, headers_for(PUSH, "push"), 503)
    assert answer["retry"] == "7"
    assert "db.internal" not in answer["message"]
    inbox.failure = None
    await post(client, PUSH, headers_for(PUSH, "push"), 202)


async def test_a_database_that_hangs_is_503():
    inbox = FakeInbox(gate=threading.Event())
    async with a_hook_site(inbox, timeout_seconds=0.05) as client:
        answer = await post(client, PUSH, headers_for(PUSH, "push"), 503)
        assert answer["retry"]
        assert inbox.gate is not None
        inbox.gate.set()


async def test_a_bug_is_500_with_a_number_that_the_log_explains(
    client: Client, inbox: FakeInbox, caplog: pytest.LogCaptureFixture
):
    inbox.failure = ZeroDivisionError("a bug")
    async with client.post(PATH, data=PUSH, headers=headers_for(PUSH, "push")) as response:
        text = await response.text()
        assert response.status == 500
    (record,) = [r for r in caplog.records if r.exc_info]
    assert record.__dict__["reference"] in text
    assert "a bug" not in text


async def test_both_secrets_are_good_while_one_is_rotated():
    async with a_hook_site(FakeInbox(), secrets=("the new one", SECRET)) as client:
        await post(client, PUSH, headers_for(PUSH, "push", delivery="old"), 202)
        headers = headers_for(PUSH, "push", delivery="new")
        headers["X-Hub-Signature-256"] = signature(PUSH, "the new one")
        await post(client, PUSH, headers, 202)


async def test_only_post_is_answered(client: Client):
    async with client.get(PATH) as response:
        assert response.status == 405
