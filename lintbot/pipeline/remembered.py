"""Shell: results of earlier lint runs, which need not be found again."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from hashlib import sha256

from lintbot.model.ids import RepositoryId, Sha
from lintbot.model.lint import LintResult
from lintbot.ports import LintRuns


@dataclass(frozen=True, slots=True, kw_only=True)
class RememberedResults:
    """What was found in one commit, with one set of tools.

    Attributes:
        key: lintbot's own rules and the server's tools in their versions.
    """

    runs: LintRuns
    key: str

    async def load(
        self, repository_id: RepositoryId, sha: Sha, as_in: LintResult | None = None
    ) -> LintResult | None:
        """Return a commit's result, as it asks for tools itself or by those of another result."""
        return await asyncio.to_thread(
            self.runs.load_result, repository_id, sha, self._key_like(as_in)
        )

    async def save(
        self,
        repository_id: RepositoryId,
        sha: Sha,
        result: LintResult,
        as_in: LintResult | None = None,
    ) -> None:
        """Remember a result, unless something failed: it may end better next time."""
        if not result.failed:
            await asyncio.to_thread(
                self.runs.save_result, repository_id, sha, self._key_like(as_in), result
            )

    def _key_like(self, other: LintResult | None) -> str:
        if other is None or not other.kits:
            return self.key
        return f"{self.key}:{sha256(repr(other.kits).encode()).hexdigest()[:16]}"
