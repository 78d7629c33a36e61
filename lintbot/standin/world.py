"""Shell: all records of the stand-in, and the questions that are asked of them."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lintbot.standin.marketplace import Listing
from lintbot.standin.state import (
    REFRESH_TOKEN_LIFE,
    TOKEN_LIFE,
    USER_TOKEN_LIFE,
    Account,
    App,
    CheckRun,
    CheckSuite,
    Installation,
    Issue,
    Pull,
    Repository,
    SignInCode,
    Token,
    UserToken,
    utc_now,
)


@dataclass(slots=True)
class World:
    """All records.

    Attributes:
        aliases: lower-case ``owner/name`` of the past to a repository's id.
        lagging: commit to the number of requests to which it is still unknown.
        young_refusals: how many requests a new token is refused, and with which status.
        manifests: of Apps to be registered, by their temporary code.
        listing: of the first App in the Marketplace.
        codes: of sign-ins under way.
        user_tokens: of people who signed in, by their access token.
        refusing: people who press "Cancel" when an App asks them to sign in.
    """

    accounts: dict[str, Account] = field(default_factory=dict)
    apps: dict[int, App] = field(default_factory=dict)
    repositories: dict[int, Repository] = field(default_factory=dict)
    aliases: dict[str, int] = field(default_factory=dict)
    installations: dict[int, Installation] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    suites: dict[int, CheckSuite] = field(default_factory=dict)
    runs: dict[int, CheckRun] = field(default_factory=dict)
    pulls: list[Pull] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    lagging: dict[str, int] = field(default_factory=dict)
    young_refusals: tuple[int, int] = (0, 401)
    manifests: dict[str, dict[str, Any]] = field(default_factory=dict)
    listing: Listing = field(default_factory=Listing)
    codes: dict[str, SignInCode] = field(default_factory=dict)
    user_tokens: dict[str, UserToken] = field(default_factory=dict)
    refusing: set[int] = field(default_factory=set)
    new_id: Iterator[int] = field(default_factory=lambda: itertools.count(10_001))

    def account(self, login: str, kind: str = "User") -> Account:
        """Return an account; it is made when it does not exist."""
        key = login.lower()
        if key not in self.accounts:
            self.accounts[key] = Account(id=next(self.new_id), login=login, type=kind)
        return self.accounts[key]

    def find_repository(self, owner: str, name: str) -> Repository | None:
        """Find a repository by its name of today, blind to case."""
        wanted = f"{owner}/{name}".lower()
        return next((r for r in self.repositories.values() if r.full_name.lower() == wanted), None)

    def find_renamed(self, owner: str, name: str) -> Repository | None:
        """Find a repository by a name that it had."""
        return self.repositories.get(self.aliases.get(f"{owner}/{name}".lower(), 0))

    def installations_of(self, repository: Repository) -> list[Installation]:
        """Return the installations that reach a repository and are not suspended."""
        return [
            i
            for i in self.installations.values()
            if i.suspended_at is None and i.reaches(repository)
        ]

    def mint(
        self, installation: Installation, permissions: dict[str, str], ids: set[int] | None
    ) -> Token:
        """Make a token in the form of 2026: about 520 characters, with dots."""
        refusals, status = self.young_refusals
        parts = (secrets.token_urlsafe(27), secrets.token_urlsafe(300), secrets.token_urlsafe(48))
        token = Token(
            value=f"ghs_{installation.app.id}_{'.'.join(parts)}",
            installation=installation,
            permissions=permissions,
            repository_ids=ids,
            expires_at=utc_now().replace(microsecond=0) + TOKEN_LIFE,
            refusals=refusals,
            refusal_status=status,
        )
        self.tokens[token.value] = token
        return token

    def mint_for_user(self, app: App, user: Account) -> UserToken:
        """Make a token that expires, with its refresh token."""
        now = utc_now().replace(microsecond=0)
        token = UserToken(
            value=f"ghu_{secrets.token_hex(18)}",
            refresh_value=f"ghr_{secrets.token_hex(38)}",
            app=app,
            user=user,
            expires_at=now + USER_TOKEN_LIFE,
            refresh_expires_at=now + REFRESH_TOKEN_LIFE,
        )
        self.user_tokens[token.value] = token
        return token

    def forget_user(self, app: App, user: Account) -> None:
        """Let all tokens that an App has of somebody be worth nothing."""
        for token in [t for t in self.user_tokens.values() if (t.app, t.user) == (app, user)]:
            del self.user_tokens[token.value]

    def reaches(self, token: UserToken, repository: Repository) -> bool:
        """Tell whether both the person can read a repository and the App was let in there."""
        return repository.role_of(token.user) is not None and any(
            installation.app is token.app for installation in self.installations_of(repository)
        )

    def runs_at(self, repository: Repository, sha: str) -> list[CheckRun]:
        """Return the check runs of a commit, newest first, as GitHub lists them."""
        found = [
            run
            for run in self.runs.values()
            if run.suite.repository is repository and run.head_sha == sha
        ]
        return sorted(found, key=lambda run: run.id, reverse=True)

    def suite_for(
        self,
        app: App,
        repository: Repository,
        sha: str,
        *,
        branch: str | None = None,
        before: str | None = None,
    ) -> CheckSuite:
        """Return an App's check suite of a commit; it is made when there is none."""
        for suite in self.suites.values():
            if (suite.app, suite.repository, suite.head_sha) == (app, repository, sha):
                return suite
        suite = CheckSuite(
            id=next(self.new_id),
            app=app,
            repository=repository,
            head_sha=sha,
            head_branch=branch,
            before=before,
        )
        self.suites[suite.id] = suite
        return suite

    def open_pulls_of(self, repository: Repository, branch: str) -> list[Pull]:
        """Return the open pull requests whose head is a branch."""
        return [
            pull
            for pull in self.pulls
            if pull.state == "open"
            and pull.head_repository is repository
            and pull.head_branch == branch
        ]

    def pulls_at(self, suite_repository: Repository, sha: str) -> list[Pull]:
        """Return the open pull requests inside one repository whose head is a commit.

        Those of forks are left out, as GitHub does in ``pull_requests`` of check suites.
        """
        return [
            pull
            for pull in self.pulls
            if pull.state == "open"
            and pull.base is suite_repository
            and not pull.from_fork
            and pull.head_sha == sha
        ]
