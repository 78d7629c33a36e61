"""Shell: mypy, with its own cache: what it keeps in a folder is passed in and out instead.

mypy decides by itself what it need not check again. Here that hangs on contents alone, never on
when a file was written, and only while every file is where it was: mypy knows files by their
modules, and an error that it repeats is told of the place where it was found. Where mypy is not
sure to say what it says when it is executed, it is: with plugins, and whenever it ends otherwise
than with or without errors.
"""

from __future__ import annotations

import io
import os
import secrets
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from . import facts
from .again import be_plain, give_up
from .digests import digest
from .environment import name_tools

FORMAT = "1"
"""Another one whenever the meaning of what is remembered changes."""
CACHE = "/nonexistent/mypy"
"""The folder that mypy believes to have its cache in; there is none."""

_OPTIONS = (f"--cache-dir={CACHE}", "--incremental", "--sqlite-cache", "--sqlite-num-shards=1")
_OBSTACLES = (
    *("bazel", "cache_fine_grained", "cache_map", "fine_grained_incremental", "junit_xml"),
    *("logical_deps", "package_root", "pdb", "plugins", "quickstart_file", "report_dirs"),
    *("shadow_file", "skip_cache_mtime_checks", "skip_version_check", "use_fine_grained_cache"),
)
"""Options that let code of the repository take part, or that change what the cache is for."""
_ENDINGS = (0, 1)
"""Without and with errors; any other is a crash, or an error that stopped it."""


class MypyReuse:
    """One run of mypy."""

    def __init__(self, memory: Iterable[bytes], root: str) -> None:
        """Prepare.

        Args:
            memory: what earlier runs left.
            root: the checkout.
        """
        self._memory = tuple(memory)
        self._root = root
        self._header = b""
        self._relies = False
        self._cache: Cache | None = None

    def install(self) -> None:
        """Take over from mypy's own main function."""
        program: Any = import_module("mypy.__main__")
        self._run: Callable[..., Any] = program.main
        program.main = self._main

    def left(self) -> bytes:
        """Return what is to be remembered; nothing if that is too much."""
        packed = facts.pack(self._cache.left) if self._cache and self._cache.left else b""
        return self._header + packed if packed else b""

    def _main(self) -> None:
        arguments = [*sys.argv[1:], *_OPTIONS]
        try:
            options = _read_options(arguments)
            chosen = options.to_bytes()
        except (Exception, SystemExit):  # noqa: BLE001  # whatever it is: mypy itself shows it
            be_plain()
        if _has_obstacle(options):
            be_plain()  # before anything of the repository runs
        self._header = _describe(chosen, self._root)
        known = next(filter(None, (_unpack(it, self._header) for it in self._memory)), b"")
        self._relies = bool(known)
        self._cache = Cache(known)
        self._cache.install()
        _stand_before_stat()
        self._check(arguments)

    def _check(self, arguments: list[str]) -> None:
        """Run mypy; what it says is held back until it is known how it ends."""
        said, failed, code = io.StringIO(), io.StringIO(), 0
        try:
            with _ending_softly():
                self._run(args=arguments, stdout=said, stderr=failed)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 2
        except Exception:  # noqa: BLE001  # mypy itself shows it, unless it was the memory
            give_up() if self._relies else be_plain()
        if code not in _ENDINGS:
            be_plain()
        for stream, text in ((sys.stdout, said), (sys.stderr, failed)):
            stream.buffer.write(text.getvalue().encode(errors="backslashreplace"))
        sys.exit(code)


class Cache:
    """mypy's cache: a SQLite database in memory, of one shard.

    Attributes:
        left: its image when mypy has closed it; empty: it has not.
    """

    def __init__(self, known: bytes) -> None:
        self._known = known
        self.left = b""

    def install(self) -> None:
        """Stand before SQLite's way to open a file; the module is named as mypy names it."""
        sqlite: Any = sqlite3.dbapi2
        connect, make = sqlite.connect, os.makedirs

        def open_known(_file: str, **_options: Any) -> sqlite3.Connection:
            database: _Database = connect(":memory:", factory=_Database)
            database.cache = self
            if self._known:
                database.deserialize(self._known)
            return database

        def make_another(name: Any, *words: Any, **named: Any) -> None:
            if not str(name).startswith(CACHE):
                make(name, *words, **named)

        sqlite.connect = open_known
        os.makedirs = make_another


class _Database(sqlite3.Connection):
    """Leaves its image when it is closed, without what this run did not look at."""

    cache: Cache

    def __init__(self, *words: Any, **named: Any) -> None:
        super().__init__(*words, **named)
        self._modules: set[str] = set()

    def execute(self, sql: str, words: Any = ()) -> sqlite3.Cursor:
        """Run one statement, and note of which module it was."""
        self._modules |= {_name_module(word) for word in words if isinstance(word, str)}
        return super().execute(sql, words)

    def close(self) -> None:
        """Leave the image."""
        if not self.cache.left:
            gone = [
                (path,)
                for (path,) in super().execute("SELECT path FROM files2")
                if _name_module(path) not in self._modules
            ]
            self.executemany("DELETE FROM files2 WHERE path = ?", gone)
            self.commit()
            self.cache.left = self.serialize()
        super().close()


@contextmanager
def _ending_softly() -> Iterator[None]:
    """Let mypy's last call end it as others do: there is something to remember first."""
    end: Any = os._exit
    os._exit = sys.exit  # type: ignore[assignment]
    try:
        yield
    finally:
        os._exit = end


def _name_module(path: str) -> str:
    """Return what the files of one module in the cache have in common."""
    return path.rsplit(".", 2)[0]


def _read_options(arguments: list[str]) -> Any:
    """Return mypy's options; mypy ends, or raises, as it pleases if it refuses them."""
    aside = io.StringIO()
    _, options = import_module("mypy.main").process_options(
        arguments,
        stdout=aside,
        stderr=aside,
        fscache=import_module("mypy.fscache").FileSystemCache(),
    )
    return options


def _has_obstacle(options: Any) -> bool:
    # Errors that are only repeated do not count towards the threshold.
    return options.many_errors_threshold >= 0 or any(getattr(options, it) for it in _OBSTACLES)


def _describe(options: bytes, root: str) -> bytes:
    """Return a line that only a run with the same tools, options and files begins with."""
    chosen = repr(options.replace(os.fsencode(root), b"."))
    paths = sorted(_find_files(root))
    return digest(FORMAT, name_tools(), sys.version, chosen, *paths).encode() + b"\n"


def _find_files(root: str) -> Iterator[str]:
    """Yield the paths of all that may be a module, or says something of one."""
    for folder, _, names in os.walk(root):
        for name in names:
            if name.endswith((".py", ".pyi")) or name == "py.typed":
                yield str(Path(folder, name).relative_to(root))


def _unpack(memory: bytes, header: bytes) -> bytes:
    """Return the image of a cache; empty: it is another run's, or damaged."""
    return facts.unpack(memory[len(header) :]) if memory.startswith(header) else b""


def _stand_before_stat() -> None:
    """Let each run see other times of the repository's files, so that their contents count.

    mypy takes a file of the same size and second for the same. What it comes with is told apart
    by the name of the tools' folder.
    """
    stat, own, now = os.stat, str(import_module("mypy").__path__[0]), secrets.randbits(40)

    def stat_anew(path: Any, *words: Any, **named: Any) -> os.stat_result:
        found = stat(path, *words, **named)
        return os.stat_result((*found[:8], 0 if str(path).startswith(own) else now, 0))

    os.stat = stat_anew
