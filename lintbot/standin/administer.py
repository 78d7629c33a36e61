"""Shell: what owners do on GitHub: install, uninstall, rename, transfer, privatise, delete."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from lintbot.standin.drive import Deliveries, Driver, keep_sent
from lintbot.standin.state import App, Installation, Repository, utc_now


class Administrator(Driver):
    """The part of the stand-in that plays owners."""

    async def install(
        self,
        account: str,
        repositories: Iterable[Repository] | None = None,
        *,
        app: App | None = None,
        permissions: dict[str, str] | None = None,
    ) -> tuple[Installation, Deliveries]:
        """Install an App on an account, for some repositories or (None) for all."""
        app = app or self.app
        chosen = None if repositories is None else list(repositories)
        installation = Installation(
            id=next(self.world.new_id),
            app=app,
            account=self.world.account(account),
            selected=None if chosen is None else {r.id for r in chosen},
            permissions={"metadata": "read", **(permissions or app.permissions)},
        )
        self.world.installations[installation.id] = installation
        return installation, await self._tell("created", installation)

    async def uninstall(self, installation: Installation) -> Deliveries:
        """Remove the App; its tokens are worth nothing from now on."""
        payload = self.events.installation("deleted", installation, self._reached(installation))
        del self.world.installations[installation.id]
        for token in [t for t in self.world.tokens.values() if t.installation is installation]:
            del self.world.tokens[token.value]
        return keep_sent([await self.hooks.send(installation.app, "installation", payload)])

    async def suspend(self, installation: Installation) -> Deliveries:
        """Suspend the App: no events, and 403 for all it asks."""
        installation.suspended_at = utc_now()
        return await self._tell("suspend", installation)

    async def unsuspend(self, installation: Installation) -> Deliveries:
        """Let the App in again; nothing is sent after the event."""
        installation.suspended_at = None
        return await self._tell("unsuspend", installation)

    async def accept_permissions(
        self, installation: Installation, permissions: dict[str, str]
    ) -> Deliveries:
        """Grant an installation what its App asks for by now."""
        installation.permissions = {"metadata": "read", **permissions}
        return await self._tell("new_permissions_accepted", installation)

    async def change_repositories(
        self,
        installation: Installation,
        *,
        added: Iterable[Repository] = (),
        removed: Iterable[Repository] = (),
    ) -> Deliveries:
        """Give repositories to an installation, or take them away."""
        came, went = list(added), list(removed)
        reached = {repository.id for repository in self._reached(installation)}
        installation.selected = (reached | {r.id for r in came}) - {r.id for r in went}
        sent = []
        for one, other in ((came, []), ([], went)):
            if one or other:
                payload = self.events.installation_repositories(installation, one, other)
                sent.append(
                    await self.hooks.send(installation.app, "installation_repositories", payload)
                )
        return keep_sent(sent)

    async def rename(self, repository: Repository, name: str) -> Deliveries:
        """Rename a repository; the old name redirects until another takes it."""
        old = repository.name
        self.world.aliases[repository.full_name.lower()] = repository.id
        repository.name = name
        self.world.aliases.pop(repository.full_name.lower(), None)
        changes = {"repository": {"name": {"from": old}}}
        return await self._tell_of(repository, "renamed", changes)

    async def transfer(self, repository: Repository, owner: str) -> Deliveries:
        """Give a repository to another account; only the App of the new owner hears of it."""
        old = repository.owner
        self.world.aliases[repository.full_name.lower()] = repository.id
        repository.owner = self.world.account(owner)
        kind = "organization" if old.type == "Organization" else "user"
        changes = {"owner": {"from": {kind: self.events.shapes.account(old)}}}
        return await self._tell_of(repository, "transferred", changes)

    async def rename_account(self, login: str, new_login: str) -> Deliveries:
        """Rename an account, and with it all its repositories; the old names redirect."""
        account = self.world.accounts.pop(login.lower())
        for repository in self.world.repositories.values():
            if repository.owner is account:
                self.world.aliases[repository.full_name.lower()] = repository.id
        account.login = new_login
        self.world.accounts[new_login.lower()] = account
        sent = [
            await self.hooks.send(
                i.app, "installation_target", self.events.installation_target(i, login)
            )
            for i in tuple(self.world.installations.values())
            if i.account is account
        ]
        return keep_sent(sent)

    async def set_private(self, repository: Repository, *, private: bool) -> Deliveries:
        """Privatise or publicise a repository."""
        repository.private = private
        told = await self._tell_of(repository, "privatized" if private else "publicized")
        if private:
            return told
        sent = [
            await self.hooks.send(i.app, "public", self.events.public(repository, i))
            for i in self.world.installations_of(repository)
        ]
        return told + keep_sent(sent)

    async def change_default_branch(self, repository: Repository, branch: str) -> Deliveries:
        """Let another branch be the default one."""
        changes = {"default_branch": {"from": repository.default_branch}}
        repository.default_branch = branch
        return await self._tell_of(repository, "edited", changes)

    async def archive(self, repository: Repository) -> Deliveries:
        """Make a repository read-only."""
        repository.archived = True
        return await self._tell_of(repository, "archived")

    async def delete(self, repository: Repository) -> Deliveries:
        """Delete a repository; pull requests from it stay, without a head repository."""
        installations = self.world.installations_of(repository)
        del self.world.repositories[repository.id]
        for pull in self.world.pulls:
            if pull.head_repository is repository:
                pull.head_repository = None
        return await self._tell_installations(repository, "deleted", None, installations)

    async def revoke_authorization(self, login: str) -> Deliveries:
        """Let somebody take back what they allowed the App when they signed in."""
        user = self.world.account(login)
        self.world.forget_user(self.app, user)
        payload = {"action": "revoked", "sender": self.events.shapes.account(user)}
        return keep_sent([await self.hooks.send(self.app, "github_app_authorization", payload)])

    async def ping(self) -> Deliveries:
        """Try the App's webhook."""
        return keep_sent([await self.hooks.send(self.app, "ping", self.events.ping(self.app))])

    def offer_manifest(self, manifest: dict[str, Any]) -> str:
        """Return the code that GitHub's manifest flow gives, to be converted once."""
        code = secrets.token_hex(20)
        self.world.manifests[code] = manifest
        return code

    def expire_tokens(self) -> None:
        """Let hours pass for every token."""
        for token in self.world.tokens.values():
            token.expires_at = utc_now()
        for user_token in self.world.user_tokens.values():
            user_token.expires_at = utc_now()

    def _reached(self, installation: Installation) -> list[Repository]:
        return [r for r in self.world.repositories.values() if installation.reaches(r)]

    async def _tell(self, action: str, installation: Installation) -> Deliveries:
        payload = self.events.installation(action, installation, self._reached(installation))
        return keep_sent([await self.hooks.send(installation.app, "installation", payload)])

    async def _tell_of(
        self, repository: Repository, action: str, changes: dict[str, Any] | None = None
    ) -> Deliveries:
        repository.touch()
        installations = self.world.installations_of(repository)
        return await self._tell_installations(repository, action, changes, installations)

    async def _tell_installations(
        self,
        repository: Repository,
        action: str,
        changes: dict[str, Any] | None,
        installations: Iterable[Installation],
    ) -> Deliveries:
        sent = [
            await self.hooks.send(
                i.app, "repository", self.events.repository(action, repository, i, changes)
            )
            for i in installations
        ]
        return keep_sent(sent)
