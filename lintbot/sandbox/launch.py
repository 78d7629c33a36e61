"""Shell: starts a job server inside the layers of a tier."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lintbot.errors import SandboxUnavailableError
from lintbot.sandbox.bwrap import build_arguments, find_bubblewrap
from lintbot.sandbox.interpreter import is_open
from lintbot.sandbox.job_server import JobServer
from lintbot.sandbox.tiers import LAYERS, Tier
from lintbot.sandbox.toolenv import JAIL_PACKAGE, ToolEnvironment

SANDBOX_USER = 61184
"""The user and group that root drops to: the first of the range that systemd reserves for services
made on the fly, https://systemd.io/UIDS-GIDS/."""

_FILES = ("/etc/ld.so.cache", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Launcher:
    """Starts job servers of one tier.

    Attributes:
        checkouts: the folder below which all checkouts lie.
        source: where they really lie, if not there; bubblewrap shows them at ``checkouts``.
        warm: import the linters before the first job.
    """

    tier: Tier
    tools: ToolEnvironment
    checkouts: Path
    source: Path | None = None
    warm: bool = True

    async def start(self, checkouts: Path | None = None) -> JobServer:
        """Start a server that shows the folder of all checkouts, or only one.

        Raises:
            SandboxUnavailableError: the machine does not let it start; the text says why.
        """
        command, environment = self._command(), make_environment(self.tools)
        if LAYERS[self.tier].bubblewrap:
            command = [*self._bubblewrap(environment, checkouts or self.checkouts), *command]
        elif self._user() is not None:
            self._check_open()
        return await JobServer.start(command, environment, self._setup())

    def place(self, checkout: Path) -> Path:
        """Return where a job of this tier finds a checkout."""
        return checkout if LAYERS[self.tier].bubblewrap else self._lying(checkout)

    def _lying(self, checkout: Path) -> Path:
        """Return where a checkout really lies."""
        if self.source is None:
            return checkout
        return self.source / checkout.relative_to(self.checkouts)

    def _command(self) -> list[str]:
        start = (
            f"import sys; sys.path.insert(0, {str(self.tools.jail)!r}); "
            f"from {JAIL_PACKAGE}.server import main; main({{channel}})"
        )
        return [str(self.tools.python), "-P", "-s", "-S", "-B", "-c", start]

    def _bubblewrap(self, environment: dict[str, str], checkouts: Path) -> list[str]:
        program = find_bubblewrap()
        if program is None:
            raise SandboxUnavailableError("bubblewrap is not installed")
        arguments = build_arguments(
            as_root=os.geteuid() == 0,
            environment=environment,
            visible=self._visible(),
            checkouts=checkouts,
            source=self._lying(checkouts),
        )
        return [str(program), *arguments, "--"]

    def _visible(self) -> list[Path]:
        cache = Path("/etc/ld.so.cache")
        return [self.tools.root, *self.tools.visible, *([cache] if cache.exists() else [])]

    def _user(self) -> int | None:
        return SANDBOX_USER if os.geteuid() == 0 and self.tier is not Tier.NONE else None

    def _check_open(self) -> None:
        for path in (self.tools.root, *self.tools.visible):
            if not is_open(path):
                raise SandboxUnavailableError(
                    f"the sandbox's user {SANDBOX_USER} cannot pass the folders down to {path}; "
                    "run lintbot as another user than root, or move its data folder"
                )

    def _setup(self) -> dict[str, Any]:
        layers = LAYERS[self.tier]
        programs = (*_SYSTEM, str(self.tools.root), *map(str, self.tools.visible))
        return {
            "layers": {
                "landlock": layers.landlock,
                "seccomp": layers.seccomp,
                "programs": programs,
                "files": _FILES,
            },
            "user": self._user(),
            "libraries": str(self.tools.libraries),
            "warm": self.warm and layers.shared,
        }


def make_environment(tools: ToolEnvironment) -> dict[str, str]:
    """Return every variable that a sandboxed process has.

    Strings hash alike in every job: the same commit must give the same findings in the same order.
    """
    environment = {
        "PATH": f"{tools.programs}:/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": "/nonexistent",
        "PYLINTHOME": "/nonexistent",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "MYPY_NUM_WORKERS": "0",  # its others would need files to write to
        "RAYON_NUM_THREADS": "2",
    }
    own_library = tools.root / "python" / "lib"
    if own_library.is_dir():
        environment["LD_LIBRARY_PATH"] = str(own_library)
    return environment
