"""Shell: runs a newly prepared tool over an empty file: what does not work is never used."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from lintbot.errors import ToolSetError
from lintbot.model.known_tools import PLUGINS, Kit
from lintbot.ports import Ending, Profile, Sandbox, SandboxJob
from lintbot.sandbox.jail.linters import LINTERS

CHECK_SECONDS = 60.0
_SAMPLE = "sample.py"
_ONLY_CRASHES = ("--persistent=n", "--disable=all", "--enable=E0013,F0001,F0002")
_FAILED = 1 | 32
"""Bits of pylint's status: it crashed, or would not start."""


async def try_set(sandbox: Sandbox, checkouts: Path, key: str, kit: Kit) -> None:
    """Run a tool set once, in the sandbox.

    Raises:
        ToolSetError: the tool or a plugin does not work.
    """
    argv = _command(kit)
    root = Path(tempfile.mkdtemp(prefix="try-", dir=checkouts))
    try:
        (root / _SAMPLE).write_text('"""Nothing."""\n')
        (root / _SAMPLE).chmod(0o644)
        root.chmod(0o755)
        job = SandboxJob(
            argv=argv,
            root=root,
            timeout_seconds=CHECK_SECONDS,
            profile=Profile.SINGLE if argv[0] in LINTERS else Profile.THREADS,
            tool_set=key,
            watched=True,
        )
        result = await sandbox.run(job)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    failed = (result.exit_code or 0) & _FAILED or b"bad-plugin-value" in result.stdout
    if result.ending is not Ending.EXITED or failed:
        lines = result.stderr.decode(errors="replace").strip().splitlines() or [""]
        words = result.reason or lines[-1][:200]
        raise ToolSetError(f"it does not work here: {words}")


def _command(kit: Kit) -> tuple[str, ...]:
    names = [it.partition("==")[0] for it in kit]
    tool = names[0]
    if tool == "pylint":
        modules = ",".join(module for name in names[1:] for module in PLUGINS[name].modules)
        plugins = (f"--load-plugins={modules}",) if modules else ()
        return ("pylint", "--rcfile=/dev/null", *plugins, *_ONLY_CRASHES, _SAMPLE)
    if tool == "flake8":
        return ("flake8", "--isolated", "--exit-zero", _SAMPLE)
    return (tool, "--version")
