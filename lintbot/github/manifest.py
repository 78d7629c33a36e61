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
