"""Shell: implements ``ports.Memories``: a file for each part, of bounded number and size."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lintbot.model.ids import RepositoryId
from lintbot.model.memory import Lines
from lintbot.ports import Memory

MIB = 1024 * 1024
_ASIDE = "."
"""Begins the name of a file that is not whole yet."""
_ASIDE_SECONDS = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryLimits:
    """How much is kept.

    Attributes:
        total_bytes: of all repositories; 0: nothing is kept at all.
        repository_bytes: of one.
        part_bytes: of one file.
        unused_seconds: what nobody recalled for so long goes.
    """

    total_bytes: int = 2048 * MIB
    repository_bytes: int = 128 * MIB
    part_bytes: int = 16 * MIB
    unused_seconds: float = 30 * 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMemories:
    """Keeps memories in one folder, the least recently used go first."""

    folder: Path
    limits: MemoryLimits

    def open(self, repository_id: RepositoryId, lines: Lines) -> Memory | None:
        """Return a run's memory; None where nothing is kept."""
        if self.limits.total_bytes == 0:
            return None
        return _OpenMemory(self, repository_id, lines)

    def read(self, repository_id: RepositoryId, line: str, part: str) -> bytes:
        """Return what was kept, and note that it was used; empty: nothing. Blocking."""
        path = self._path(repository_id, line, part)
        try:
            left = path.read_bytes()
            os.utime(path)
        except OSError:
            return b""
        return left

    def write(self, repository_id: RepositoryId, line: str, part: str, left: bytes) -> None:
        """Keep it whole or not at all, then remove what is too much. Blocking."""
        if not 0 < len(left) <= self.limits.part_bytes:
            return
        path = self._path(repository_id, line, part)
        aside = path.with_name(f"{_ASIDE}{path.name}.{secrets.token_hex(8)}")
        with suppress(OSError):  # a full disk: then the next run judges everything
            try:
                aside.write_bytes(left)
                aside.rename(path)
            finally:
                aside.unlink(missing_ok=True)
        self.prune()

    def list_repositories(self) -> frozenset[RepositoryId]:
        """Return of which repositories something is kept. Blocking."""
        owners = (
            path.name.removeprefix(_ASIDE).partition("-")[0] for path in self.folder.iterdir()
        )
        return frozenset(RepositoryId(int(owner)) for owner in owners if owner.isdecimal())

    def forget(self, ids: Iterable[RepositoryId]) -> None:
        """Remove all that is kept of some repositories. Blocking."""
        for id_ in ids:
            for pattern in (f"{id_}-*", f"{_ASIDE}{id_}-*"):
                for path in self.folder.glob(pattern):
                    path.unlink(missing_ok=True)

    def prune(self) -> None:
        """Remove what is unused for long, and the least used until all fits. Blocking."""
        now = time.time()
        total, of_one = 0, Counter[str]()
        for path, facts in self._list():
            unfinished = path.name.startswith(_ASIDE)
            seconds = _ASIDE_SECONDS if unfinished else self.limits.unused_seconds
            repository = path.name.removeprefix(_ASIDE).partition("-")[0]
            fits = (
                total + facts.st_size <= self.limits.total_bytes
                and of_one[repository] + facts.st_size <= self.limits.repository_bytes
            )
            if unfinished and now - facts.st_mtime < seconds:
                continue  # another worker is writing it
            if fits and now - facts.st_mtime < seconds:
                total += facts.st_size
                of_one[repository] += facts.st_size
            else:
                path.unlink(missing_ok=True)

    def _list(self) -> list[tuple[Path, os.stat_result]]:
        """Return every file, the last used first."""
        found = []
        for path in self.folder.iterdir():
            with suppress(FileNotFoundError):  # another worker was first
                found.append((path, path.stat(follow_symlinks=False)))
        return sorted(found, key=lambda it: it[1].st_mtime, reverse=True)

    def _path(self, repository_id: RepositoryId, line: str, part: str) -> Path:
        words = f"{line}\0{part}".encode(errors="surrogateescape")
        return self.folder / f"{repository_id}-{hashlib.sha256(words).hexdigest()[:40]}"


@dataclass(frozen=True, slots=True)
class _OpenMemory:
    """What one lint run may recall and keep; see ``ports.Memory``."""

    _memories: StoredMemories
    _repository_id: RepositoryId
    _lines: Lines

    def recall(self, part: str) -> bytes:
        found = (self._memories.read(self._repository_id, it, part) for it in self._lines.reads)
        return next((left for left in found if left), b"")

    def keep(self, part: str, left: bytes) -> None:
        if self._lines.writes is not None:
            self._memories.write(self._repository_id, self._lines.writes, part, left)
