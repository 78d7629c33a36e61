"""app.yml against the code: subscribe to what is handled, ask for no permission beyond its use."""

from __future__ import annotations

from pathlib import Path

import yaml

from lintbot.github.typed import READERS

MANIFEST = yaml.safe_load(Path(__file__).parents[2].joinpath("app.yml").read_text(encoding="utf-8"))

# https://docs.github.com/en/webhooks/webhook-events-and-payloads: sent to every App, unasked
ALWAYS_SENT = {"github_app_authorization", "installation", "installation_repositories", "ping"}
# and what each of the others needs at least
NEEDED = {
    "check_run": "checks",
    "check_suite": "checks",
    "installation_target": "metadata",
    "merge_group": "merge_queues",
    "public": "metadata",
    "pull_request": "pull_requests",
    "push": "contents",
    "repository": "metadata",
}


def test_the_app_is_sent_exactly_what_the_code_handles():
    assert set(MANIFEST["default_events"]) == set(READERS) - ALWAYS_SENT


def test_every_permission_is_used_and_no_more():
    permissions = dict.fromkeys((NEEDED[event] for event in MANIFEST["default_events"]), "read")
    assert MANIFEST["default_permissions"] == permissions | {"checks": "write"}


def test_github_takes_the_manifest():
    # https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
    assert len(MANIFEST["name"]) <= 34
    assert MANIFEST["url"]
    assert MANIFEST["hook_attributes"]["url"].endswith("/webhooks/github")
    assert not {"installation", "marketplace_purchase"} & set(MANIFEST["default_events"])
