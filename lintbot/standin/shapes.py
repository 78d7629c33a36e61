"""Shell: accounts, repositories, Apps and installations as GitHub's JSON."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from lintbot.standin.state import Account, App, Installation, Repository, Token

_USER_URLS: Final = (
    "followers",
    "following{/other_user}",
    "gists{/gist_id}",
    "starred{/owner}{/repo}",
    "subscriptions",
    "orgs",
    "repos",
    "events{/privacy}",
    "received_events",
)
_RENAMED: Final = {"orgs": "organizations"}

_REPOSITORY_URLS: Final = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}


def stamp(at: datetime) -> str:
    """Return a time as GitHub writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def stamp_or_none(at: datetime | None) -> str | None:
    """Return a time as GitHub writes it, or None."""
    return None if at is None else stamp(at)


def node_id(kind: str, number: int) -> str:
    """Return an opaque GraphQL id."""
    return base64.b64encode(f"{kind}{number}".encode()).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Places:
    """The addresses that GitHub's JSON is full of; neither ends in a slash."""

    web: str
    api: str


@dataclass(frozen=True, slots=True)
class Shapes:
    """Makes GitHub's JSON."""

    at: Places

    def account(self, account: Account) -> dict[str, Any]:
        """``simple-user``."""
        api = f"{self.at.api}/users/{account.login}"
        urls = {}
        for path in _USER_URLS:
            name = path.partition("{")[0]
            urls[f"{_RENAMED.get(name, name)}_url"] = f"{api}/{path}"
        return {
            "login": account.login,
            "id": account.id,
            "node_id": node_id("U_", account.id),
            "avatar_url": f"{self.at.web}/avatars/u/{account.id}?v=4",
            "gravatar_id": "",
            "url": api,
            "html_url": f"{self.at.web}/{account.login}",
            **urls,
            "type": account.type,
            "site_admin": False,
        }

    def small_repository(self, repository: Repository) -> dict[str, Any]:
        """As in the lists of ``installation`` events."""
        return {
            "id": repository.id,
            "node_id": node_id("R_", repository.id),
            "name": repository.name,
            "full_name": repository.full_name,
            "private": repository.private,
        }

    def repository(self, repository: Repository) -> dict[str, Any]:
        """``repository``, and all that the webhooks' and the minimal form need."""
        return {
            **self.small_repository(repository),
            **self._repository_urls(repository),
            **_repository_facts(repository),
            "owner": self.account(repository.owner),
        }

    def full_repository(self, repository: Repository) -> dict[str, Any]:
        """``full-repository``, the answer of GET /repos/{owner}/{repo}."""
        content = self.repository(repository)
        content |= {"subscribers_count": 0, "network_count": 0, "temp_clone_token": None}
        if repository.fork_of is not None:
            content["parent"] = content["source"] = self.repository(repository.fork_of)
        return content

    def pushed_repository(self, repository: Repository) -> dict[str, Any]:
        """The form in ``push`` events: times are numbers, the owner has a name."""
        content = self.repository(repository)
        content["owner"] |= {"name": repository.owner.login, "email": None}
        content |= {
            "created_at": int(repository.created_at.timestamp()),
            "pushed_at": int(repository.pushed_at.timestamp()),
            "stargazers": 0,
            "master_branch": repository.default_branch,
        }
        return content

    def _repository_urls(self, repository: Repository) -> dict[str, Any]:
        api = f"{self.at.api}/repos/{repository.full_name}"
        html = f"{self.at.web}/{repository.full_name}"
        return {
            "html_url": html,
            "url": api,
            "git_url": f"{html.replace('http', 'git', 1)}.git",
            "ssh_url": f"git@localhost:{repository.full_name}.git",
            "clone_url": f"{html}.git",
            "svn_url": html,
            "mirror_url": None,
            **{name: api + path for name, path in _REPOSITORY_URLS.items()},
        }

    def permission(self, repository: Repository, user: Account) -> dict[str, Any]:
        """``repository-collaborator-permission``; it knows *maintain* and *triage* by role only."""
        role = repository.role_of(user) or "none"
        permission = {"maintain": "write", "triage": "read"}.get(role, role)
        shaped = {**self.account(user), "permissions": permissions(role), "role_name": role}
        return {"permission": permission, "role_name": role, "user": shaped}

    def app(self, app: App) -> dict[str, Any]:
        """``integration``."""
        return {
            "id": app.id,
            "slug": app.slug,
            "node_id": node_id("A_", app.id),
            "client_id": app.client_id,
            "owner": self.account(app.owner),
            "name": app.name,
            "description": "",
            "external_url": "https://example.org",
            "html_url": f"{self.at.web}/apps/{app.slug}",
            "created_at": stamp(app.created_at),
            "updated_at": stamp(app.created_at),
            "permissions": app.permissions,
            "events": app.events,
        }

    def installation(self, installation: Installation) -> dict[str, Any]:
        """``installation``."""
        api = f"{self.at.api}/app/installations/{installation.id}"
        account, app = installation.account, installation.app
        return {
            "id": installation.id,
            "client_id": app.client_id,
            "account": self.account(account),
            "repository_selection": selection(installation),
            "access_tokens_url": f"{api}/access_tokens",
            "repositories_url": f"{self.at.api}/installation/repositories",
            "html_url": f"{self.at.web}/settings/installations/{installation.id}",
            "app_id": app.id,
            "app_slug": app.slug,
            "target_id": account.id,
            "target_type": account.type,
            "permissions": installation.permissions,
            "events": app.events,
            "created_at": stamp(installation.created_at),
            "updated_at": stamp(installation.created_at),
            "single_file_name": None,
            "has_multiple_single_files": False,
            "single_file_paths": [],
            "suspended_by": self.account(account) if installation.suspended_at else None,
            "suspended_at": stamp_or_none(installation.suspended_at),
        }

    def token(self, token: Token, repositories: Iterable[Repository]) -> dict[str, Any]:
        """``installation-token``."""
        content: dict[str, Any] = {
            "token": token.value,
            "expires_at": stamp(token.expires_at),
            "permissions": token.permissions,
            "repository_selection": selection(token.installation),
        }
        if token.repository_ids is not None:
            content["repository_selection"] = "selected"
            content["repositories"] = [self.repository(r) for r in repositories]
        return content


def permissions(role: str) -> dict[str, bool]:
    """Return what a role may, as GitHub lists it."""
    return {
        "pull": role != "none",
        "triage": role in {"triage", "write", "maintain", "admin"},
        "push": role in {"write", "maintain", "admin"},
        "maintain": role in {"maintain", "admin"},
        "admin": role == "admin",
    }


def selection(installation: Installation) -> str:
    """Return GitHub's word for which repositories an installation reaches."""
    return "all" if installation.selected is None else "selected"


def _repository_facts(repository: Repository) -> dict[str, Any]:
    return {
        "description": None,
        "fork": repository.fork_of is not None,
        "homepage": None,
        "language": "Python",
        "license": None,
        **dict.fromkeys(("forks", "forks_count", "open_issues", "open_issues_count"), 0),
        **dict.fromkeys(("stargazers_count", "watchers", "watchers_count", "size"), 0),
        **dict.fromkeys(("has_issues", "has_projects", "has_wiki", "has_downloads"), True),
        **dict.fromkeys(("has_pages", "has_discussions", "is_template", "disabled"), False),
        "default_branch": repository.default_branch,
        "topics": [],
        "archived": repository.archived,
        "allow_forking": True,
        "web_commit_signoff_required": False,
        "visibility": "private" if repository.private else "public",
        "created_at": stamp(repository.created_at),
        "updated_at": stamp(repository.updated_at),
        "pushed_at": stamp(repository.pushed_at),
    }
