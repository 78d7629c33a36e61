"""Pure: the module names that a tree defines itself."""

from __future__ import annotations

from collections.abc import Iterable


def find_local_modules(files: Iterable[str]) -> frozenset[str]:
    """Return every top-level name under which a tree's own files may be imported.

    Wide on purpose: any folder may be a source root (``src/``, ``tests/``, a monorepo's
    projects), so each folder that holds Python, and each module outside of packages, counts.
    A name of the tree that cannot be imported is then a finding, not a missing dependency.
    """
    paths = [path.removesuffix(".py").split("/") for path in files]
    packages = {tuple(parts[:-1]) for parts in paths if parts[-1] == "__init__"}
    names: set[str] = set()
    for *folders, stem in paths:
        if (not folders or tuple(folders) not in packages) and stem != "__init__":
            names.add(stem)
        top = next((n for n in range(1, len(folders) + 1) if tuple(folders[:n]) in packages), None)
        names.update(folders[:1] if top is None else (folders[0], folders[top - 1]))
    return frozenset(names)
