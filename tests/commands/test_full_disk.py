"""A disk that is too small: what could not be written, and what to do, and no traceback."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("most_bytes", [1_000, 200_000])
def test_linters_that_do_not_fit_are_told_in_one_line(tmp_path: Path, most_bytes: int):
    """No file may become larger than that: the system refuses as a full disk does."""
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "code.py").write_text("X = 1\n")
    done = subprocess.run(
        [sys.executable, "-m", "lintbot", "scan", str(folder)],
        env={**os.environ, "LINTBOT_DATA_DIR": str(tmp_path / "data")},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    said = done.stderr.strip()
    assert said.startswith("lintbot: the linters cannot be put into ")
    assert "(" in said
    assert said.endswith("or set LINTBOT_DATA_DIR to a folder on a larger disk")
    assert "Traceback" not in said
    assert "\n" not in said
