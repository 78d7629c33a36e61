"""Shell: a patch made and tried by git itself (``ports.PatchMaker``)."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lintbot.errors import PermanentError
from lintbot.git.command import Call, Git, GitError
from lintbot.git.folders import job_folder

_DIFFERENT = 1
"""``git diff --no-index`` ends as diff does: 0 the same, 1 different."""
_DIFF = (
    *("diff", "--no-index", "--no-prefix", "--no-color", "--no-ext-diff", "--no-textconv"),
    *("--no-renames", "--text", "--", "a", "b"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GitPatches:
    """Implements ``ports.PatchMaker``.

    Attributes:
        jobs: where the two states of the files are laid out meanwhile.
    """

    git: Git
    jobs: Path

    async def make(self, root: Path, changed: Mapping[str, bytes]) -> str:
        """Return the patch that leads from a tree's files to their changed contents.

        It is applied with ``git apply`` to a copy of the files, and the outcome compared with
        what was asked for, byte by byte, before it is returned.

        Raises:
            PermanentError: git cannot make such a patch.
        """
        async with job_folder(self.jobs) as folder:
            # Named as git names the two sides, so that the patch's paths are those of the tree.
            for name in ("a", "b", "tried"):
                await asyncio.to_thread(_copy, root, changed, folder / name)
            await asyncio.to_thread(_write, folder / "b", changed)
            text = await self._diff(folder)
            await asyncio.to_thread((folder / "patch").write_bytes, text)
            await self._apply(folder)
            if await asyncio.to_thread(_read, folder / "tried", changed) != dict(changed):
                raise PermanentError("git apply does not lead to the same files")
        return text.decode()

    async def _diff(self, folder: Path) -> bytes:
        text = b""
        call = Call(arguments=_DIFF, folder=folder, config={"core.quotePath": "true"})
        try:
            async with self.git.stream(call) as stdout:
                text = await stdout.read()
        except GitError as error:
            if error.returncode != _DIFFERENT or error.stderr:
                raise PermanentError(f"no patch: {error}") from error
        return text

    async def _apply(self, folder: Path) -> None:
        call = Call(
            arguments=("apply", "--whitespace=nowarn", "../patch"),
            folder=folder / "tried",
            environment={"GIT_CEILING_DIRECTORIES": str(folder)},  # the data may lie in a work tree
        )
        try:
            await self.git.run(call)
        except GitError as error:
            raise PermanentError(f"the patch does not apply: {error}") from error


def _copy(root: Path, paths: Iterable[str], folder: Path) -> None:
    for path in paths:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / path, target)  # with its mode


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for path, data in files.items():
        (folder / path).write_bytes(data)


def _read(folder: Path, files: Iterable[str]) -> dict[str, bytes]:
    return {path: (folder / path).read_bytes() for path in files}
