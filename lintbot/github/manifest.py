"""Pure: what the App asks of GitHub, and why it needs no more. app.yml says the same (tested)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

PERMISSIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "checks": "write",
        "contents": "read",
        "merge_queues": "read",
        "metadata": "read",
        "pull_requests": "read",
    }
)
"""The least that works; docs/security.md says what each is for."""

EVENTS: Final = (
    "check_run",
    "check_suite",
    "installation_target",
    "merge_group",
    "public",
    "pull_request",
    "push",
    "repository",
)
"""``installation`` and ``installation_repositories`` are always sent."""

DESCRIPTION: Final = "The lint badge that cannot lie, hang or disappear."
MAX_NAME_CHARACTERS: Final = 34


def make_manifest(
    *, name: str, public_url: str, webhook_url: str, redirect_url: str
) -> dict[str, object]:
    """Return what GitHub's manifest flow registers an App from.

    https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest

    Args:
        name: unique on GitHub; it can still be changed there.
        public_url: where people reach lintbot.
        webhook_url: where GitHub sends deliveries.
        redirect_url: where the browser brings GitHub's code back to.
    """
    return {
        "name": name[:MAX_NAME_CHARACTERS],
        "url": public_url,
        "hook_attributes": {"url": webhook_url, "active": True},
        "redirect_url": redirect_url,
        "callback_urls": [f"{public_url}/auth/callback"],
        "setup_url": f"{public_url}/installed",
        "public": False,
        "description": DESCRIPTION,
        "request_oauth_on_install": False,
        "default_permissions": dict(PERMISSIONS),
        "default_events": list(EVENTS),
    }
