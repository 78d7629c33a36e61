"""Shell: a folder at somebody's keyboard, laid out as a hosted checkout would be."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from lintbot.errors import UserError
from lintbot.git.command import Call, Git, GitError
from lintbot.git.folders import job_folder
from lintbot.git.layout import Objects, open_writer, read_plan, write_plan
from lintbot.git.limits import TreeLimits
from lintbot.git.names import show
from lintbot.git.plan import Entry, Kind, Plan, check_count, plan_layout
from lintbot.git.remote import last_line
from lintbot.model.ids import Sha, parse_sha
from lintbot.ports import Checkout

_NAMED = 3
_TELLING = (b".py", b".pyi", b".toml", b".cfg", b".ini", b"pylintrc", b".flake8")
"""Ends of names that make a difference: code, and settings of linters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalFolder:
    """One folder: a work tree of git, or any other.

    Attributes:
        git: reads the user's own configuration: it is their repository.
        jobs: where copies are laid out; the sandbox shows nothing else to a job.
    """

    git: Git
    path: Path
    jobs: Path
    limits: TreeLimits = field(default_factory=TreeLimits)

    async def resolve_base(self, revision: str) -> Sha:
        """Return where HEAD and a revision parted, as a pull request is compared.

        Raises:
            UserError: this is no git repository, or it has no such revision.
        """
        if await self._top() is None:
            raise UserError(f"--base needs a git repository, and {self.path} is none")
        try:
            return parse_sha(await self._ask("merge-base", "--", revision, "HEAD"))
        except (GitError, ValueError) as error:
            raise UserError(
                f"--base {revision!r}: give a commit or branch that shares history with HEAD"
            ) from error

    @asynccontextmanager
    async def lay(self, commit: Sha | None) -> AsyncIterator[Checkout]:
        """Lay out a commit, or (None) the folder as it is: what git tracks, as it is on disk.

        Raises:
            UserError: it is not a folder, or git does not read it.
            LimitError: it is larger than the documented limits.
        """
        if not await asyncio.to_thread(self.path.is_dir):
            raise UserError(f"{self.path} is not a folder: give the path of a project")
        async with job_folder(self.jobs) as root:
            plan = await (self._lay_folder(root) if commit is None else self._lay(commit, root))
            files = tuple(file.path for file in plan.files)
            yield Checkout(root=root, files=files, skipped=plan.skipped)

    async def _lay(self, commit: Sha, root: Path) -> Plan:
        objects = Objects(git=self.git, folder=await self._top() or self.path)
        plan = await read_plan(objects, commit, self.limits)
        await write_plan(objects, plan, root)
        return plan

    async def _lay_folder(self, root: Path) -> Plan:
        top = await self._top()
        if top is None:
            return await asyncio.to_thread(
                _copy, self.path, list(_walk(self.path)), root, self.limits
            )
        tracked = _split(await self._read(top, "ls-files", "-z"))
        others = _split(await self._read(top, "ls-files", "-z", "--others", "--exclude-standard"))
        plan = await asyncio.to_thread(_copy, top, tracked, root, self.limits)
        notes = (*self._name_top(top), *plan.skipped, *_name_untracked(others))
        return replace(plan, skipped=notes)

    def _name_top(self, top: Path) -> tuple[str, ...]:
        """Say that more is judged than the path asks for: tools read their settings at the root."""
        if top == self.path.resolve():
            return ()
        return (f"Judged is the whole repository, {top}: its settings stand at its root.",)

    async def _top(self) -> Path | None:
        """Return the root of the work tree; None outside of git.

        Raises:
            UserError: it is one, but git does not trust its owner, or it has no files.
        """
        try:
            return Path(await self._ask("rev-parse", "--show-toplevel"))
        except GitError as error:
            if "not a git repository" in error.stderr:
                return None
            raise UserError(f"git does not read {self.path}: {last_line(error.stderr)}") from error

    async def _ask(self, *arguments: str) -> str:
        return (await self._read(self.path, *arguments)).decode(errors="surrogateescape").strip()

    async def _read(self, folder: Path, *arguments: str) -> bytes:
        return await self.git.run(Call(arguments=arguments, folder=folder))


def _split(listing: bytes) -> list[bytes]:
    return [path for path in listing.split(b"\0") if path]


def _name_untracked(paths: list[bytes]) -> tuple[str, ...]:
    telling = sorted(path for path in paths if path.endswith(_TELLING))
    if not telling:
        return ()
    names = ", ".join(show(path) for path in telling[:_NAMED])
    more = f" and {len(telling) - _NAMED:,} more" if len(telling) > _NAMED else ""
    what = f"{len(telling):,} files that git does not track ({names}{more})"
    return (f"Left out: {what}; `git add` them to have them judged.",)


def _walk(folder: Path) -> Iterator[bytes]:
    """Yield every file of a folder that is not git's, but for virtual environments."""
    for parent, names, files in os.walk(folder):
        names[:] = sorted(
            name
            for name in names
            if name not in {".git", "__pycache__"} and not Path(parent, name, "pyvenv.cfg").exists()
        )
        for name in sorted(files):
            yield os.fsencode(Path(parent, name).relative_to(folder).as_posix())


def _copy(source: Path, paths: list[bytes], root: Path, limits: TreeLimits) -> Plan:
    """Copy files, never following a link; a file that is gone from the disk is left out."""
    check_count(len(paths), limits)
    source = source.resolve()
    entries = [entry for path in sorted(set(paths)) if (entry := _look(source, path))]
    plan = plan_layout(entries, limits)
    with open_writer(root) as writer:
        writer.write_all((file, (source / file.path).read_bytes()) for file in plan.files)
    return plan


def _look(source: Path, path: bytes) -> Entry | None:
    name = Path(os.fsdecode(path))
    try:
        facts = (source / name).lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if (source / name.parent).resolve() != source / name.parent:  # a link leads out of here
        return Entry(path=path, kind=Kind.LINK)
    if stat.S_ISREG(facts.st_mode):
        kind = Kind.PROGRAM if facts.st_mode & stat.S_IXUSR else Kind.FILE
        return Entry(path=path, kind=kind, size_bytes=facts.st_size)
    if stat.S_ISLNK(facts.st_mode):
        return Entry(path=path, kind=Kind.LINK)
    return Entry(path=path, kind=Kind.SUBMODULE if stat.S_ISDIR(facts.st_mode) else Kind.SPECIAL)
