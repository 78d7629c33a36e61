"""Shell: what there is on GitHub now (``ports.Census``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from lintbot.github import payloads
from lintbot.github.access import METADATA, READ, Access
from lintbot.github.as_app import AppRequests
from lintbot.github.errors import NotFoundError
from lintbot.github.values import make_installation, make_moment, make_repository, read_moment
from lintbot.model.ids import InstallationId, Sha, parse_sha
from lintbot.model.recovery import ListedPull, ListedRepository
from lintbot.model.repository import Installation
from lintbot.ports import Target

MAX_BRANCHES: Final = 1000
"""More are not compared: the log of deliveries is asked for them all the same."""
_PER_PAGE: Final = "100"

# Shown to msgspec where one thread imports the module, see store/rows.py.
_REPO = msgspec.json.Decoder(payloads.Repo)
_INSTALLED = msgspec.json.Decoder(payloads.Installed)


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHubCensus:
    """Lists, asked for as the App or with a token that can read no more than needed."""

    access: Access
    requests: AppRequests

    async def list_installations(self) -> tuple[Installation, ...]:
        """Return every installation of the App that still has an account."""
        listed = await self.requests.pages("/app/installations{?per_page}", per_page=_PER_PAGE)
        found = [
            make_installation(
                msgspec.convert(it, _INSTALLED.type), "suspend" if it.get("suspended_at") else ""
            )
            for it in listed
        ]
        return tuple(it for it in found if it is not None)

    async def has_installation(self, id_: InstallationId) -> bool:
        """Tell whether there still is an installation."""
        try:
            await self.requests.get("/app/installations/{id}", id=str(id_))
        except NotFoundError:
            return False
        return True

    async def list_repositories(self, id_: InstallationId) -> tuple[ListedRepository, ...]:
        """Return every repository in an installation's reach."""
        access = self.access.to_installation(id_, METADATA)
        path = "/installation/repositories{?per_page}"
        listed = await access.pages(path, "repositories", per_page=_PER_PAGE)
        found = [(make_repository(msgspec.convert(it, _REPO.type)), it) for it in listed]
        return tuple(
            ListedRepository(repository=it, pushed_at=make_moment(answer.get("pushed_at")))
            for it, answer in found
            if it is not None
        )

    async def list_branches(self, target: Target) -> Mapping[str, Sha] | None:
        """Return where each branch is; None when they are too many to be asked for."""
        access = self.access.to(target, READ)
        path = "/branches{?per_page}"
        listed = await access.pages(path, "", most=MAX_BRANCHES + 1, per_page=_PER_PAGE)
        if len(listed) > MAX_BRANCHES:
            return None
        return {it["name"]: parse_sha(it["commit"]["sha"]) for it in listed}

    async def list_open_pulls(self, target: Target) -> tuple[ListedPull, ...]:
        """Return the most recently changed open pull requests, a hundred at most."""
        path = "/pulls{?state,sort,direction,per_page}"
        listed = await self.access.to(target, READ).get(
            path, state="open", sort="updated", direction="desc", per_page=_PER_PAGE
        )
        return tuple(_pull(it, target) for it in listed)


def _pull(listed: dict[str, Any], target: Target) -> ListedPull:
    head, base = listed["head"], listed["base"]
    return ListedPull(
        number=listed["number"],
        head_sha=parse_sha(head["sha"]),
        head_branch=head["ref"],
        from_fork=(head.get("repo") or {}).get("id") != target.repository_id,
        base_sha=parse_sha(base["sha"]),
        base_branch=base["ref"],
        created_at=read_moment(listed["created_at"]),
    )
