"""Webhook payloads in GitHub's shape, as far as an App can tell, and their signatures."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

Json = dict[str, Any]

SECRET = "It's a Secret to Everybody"
APP_ID = 4242
INSTALLATION_ID = 7001
ZERO = "0" * 40
HEAD = "b" * 40
BEFORE = "a" * 40


def a_repository(**changes: Any) -> Json:
    owner = {"login": "octo-org", "id": 501, "type": "Organization", "site_admin": False}
    return {
        "id": 9001,
        "node_id": "R_kgDO",
        "name": "hello",
        "full_name": "octo-org/hello",
        "private": False,
        "owner": owner,
        "html_url": "https://github.com/octo-org/hello",
        "description": None,
        "fork": False,
        "size": 120,
        "default_branch": "main",
        "visibility": "public",
        **changes,
    }


def a_push(
    after: str = HEAD, before: str = BEFORE, ref: str = "refs/heads/main", **changes: Any
) -> Json:
    commit = {
        "id": after,
        "message": "Say hello",
        "added": ["hello.py"],
        "modified": ["README.md"],
        "removed": [],
    }
    gone = after == ZERO
    facts = {
        "ref": ref,
        "before": before,
        "after": after,
        "created": before == ZERO,
        "deleted": gone,
        "forced": False,
        "base_ref": None,
        "head_commit": None if gone else commit,
        "commits": [] if gone else [commit],
        "pusher": {"name": "octocat", "email": None},
    }
    return _sent(**facts | changes)


def a_pull_request(
    action: str = "opened",
    head: str = HEAD,
    number: int = 12,
    head_repository: Json | None = None,
    head_branch: str = "topic",
    **changes: Any,
) -> Json:
    base = a_repository()
    pull = {
        "id": 1,
        "number": number,
        "state": "open",
        "title": "Greet",
        "draft": False,
        "changed_files": 3,
        "head": {"ref": head_branch, "sha": head, "repo": head_repository or base, "user": None},
        "base": {"ref": "main", "sha": BEFORE, "repo": base, "user": None},
    }
    moved = {"before": BEFORE, "after": head} if action == "synchronize" else {}
    return _sent(action=action, number=number, pull_request=pull, **moved, **changes)


def a_fork() -> Json:
    return a_repository(id=9002, full_name="stranger/hello", fork=True)


def a_check_suite(action: str = "requested", head: str = HEAD, **changes: Any) -> Json:
    suite = {
        "id": 31,
        "head_branch": "main",
        "head_sha": head,
        "before": BEFORE,
        "after": head,
        "status": "queued",
        "conclusion": None,
        "pull_requests": [],
        "app": {"id": APP_ID, "slug": "lintbot"},
        **changes,
    }
    return _sent(action=action, check_suite=suite)


def a_check_run(action: str = "rerequested", head: str = HEAD, **changes: Any) -> Json:
    run = {
        "id": 32,
        "name": "lintbot",
        "head_sha": head,
        "external_id": f"lint:9001:{head}:1",
        "status": "completed",
        "conclusion": "failure",
        "app": {"id": APP_ID, "slug": "lintbot"},
        "check_suite": {"id": 31, "head_branch": "main", "head_sha": head, "before": BEFORE},
        **changes,
    }
    return _sent(action=action, check_run=run)


def a_pressed_button(identifier: str = "relint", **changes: Any) -> Json:
    sender = {"login": "ann", "id": 77, "type": "User"}
    pressed = {"requested_action": {"identifier": identifier}, "sender": sender}
    return a_check_run("requested_action", **changes) | pressed


def a_merge_group(action: str = "checks_requested", head: str = HEAD) -> Json:
    group = {
        "head_sha": head,
        "head_ref": f"refs/heads/gh-readonly-queue/main/pr-12-{BEFORE}",
        "base_sha": BEFORE,
        "base_ref": "refs/heads/main",
        "head_commit": {"id": head},
    }
    return _sent(action=action, merge_group=group)


def a_repository_event(action: str | None, **facts: Any) -> Json:
    """``repository``, or ``public``, which has no action."""
    told = {} if action is None else {"action": action, "changes": {}}
    return _sent(**told, repository=a_repository(**facts))


def an_installation(action: str = "created", **changes: Any) -> Json:
    return {
        "action": action,
        "installation": _installation(**changes),
        "repositories": [{"id": 9001, "name": "hello", "private": False}],
        "requester": None,
        "sender": {"id": 1, "login": "octocat"},
    }


def an_installation_repositories(added: list[int], removed: list[int]) -> Json:
    return {
        "action": "added" if added else "removed",
        "installation": _installation(),
        "repository_selection": "selected",
        "repositories_added": [{"id": number, "private": False} for number in added],
        "repositories_removed": [{"id": number, "private": False} for number in removed],
        "requester": None,
    }


def an_account_renamed(login: str) -> Json:
    return {
        "action": "renamed",
        "account": {"id": 501, "login": login, "type": "Organization"},
        "changes": {"login": {"from": "octo-org"}},
        "installation": {"id": INSTALLATION_ID},
        "target_type": "Organization",
    }


def a_ping() -> Json:
    return {"zen": "Design for failure.", "hook_id": 99, "hook": {"type": "App", "id": 99}}


def _installation(**changes: Any) -> Json:
    return {
        "id": INSTALLATION_ID,
        "account": {"id": 501, "login": "octo-org", "type": "Organization"},
        "repository_selection": "all",
        "app_id": APP_ID,
        "target_id": 501,
        "target_type": "Organization",
        "permissions": {"checks": "write", "contents": "read", "metadata": "read"},
        "events": ["push"],
        "suspended_at": None,
        **changes,
    }


def _sent(**payload: Any) -> Json:
    """Return a payload as GitHub sends it to an installation of the App."""
    return {
        "repository": a_repository(),
        "installation": {"id": INSTALLATION_ID, "node_id": "MDIz"},
        "organization": {"login": "octo-org", "id": 501},
        "sender": {"login": "octocat", "id": 1},
        **payload,
    }


def signature(body: bytes, secret: str = SECRET, algorithm: str = "sha256") -> str:
    digest = hmac.new(secret.encode(), body, getattr(hashlib, algorithm)).hexdigest()
    return f"{algorithm}={digest}"


def encoded(payload: object) -> bytes:
    return json.dumps(payload, separators=(",", ":")).encode()


def as_form(payload: object) -> bytes:
    return urlencode({"payload": json.dumps(payload)}).encode()


def headers_for(
    body: bytes, event: str, *, delivery: str = "72d3162e-cc78-11e3-81ab-4c9367dc0958"
) -> dict[str, str]:
    return {
        "Accept": "*/*",
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/044aadd",
        "X-GitHub-Delivery": delivery,
        "X-GitHub-Event": event,
        "X-GitHub-Hook-Installation-Target-Type": "integration",
        "X-Hub-Signature": signature(body, algorithm="sha1"),
        "X-Hub-Signature-256": signature(body),
    }
