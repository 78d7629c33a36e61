"""``lintbot demo``, as a newcomer runs it: the real command, and nothing left behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lintbot.demo.replay import find_source
from lintbot.git.history import init_repository

FILES = {"a.py": '"""A module."""\n'}
# Tests that run in the background inherit an ignored SIGINT.
_START = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from lintbot.__main__ import main; sys.exit(main())"
)


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """Where the demo keeps what it makes; the sandbox's user may pass."""
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents[:2]:
        parent.chmod(0o755)
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


@contextmanager
def demo(temporary: Path, cwd: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", _START, "demo", "--no-browser", *words],
        cwd=cwd,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def run(temporary: Path, cwd: Path, *words: str) -> tuple[int, str]:
    with demo(temporary, cwd, *words) as process:
        output, _ = process.communicate(timeout=100)
        return process.returncode, output


def test_outside_of_a_repository_the_sample_is_replayed(temporary: Path, tmp_path: Path):
    status, output = run(temporary, tmp_path, "--exit")
    assert status == 0, output
    marks = re.findall(r"^(✓ success|✗ failure|• neutral) ", output, re.MULTILINE)
    assert marks == ["✓ success"] * 2 + ["✗ failure"] + ["✓ success"] * 2
    assert "4.48 · first lint run, 1 file, 4 findings" in output
    assert "3.28 · 6 new · 6 annotations" in output
    assert re.search(r"^badge +http://\S+/badge/demo/bookshelf\.svg$", output, re.MULTILINE)
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_it_serves_until_it_is_stopped(
    temporary: Path, tmp_path: Path, number: signal.Signals, status: int
):
    work = tmp_path / "work"
    init_repository(work, (("one", FILES), ("two", {"b.txt": ""})))
    with demo(temporary, work, "--pushes", "1", "--port", "0") as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("Serving until Ctrl-C"):
                break
        else:
            pytest.fail("".join(lines))
        badge = next(line.split()[1] for line in lines if line.startswith("badge"))
        with urllib.request.urlopen(badge) as answer:
            assert b"10.00/10" in answer.read()
        process.send_signal(number)
        assert process.wait(30) == status
    assert list(temporary.iterdir()) == []


def test_an_empty_repository_is_replaced_by_the_sample(tmp_path: Path):
    work = tmp_path / "work"
    init_repository(work, ())
    source = find_source(work, 2, tmp_path)
    assert "has no commits yet, so this is the bundled sample" in source.note
    assert (source.name, len(source.commits)) == ("bookshelf", 2)


def test_a_path_that_is_none(temporary: Path, tmp_path: Path):
    status, output = run(temporary, tmp_path, "--exit", str(tmp_path / "nowhere"))
    assert status == 1
    assert "nowhere is not a folder: give the path of a git repository" in output
    assert "Traceback" not in output
