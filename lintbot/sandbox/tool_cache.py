"""Shell: where a command without a data folder keeps the linters' environment between calls."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from platformdirs import user_cache_path

from lintbot.sandbox.interpreter import is_open

_SYSTEM_CACHE = Path("/var/cache/lintbot/tools")
"""Root's own cache folder is closed to the sandbox's user."""


@contextmanager
def a_tools_folder() -> Iterator[Path]:
    """Yield a lasting folder if there is a safe one, else one that goes away."""
    cache = _find_cache()
    if cache is not None:
        yield cache
        return
    with an_open_folder() as folder:
        yield folder


def _find_cache() -> Path | None:
    try:
        cache = _SYSTEM_CACHE if os.geteuid() == 0 else user_cache_path("lintbot") / "tools"
        if not cache.is_absolute():  # this user has no home
            return None
        cache.mkdir(parents=True, exist_ok=True)
        cache = cache.resolve()
        return cache if _is_ours(cache) and os.access(cache, os.W_OK) else None
    except OSError:
        return None


def _is_ours(folder: Path) -> bool:
    """Tell whether nobody else can have put anything there, and jobs can read it."""
    safe = folder.stat().st_uid == os.geteuid() and _is_closed(folder)
    safe = safe and all(_is_closed(parent) for parent in folder.parents)
    return safe and (os.geteuid() != 0 or is_open(folder))


def _is_closed(folder: Path) -> bool:
    """Tell whether only root and this user can rename or replace what is in a folder."""
    facts = folder.stat()
    others_write = facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return facts.st_uid in {0, os.geteuid()} and (
        not others_write or bool(facts.st_mode & stat.S_ISVTX)
    )


@contextmanager
def an_open_folder() -> Iterator[Path]:
    """Yield a temporary folder that any user can reach, if there is a place for one."""
    places = (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp"))  # noqa: S108  # mkdtemp is safe there
    place = next((place for place in places if place.is_dir() and is_open(place)), places[0])
    folder = Path(tempfile.mkdtemp(prefix="lintbot-", dir=place)).resolve()
    try:
        folder.chmod(0o755)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
