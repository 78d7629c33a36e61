"""Shell: pip, as the machine is set up for it: wheels only, so that nothing of a package runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.utils import canonicalize_name

from lintbot.errors import ToolSetError
from lintbot.model.known_tools import Kit

INSTALL_SECONDS = 120.0
MAX_BYTES = 400 * 1024 * 1024

_KEPT = {"PATH", "HOME", "LANG", "TMPDIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}
_KEPT_STARTS = ("PIP_", "SSL_CERT_", "XDG_CONFIG_", "XDG_CACHE_")
_OPTIONS = (
    *("--only-binary=:all:", "--no-compile", "--no-input", "--quiet"),
    *("--disable-pip-version-check", "--no-warn-script-location", "--no-warn-conflicts"),
)


def install(
    kit: Kit,
    folder: Path,
    *,
    index_url: str,
    on_start: Callable[[subprocess.Popen[bytes]], object],
) -> dict[str, Distribution]:
    """Install wheels into ``lib`` of a folder, and their programs into ``bin``. Blocking.

    Args:
        kit: known names only; see ``model.known_tools``.
        folder: with ``bin`` in it.
        index_url: of the package index; empty: the one that pip is set up with.
        on_start: called with pip's process, so that it can be ended early.

    Raises:
        ToolSetError: pip is not there, or could not; the text says why.
    """
    library = folder / "lib"
    command = [sys.executable, "-m", "pip", "install", *_OPTIONS, "--target", str(library)]
    with subprocess.Popen(  # noqa: S603  # the names are known ones, the versions are plain
        [*command, *kit],
        env=make_environment(os.environ, index_url),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        on_start(process)
        try:
            _, words = process.communicate(timeout=INSTALL_SECONDS)
        except subprocess.TimeoutExpired as error:
            process.kill()
            raise ToolSetError("the package index took too long") from error
    if process.returncode != 0:
        raise ToolSetError(explain(words.decode(errors="replace")))
    if sum(path.lstat().st_size for path in library.rglob("*")) > MAX_BYTES:
        raise ToolSetError("it is larger than a tool may be")
    found = {str(canonicalize_name(it.name)): it for it in distributions(path=[str(library)])}
    _move_programs(library / "bin", folder / "bin", found.values())
    return found


def make_environment(environ: Mapping[str, str], index_url: str) -> dict[str, str]:
    """Return what pip needs of this process's environment, and none of lintbot's secrets."""
    kept = {
        name: value
        for name, value in environ.items()
        if name in _KEPT or name.startswith(_KEPT_STARTS) or name.lower().endswith("_proxy")
    }
    # An address may hold a password: it goes where no other user sees it.
    return kept | ({"PIP_INDEX_URL": index_url} if index_url else {})


def explain(stderr: str) -> str:
    """Return in plain words why pip gave up. Its own may name hosts and folders."""
    if "No module named pip" in stderr:
        return "this server has no pip, so it cannot prepare other versions"
    if "ResolutionImpossible" in stderr or "conflicting dependencies" in stderr:
        return "these versions do not go together"
    if "No matching distribution" in stderr:
        python = f"Python {sys.version_info.major}.{sys.version_info.minor}"
        return f"the package index has no such version as a wheel for {python}"
    return "the package index could not be asked"


def _move_programs(source: Path, target: Path, found: Iterable[Distribution]) -> None:
    """Keep programs such as ruff; console scripts are written anew."""
    if not source.is_dir():
        return
    scripts = {
        it.name for dist in found for it in dist.entry_points.select(group="console_scripts")
    }
    for path in source.iterdir():
        if path.is_file() and path.name not in scripts:
            shutil.move(path, target / path.name)
    shutil.rmtree(source)
