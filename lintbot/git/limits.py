"""Pure: the documented limits of fetching and laying out a commit."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeLimits:
    """How much of a tree is laid out.

    Attributes:
        files: entries of the tree, of any kind; more is a LimitError.
        file_bytes: a larger file is left out and named, and not even fetched.
        tree_bytes: of all files that are laid out; more is a LimitError.
        path_bytes: of one path from the repository's root; longer is a LimitError.
        depth: folders above a file; deeper is a LimitError.
    """

    files: int = 50_000
    file_bytes: int = 5 * MIB
    tree_bytes: int = 512 * MIB
    path_bytes: int = 1_024
    depth: int = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorLimits:
    """How much is kept between fetches.

    Attributes:
        total_bytes: of all mirrors; the least recently used go first.
        unused_seconds: a mirror that nobody used for so long goes.
        commits: a mirror that holds so many commits is thrown away and begun anew, which
            costs one shallow fetch and saves packing and pruning.
    """

    total_bytes: int = 10_240 * MIB
    unused_seconds: float = 30 * 24 * 3600.0
    commits: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class GitLimits:
    """What one git process may take.

    Attributes:
        fetch_seconds: wall clock of one fetch; then TransientError.
        read_seconds: wall clock of listing and of laying out one commit; then LimitError.
        lock_seconds: longest wait for another checkout of the same repository.
        memory_bytes: address space of one process (RLIMIT_AS): bounds deltas that expand.
        pack_bytes: largest file git may write (RLIMIT_FSIZE): bounds a fetch.
        cpu_seconds: of one process (RLIMIT_CPU): bounds a process that outlives lintbot.
    """

    fetch_seconds: float = 120.0
    read_seconds: float = 60.0
    lock_seconds: float = 180.0
    memory_bytes: int = 2_048 * MIB
    pack_bytes: int = 1_024 * MIB
    cpu_seconds: int = 120
