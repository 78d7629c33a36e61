"""Pure: how GitHub says no."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Problem(Exception):  # noqa: N818  GitHub's answer, not a fault of ours
    """A refusal with its status and GitHub's JSON."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        errors: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors
        self.headers = dict(headers or {})

    def content(self) -> dict[str, Any]:
        """Return the body of the answer."""
        content: dict[str, Any] = {
            "message": self.message,
            "documentation_url": "https://docs.github.com/rest",
            "status": str(self.status),
        }
        if self.errors is not None:
            content["errors"] = self.errors
        return content


def not_found() -> Problem:
    """404, also for what exists but is out of reach."""
    return Problem(404, "Not Found")


def bad_credentials() -> Problem:
    """401 for an unknown or expired token."""
    return Problem(401, "Bad credentials")


def not_accessible(accepted: str) -> Problem:
    """403 for a missing permission; the header says which would do."""
    return Problem(
        403,
        "Resource not accessible by integration",
        headers={"X-Accepted-GitHub-Permissions": accepted},
    )


def unknown_commit(sha: object) -> Problem:
    """422 for a commit that the repository does not have (yet)."""
    return Problem(422, f"No commit found for SHA: {sha}")


def invalid(message: str) -> Problem:
    """422 for values that GitHub refuses."""
    return Problem(422, f"Invalid request.\n\n{message}")
