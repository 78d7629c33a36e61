"""``lintbot sandbox-exec``: any command over any folder, held as a linter is."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lintbot.sandbox import command
from tests.hostile.driver import TOOLS
from tests.hostile.setups import Range, Setup, an_open_folder, need_layers

pytestmark = pytest.mark.timeout(300)
TIERS = {"A": "nothing", "B": "landlock", "C": "namespaces"}
Run = Callable[..., Coroutine[Any, Any, tuple[int, bytes, bytes]]]


@pytest.fixture(params=TIERS)
def tier(request: pytest.FixtureRequest, firing_range: Range) -> str:
    need_layers(Setup("root" if firing_range.as_root else "user", TIERS[request.param]))
    return str(request.param)


@pytest.fixture
def run(
    firing_range: Range,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
    tmp_path: Path,
) -> Run:
    """Run a command over ``tmp_path``; return its status and both streams."""

    @contextmanager
    def prepared() -> Iterator[Path]:
        yield firing_range.tools.root.parent

    monkeypatch.setattr(command, "a_tools_folder", prepared)
    monkeypatch.setattr(command, "TOOLS", TOOLS)

    async def run_it(
        *argv: str, tier: str | None = None, seconds: float = 30.0, profile: str = "single"
    ) -> tuple[int, bytes, bytes]:
        status = await command.sandbox_exec(
            argv, repo=tmp_path, timeout_seconds=seconds, tier=tier, profile=profile
        )
        return status, *capfdbinary.readouterr()

    return run_it


async def test_the_command_runs_in_the_folder_which_it_cannot_change(
    run: Run, tmp_path: Path, tier: str
) -> None:
    (tmp_path / "file").write_text("text")
    code = "import os; print(open('file').read(), os.listdir()); open('file', 'w')"
    status, output, errors = await run("python3", "-c", code, tier=tier)
    assert (status, output) == (1, b"text ['file']\n")
    assert b"Error: [Errno" in errors
    assert (tmp_path / "file").read_text() == "text"


async def test_a_folder_that_holds_anything_is_shown_as_a_copy(
    run: Run, tmp_path: Path, tier: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pipe would lead out of it, however read-only it is mounted."""
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind("socket")
    Path("link").symlink_to("/etc/passwd")
    Path("private").write_text("print('ran')")
    Path("private").chmod(0o600)
    outside = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    status, output, _ = await run("python3", str(tmp_path / "private"), tier=tier)
    assert (status, output) == (0, b"ran\n")
    code = "import os; print(sorted(os.listdir())); os.open('pipe', os.O_WRONLY | os.O_NONBLOCK)"
    status, output, _ = await run("python3", "-c", code, tier=tier)
    assert (status, output) == (1, b"['link', 'pipe', 'private']\n")
    assert os.read(outside, 10) == b""
    os.close(outside)
    assert (await run("cat", "link", tier=tier))[0] == 1


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("raise SystemExit(3)", 3),
        ("import os; os.abort()", 128 + 6),
        ("import os; os.kill(os.getpid(), 15)", 128 + 15),
        ("import time; time.sleep(60)", 124),
        ("import os\nwhile 1: os.write(1, b'x' * 65536)", 128 + 9),
    ],
)
async def test_the_status_says_how_it_ended(run: Run, code: str, status: int) -> None:
    seconds = 1.0 if status == command.TIMED_OUT else 60.0
    found, output, errors = await run("python3", "-c", code, seconds=seconds)
    assert found == status
    assert len(output) <= 16 * 1024 * 1024
    assert (b"lintbot: it " in errors) == (status > 100)


async def test_a_program_that_is_not_there(run: Run) -> None:
    assert (await run("no-such-program"))[0] == 127


async def test_linters_run_as_in_a_check(run: Run, tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text("import os\n")
    assert b"unused-import" in (await run("pylint", "module.py"))[1]
    assert b"F401" in (await run("flake8", "module.py"))[1]
    ruff = await run("ruff", "check", "--isolated", "--no-cache", ".", profile="threads")
    assert b"F401" in ruff[1]


async def test_without_a_sandbox_nothing_runs(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("lintbot.sandbox.launch.find_bubblewrap", lambda: None)
    status, output, errors = await run("python3", "-c", "print(1)", tier="A")
    assert (status, output) == (125, b"")
    assert b"bubblewrap is not installed" in errors
    tmp_path.rmdir()
    assert (await run("true"))[0] == 125


async def test_a_folder_around_lintbots_own_files_is_not_shown(
    run: Run, firing_range: Range, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    status = await command.sandbox_exec(
        ["true"],
        repo=firing_range.tools.root.parents[1],
        timeout_seconds=5,
        tier=None,
        profile="single",
    )
    assert status == 125
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("lintbot.sandbox.tool_cache.is_open", lambda _: True)
    assert (await run("true"))[0] == 125


async def test_nothing_of_it_is_left(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe")
    with an_open_folder() as temporary, monkeypatch.context() as patched:
        patched.setattr("tempfile.tempdir", str(temporary))
        assert (await run("true"))[0] == 0
        assert list(temporary.iterdir()) == []
    assert list(tmp_path.iterdir()) == [tmp_path / "pipe"]
