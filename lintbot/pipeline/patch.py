"""Shell: makes a patch of safe fixes for a commit, and proves what it claims by linting again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from lintbot.model.findings import Finding
from lintbot.model.ids import Sha
from lintbot.model.lint import LintResult
from lintbot.model.patch import Patch
from lintbot.pipeline.compare import compare
from lintbot.pipeline.fixes import (
    MAX_FILE_BYTES,
    Fix,
    choose_fixes,
    find_fixable,
    fix_command,
    mend,
)
from lintbot.ports import (
    Checkout,
    Ending,
    Memory,
    PatchMaker,
    Profile,
    Sandbox,
    SandboxJob,
    ToolSets,
)

MAX_PATCH_CHARACTERS = 256 * 1024
FIX_SECONDS = 30.0
ROUNDS = 3
"""A file whose fixes would bring new findings is left out, and the rest tried again."""

LayOut = Callable[[], AbstractAsyncContextManager[Checkout]]
"""Lay the commit out, as often as it is called."""


class LintTree(Protocol):
    """Lint a checkout within so many seconds."""

    def __call__(
        self, checkout: Checkout, seconds: float, /, *, memory: Memory | None
    ) -> Awaitable[LintResult]:
        """Lint it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Mender:
    """Makes patches.

    Attributes:
        tool_sets: ruff in the versions that repositories pin; None: there is only the server's.
        lint_tree: lints a checkout.
        seconds: for linting once.
    """

    sandbox: Sandbox
    tool_sets: ToolSets | None
    lint_tree: LintTree
    maker: PatchMaker
    seconds: float

    async def make_patch(
        self, lay_out: LayOut, sha: Sha, result: LintResult, memory: Memory | None = None
    ) -> Patch | None:
        """Return a patch for a commit; None when there is nothing that can be mended safely.

        Args:
            lay_out: of the commit.
            sha: its name.
            result: of linting it.
            memory: of the repository, only to be read: the mended tree is nobody's commit.

        Raises:
            SandboxUnavailableError: no sandbox holds.
            PermanentError: git cannot make a patch of it.
            ToolSetError: the pinned ruff is gone.
        """
        async with lay_out() as checkout:
            changed = await self._mend(checkout, result)
        for _ in range(ROUNDS if not result.failed else 0):
            if not changed:
                break
            async with lay_out() as checkout:
                text = await self.maker.make(checkout.root, changed)
                if len(text) > MAX_PATCH_CHARACTERS:
                    changed = dict(list(changed.items())[: len(changed) // 2])
                    continue
                await asyncio.to_thread(_overwrite, checkout, changed)
                again = await self.lint_tree(checkout, self.seconds, memory=memory)
            spoilt, claims = _prove(result, again, sha, changed)
            if not spoilt:
                return Patch(text=text, claims=claims, files=len(changed))
            changed = {path: data for path, data in changed.items() if path not in spoilt}
        return None

    async def _mend(self, checkout: Checkout, result: LintResult) -> dict[str, bytes]:
        """Return the files that ruff's fixes change, within the limits."""
        findings = find_fixable(result)
        if not findings:
            return {}
        job = SandboxJob(
            argv=fix_command(result, findings),
            root=checkout.root,
            timeout_seconds=FIX_SECONDS,
            profile=Profile.THREADS,
            tool_set=await self._find_set(result),
        )
        done = await self.sandbox.run(job)
        if done.ending is not Ending.EXITED:
            return {}
        stdout = done.stdout.decode(errors="replace")
        fixes = choose_fixes(stdout, str(checkout.root), findings)
        return await asyncio.to_thread(_apply, checkout, fixes)

    async def _find_set(self, result: LintResult) -> str:
        """Return the tool set that ruff ran from; it was prepared for that run.

        Raises:
            ToolSetError: it is gone.
        """
        kit = next((it.kit for it in result.tools if it.tool == "ruff" and it.kit), ())
        return (await self.tool_sets.find(kit, 0)).key if kit and self.tool_sets else ""


def _apply(checkout: Checkout, fixes: tuple[Fix, ...]) -> dict[str, bytes]:
    """Return what the fixes make of each file. Blocking."""
    changed: dict[str, bytes] = {}
    by_path: dict[str, list[Fix]] = {}
    for fix in fixes:
        by_path.setdefault(fix.path, []).append(fix)
    for path in sorted(by_path.keys() & set(checkout.files)):
        file = checkout.root / path
        if file.stat().st_size <= MAX_FILE_BYTES:
            mended = mend(file.read_bytes(), by_path[path])
            if mended is not None:
                changed[path] = mended
    return changed


def _overwrite(checkout: Checkout, changed: Mapping[str, bytes]) -> None:
    for path, data in changed.items():
        (checkout.root / path).write_bytes(data)


def _prove(
    before: LintResult, after: LintResult, sha: Sha, changed: Mapping[str, bytes]
) -> tuple[set[str], tuple[Finding, ...]]:
    """Return which files must not be changed so, and the findings that are gone.

    A file is spoilt when a new finding comes in it, or none goes. When a finding comes elsewhere,
    all are: nobody can say whose change brought it.
    """
    comparison = compare(after, before, sha)
    if after.failed:
        return set(changed), ()
    came = {finding.path for finding in comparison.new}
    gone = {finding.path for finding in comparison.fixed}
    if came - set(changed) or gone - set(changed):
        return set(changed), ()
    return came | (set(changed) - gone), comparison.fixed
