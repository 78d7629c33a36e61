"""Skip, in one place and with a clear sentence, what this machine cannot run.

``LINTBOT_TEST_REQUIRE_ALL=1`` (set in CI) turns every such skip into a failure.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest


def need(present: bool, what: str) -> None:
    """Go on if it is present; else skip, or fail where everything must run."""
    if present:
        return
    if os.environ.get("LINTBOT_TEST_REQUIRE_ALL") == "1":
        pytest.fail(f"this machine must run every test, but it lacks {what}")
    pytest.skip(f"not run: this machine lacks {what}")


def need_program(name: str) -> str:
    """Return the absolute path of a program."""
    path = shutil.which(name)
    need(path is not None, f"the program {name}")
    assert path is not None
    return path


def need_node_package(name: str) -> Path:
    """Return the folder of an npm package that tests compare lintbot with.

    ``npm ci --prefix tests/node`` installs them.
    """
    folder = Path(__file__).parents[1] / "node" / "node_modules" / name
    need(folder.is_dir(), f"the npm package {name} (npm ci --prefix tests/node)")
    return folder
