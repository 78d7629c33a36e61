from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintbot.errors import DeliveryError
from lintbot.github.typed import READERS
from lintbot.github.webhook import Webhook, parse_delivery
from lintbot.model.actions import Action
from lintbot.model.events import (
    ActionRequested,
    BranchDeleted,
    CheckRequested,
    Delivery,
    Event,
    Ignored,
    InstallationChanged,
    Ping,
    PullRequestChanged,
    Push,
    RepositoriesChanged,
    RepositoryChanged,
)
from lintbot.model.repository import Account, Installation, InstallationState, Repository
from tests.support import payloads
from tests.support.payloads import APP_ID, BEFORE, HEAD, INSTALLATION_ID, SECRET, ZERO, Json

REPOSITORY = Repository(
    id=9001,
    account=Account(id=501, login="octo-org"),
    name="hello",
    private=False,
    default_branch="main",
    size_kib=120,
)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HERE = {"installation_id": INSTALLATION_ID, "repository": REPOSITORY}


def parse(name: str, payload: object) -> Event:
    body = payloads.encoded(payload)
    return parse_delivery(payloads.headers_for(body, name), body, app_id=APP_ID).event


def a_push_event(**changes: Any) -> Push:
    facts = {"branch": "main", "before": BEFORE, "after": HEAD, "forced": False}
    return Push(**HERE, **{**facts, "changed_files": 2, **changes})


def a_pull_event(**changes: Any) -> PullRequestChanged:
    facts = {
        "number": 12,
        "head_sha": HEAD,
        "head_branch": "topic",
        "from_fork": False,
        "base_sha": BEFORE,
        "base_branch": "main",
        "changed_files": 3,
        "before": None,
    }
    return PullRequestChanged(**HERE, **{**facts, **changes})


def a_check_event(**changes: Any) -> CheckRequested:
    facts = {"head_sha": HEAD, "branch": "main", "before": BEFORE, "again": False}
    return CheckRequested(**HERE, **{**facts, "app_id": APP_ID, **changes})


def an_installation(state: str = "active", login: str = "octo-org") -> Installation:
    account = Account(id=501, login=login)
    return Installation(id=INSTALLATION_ID, account=account, state=InstallationState(state))


def an_installation_event(action: str, state: str) -> InstallationChanged:
    return InstallationChanged(action=action, installation=an_installation(state))


QUEUE = f"gh-readonly-queue/main/pr-12-{BEFORE}"

TYPED: list[tuple[str, Json, Event]] = [
    ("push", payloads.a_push(), a_push_event()),
    ("push", payloads.a_push(before=ZERO), a_push_event(before=None)),
    ("push", payloads.a_push(commits=[]), a_push_event(changed_files=0)),
    ("push", payloads.a_push(ref="refs/heads/a/b"), a_push_event(branch="a/b")),
    ("push", payloads.a_push(ref="refs/heads/refs/tags/v1"), a_push_event(branch="refs/tags/v1")),
    ("push", payloads.a_push(after="c" * 64), a_push_event(after="c" * 64)),
    ("push", payloads.a_push(after=ZERO), BranchDeleted(**HERE, branch="main")),
    (
        "push",
        payloads.a_push(after=ZERO, ref=f"refs/heads/{QUEUE}"),
        BranchDeleted(**HERE, branch=QUEUE),
    ),
    ("pull_request", payloads.a_pull_request("opened"), a_pull_event()),
    ("pull_request", payloads.a_pull_request("reopened"), a_pull_event()),
    ("pull_request", payloads.a_pull_request("ready_for_review"), a_pull_event()),
    ("pull_request", payloads.a_pull_request("synchronize"), a_pull_event(before=BEFORE)),
    (
        "pull_request",
        payloads.a_pull_request(head_repository=payloads.a_fork()),
        a_pull_event(from_fork=True),
    ),
    ("check_suite", payloads.a_check_suite(), a_check_event()),
    ("check_suite", payloads.a_check_suite(before=ZERO), a_check_event(before=None)),
    ("check_suite", payloads.a_check_suite(before=None), a_check_event(before=None)),
    ("check_suite", payloads.a_check_suite(head_branch=None), a_check_event(branch=None)),
    ("check_suite", payloads.a_check_suite("rerequested"), a_check_event(again=True)),
    ("check_run", payloads.a_check_run(), a_check_event(again=True)),
    (
        "check_run",
        payloads.a_pressed_button("accept_baseline"),
        ActionRequested(
            **HERE,
            action=Action.ACCEPT_BASELINE,
            run_id=f"lint:9001:{HEAD}:1",
            sender=Account(id=77, login="ann"),
        ),
    ),
    ("merge_group", payloads.a_merge_group(), a_check_event(branch=QUEUE)),
    (
        "installation",
        payloads.an_installation("created"),
        an_installation_event("created", "active"),
    ),
    (
        "installation",
        payloads.an_installation("deleted"),
        an_installation_event("deleted", "deleted"),
    ),
    (
        "installation",
        payloads.an_installation("suspend"),
        an_installation_event("suspend", "suspended"),
    ),
    (
        "installation",
        payloads.an_installation("unsuspend"),
        an_installation_event("unsuspend", "active"),
    ),
    (
        "installation",
        payloads.an_installation("new_permissions_accepted"),
        an_installation_event("new_permissions_accepted", "active"),
    ),
    (
        "installation",
        payloads.an_installation(account={"id": 501, "slug": "octo-org", "name": "Octo"}),
        an_installation_event("created", "active"),
    ),
    (
        "installation_repositories",
        payloads.an_installation_repositories([9001, 9002], []),
        RepositoriesChanged(installation=an_installation(), added=(9001, 9002), removed=()),
    ),
    (
        "installation_repositories",
        payloads.an_installation_repositories([], [9001]),
        RepositoriesChanged(installation=an_installation(), added=(), removed=(9001,)),
    ),
    (
        "installation_target",
        payloads.an_account_renamed("new-name"),
        InstallationChanged(installation=an_installation(login="new-name"), action="renamed"),
    ),
    ("ping", payloads.a_ping(), Ping(hook_id=99)),
    ("ping", {"zen": "Keep it logically awesome."}, Ping(hook_id=0)),
    (
        "public",
        payloads.a_repository_event(None),
        RepositoryChanged(**HERE, action="publicized"),
    ),
    *[
        (
            "repository",
            payloads.a_repository_event(action),
            RepositoryChanged(**HERE, action=action),
        )
        for action in sorted(READERS["repository"].actions)
    ],
]


@pytest.mark.parametrize(("name", "payload", "event"), TYPED)
def test_every_kind_of_delivery_is_typed(name: str, payload: Json, event: Event):
    assert parse(name, payload) == event


def test_a_pull_request_of_a_deleted_fork_is_from_a_fork():
    payload = payloads.a_pull_request()
    payload["pull_request"]["head"]["repo"] = None
    assert parse("pull_request", payload) == a_pull_event(from_fork=True)


NOT_OURS = {"id": 1, "slug": "other"}
IGNORED: list[tuple[str, Json, str]] = [
    ("push", payloads.a_push(ref="refs/tags/v1.0"), "tag"),
    ("push", payloads.a_push(after=ZERO, ref="refs/tags/v1.0"), "tag"),
    ("push", payloads.a_push(ref="refs/heads/"), "tag"),
    ("push", payloads.a_push(ref=f"refs/heads/{QUEUE}"), "merge_group"),
    ("push", payloads.a_push(repository=payloads.a_repository(owner=None)), "owner"),
    ("push", payloads.a_push(installation=None), "installation"),
    ("pull_request", payloads.a_pull_request("closed"), "action"),
    ("pull_request", payloads.a_pull_request("edited"), "action"),
    (
        "pull_request",
        payloads.a_pull_request(repository=payloads.a_repository(owner=None)),
        "owner",
    ),
    ("check_suite", payloads.a_check_suite("completed"), "action"),
    ("check_suite", payloads.a_check_suite(app=NOT_OURS), "another App"),
    ("check_suite", payloads.a_check_suite(app=None), "another App"),
    ("check_suite", payloads.a_check_suite(after=ZERO), "gone"),
    ("check_suite", payloads.a_check_suite(head_branch=QUEUE), "merge_group"),
    ("check_run", payloads.a_check_run("created"), "action"),
    ("check_run", payloads.a_check_run("completed"), "action"),
    ("check_run", payloads.a_check_run("requested_action"), "no such button"),
    ("check_run", payloads.a_pressed_button("erase"), "no such button"),
    ("check_run", payloads.a_pressed_button(external_id=None), "no such button"),
    ("check_run", payloads.a_pressed_button(app=NOT_OURS), "another App"),
    (
        "check_run",
        payloads.a_pressed_button() | {"repository": payloads.a_repository(owner=None)},
        "owner",
    ),
    ("check_run", payloads.a_check_run(app=NOT_OURS), "another App"),
    ("merge_group", payloads.a_merge_group("destroyed"), "action"),
    ("installation", payloads.an_installation("created", account=None), "account"),
    (
        "installation_repositories",
        {
            **payloads.an_installation_repositories([1], []),
            "installation": {"id": 1, "account": None},
        },
        "account",
    ),
    ("repository", payloads.a_repository_event("renamed", owner=None), "owner"),
    ("member", {"action": "added"}, "event member"),
    ("an_event_of_the_future", {}, "an_event_of_the_future"),
]


@pytest.mark.parametrize(("name", "payload", "reason"), IGNORED)
def test_what_needs_nothing_is_ignored_with_a_reason(name: str, payload: Json, reason: str):
    event = parse(name, payload)
    assert isinstance(event, Ignored)
    assert reason in event.reason


@pytest.mark.parametrize(
    ("told", "moment"),
    [
        ("2026-11-20T12:00:00Z", NOON),
        ("2026-11-20T13:00:00+01:00", NOON),
        (int(NOON.timestamp()), NOON),
        (10**18, None),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_when_github_described_a_repository(told: object, moment: datetime | None):
    event = parse(
        "push", {**payloads.a_push(), "repository": payloads.a_repository(updated_at=told)}
    )
    assert isinstance(event, Push)
    assert event.repository.described_at == moment


@pytest.mark.parametrize(
    ("owner_of", "payload"),
    [
        ("check_suite", payloads.a_check_suite()),
        ("check_run", payloads.a_check_run()),
        ("merge_group", payloads.a_merge_group()),
    ],
)
def test_a_repository_without_an_owner_needs_nothing(owner_of: str, payload: Json):
    payload = {**payload, "repository": payloads.a_repository(owner=None)}
    assert parse(owner_of, payload) == Ignored(reason="the repository has no owner any more")


MALFORMED: list[tuple[str, object]] = [
    ("push", None),
    ("push", []),
    ("push", "text"),
    ("push", {"installation": {"id": 1}}),
    ("push", payloads.a_push(repository=None)),
    ("push", payloads.a_push(commits=None)),
    ("push", payloads.a_push(installation=[])),
    ("push", payloads.a_push(installation={"id": "7"})),
    ("push", payloads.a_push(ref=None)),
    ("push", payloads.a_push(ref="refs/heads/a\x00b")),
    ("push", payloads.a_push(after="HEAD")),
    ("push", payloads.a_push(after="")),
    ("push", payloads.a_push(before="")),
    ("push", payloads.a_push(after="B" * 40)),
    ("push", payloads.a_push(repository=payloads.a_repository(id=2**63))),
    ("push", payloads.a_push(repository=payloads.a_repository(id=0))),
    ("push", payloads.a_push(repository=payloads.a_repository(size=-1))),
    ("push", payloads.a_push(repository=payloads.a_repository(private="no"))),
    ("push", payloads.a_push(repository=payloads.a_repository(name="x" * 2000))),
    ("pull_request", {**payloads.a_pull_request(), "pull_request": None}),
    ("pull_request", {**payloads.a_pull_request(), "number": 1.5}),
    ("pull_request", payloads.a_pull_request(head=ZERO)),
    ("check_suite", payloads.a_check_suite(head=ZERO, after=None)),
    ("check_suite", {**payloads.a_check_suite(), "check_suite": None}),
    ("check_run", payloads.a_check_run(check_suite=None)),
    ("merge_group", {**payloads.a_merge_group(), "merge_group": None}),
    ("installation", {"action": "created"}),
    ("installation", {"action": "created", "installation": None}),
    ("installation", {"action": 5, "installation": {"id": 1, "account": None}}),
    ("ping", {"hook_id": "x"}),
    ("an_event_of_the_future", None),
]


@pytest.mark.parametrize(("name", "payload"), MALFORMED)
def test_what_github_never_sends_is_refused(name: str, payload: object):
    with pytest.raises(DeliveryError, match="not what GitHub sends"):
        parse(name, payload)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        payloads.encoded(payloads.a_push())[:-20],
        b'{"a": NaN}',
        b"\xff\xfe",
        payloads.encoded(payloads.a_push()).replace(b"refs/heads/", b"refs/heads/\xff"),
        payloads.encoded(payloads.a_push()).replace(b"refs/heads/", b"refs/heads/\\ud800"),
        b"[" * 200_000,
        b'{"x":' * 200_000,
    ],
)
def test_what_is_not_json_is_refused(body: bytes):
    with pytest.raises(DeliveryError):
        parse_delivery(payloads.headers_for(body, "push"), body, app_id=APP_ID)


@pytest.mark.parametrize(
    "content_type",
    ["application/x-www-form-urlencoded", "Application/X-WWW-Form-URLencoded; charset=utf-8"],
)
def test_a_form_is_read_and_the_signature_is_over_the_form(content_type: str):
    body = payloads.as_form(payloads.a_push(ref="refs/heads/müsli & co"))
    headers = payloads.headers_for(body, "push") | {"Content-Type": content_type}
    delivery = Webhook(secrets=(SECRET,), app_id=APP_ID).open(headers, body)
    assert delivery.event == a_push_event(branch="müsli & co")


@pytest.mark.parametrize(
    "body",
    [b"", b"payload=", b"other=1", b"payload=%ff", b"payload=\xff", b"a=1&" * 20, b"payload={"],
)
def test_a_bad_form_is_refused(body: bytes):
    headers = payloads.headers_for(body, "push")
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    with pytest.raises(DeliveryError):
        parse_delivery(headers, body, app_id=APP_ID)


@pytest.mark.parametrize("name", ["X-GitHub-Event", "X-GitHub-Delivery"])
@pytest.mark.parametrize("value", [None, "", "a b", "a\nb", "é", "x" * 101])
def test_a_missing_or_malformed_header_is_refused(name: str, value: str | None):
    body = payloads.encoded(payloads.a_push())
    headers = payloads.headers_for(body, "push")
    if value is None:
        del headers[name]
    else:
        headers[name] = value
    with pytest.raises(DeliveryError, match=name):
        parse_delivery(headers, body, app_id=APP_ID)


def test_the_name_of_a_header_is_blind_to_case():
    body = payloads.encoded(payloads.a_ping())
    headers = {k.lower(): v for k, v in payloads.headers_for(body, "ping", delivery="d-1").items()}
    opened = Webhook(secrets=(SECRET,), app_id=APP_ID).open(headers, body)
    assert opened == Delivery(id="d-1", name="ping", event=Ping(hook_id=99))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(name=st.sampled_from([*READERS, "unknown"]), payload=anything)
def test_any_json_gives_an_event_or_our_error(name: str, payload: object):
    with contextlib.suppress(DeliveryError):
        parse(name, payload)


@given(data=st.data())
def test_any_damage_to_a_real_payload_gives_an_event_or_our_error(data: st.DataObject):
    name, payload, _ = data.draw(st.sampled_from(TYPED))
    damaged = _damage(payload, data)
    with contextlib.suppress(DeliveryError):
        parse(name, damaged)


def _damage(value: object, data: st.DataObject) -> object:
    """Return the value with something else at one place deep inside."""
    if isinstance(value, dict) and value and data.draw(st.booleans()):
        key = data.draw(st.sampled_from(sorted(value)))
        return {**value, key: _damage(value[key], data)}
    return data.draw(anything)
