"""Shell: mypy, with its own cache: what it keeps in a folder is passed in and out instead.

mypy decides by itself what it need not check again. Here that hangs on contents alone, never on
when a file was written; and where mypy fails over what it remembers, it is run again without.
"""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import sqlite3
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from .again import give_up
from .environment import name_tools

FORMAT = b"1"
"""Another one whenever the meaning of what is remembered changes."""
MAX_BYTES = 64 * 1024 * 1024
"""Of mypy's cache, unpacked; more is not remembered."""
CACHE = "/nonexistent/mypy"
"""The folder that mypy believes to have its cache in; there is none."""

_OPTIONS = (f"--cache-dir={CACHE}", "--incremental", "--sqlite-cache", "--sqlite-num-shards=1")
_OBSTACLES = (
    *("bazel", "cache_map", "fine_grained_incremental", "junit_xml", "package_root", "pdb"),
    *("plugins", "quickstart_file", "report_dirs", "shadow_file", "skip_cache_mtime_checks"),
    *("skip_version_check", "use_fine_grained_cache"),
)
"""Options that let code of the repository take part, or that change what the cache is for."""
_CRASHED = "INTERNAL ERROR"


class MypyReuse:
    """One run of mypy.

    Attributes:
        obstacle: why it had to be a plain run; empty: it had not, or it has not begun.
    """

    def __init__(self, memory: Iterable[bytes], descriptor: int) -> None:
        """Prepare.

        Args:
            memory: what earlier runs left.
            descriptor: where this one's goes; closed before code of the repository runs.
        """
        self._memory = tuple(memory)
        self._descriptor = descriptor
        self._header = b""
        self._cache: Cache | None = None
        self.obstacle = ""

    def install(self) -> None:
        """Take over from mypy's own main function."""
        program: Any = import_module("mypy.__main__")
        self._plain: Callable[..., Any] = program.main
        program.main = self._main

    def left(self) -> bytes:
        """Return what is to be remembered; nothing if nothing may be."""
        image = self._cache.left if self._cache else b""
        return self._header + zlib.compress(image, 1) if 0 < len(image) <= MAX_BYTES else b""

    def _main(self) -> None:
        arguments = [*sys.argv[1:], *_OPTIONS]
        options, self._header = _read_options(arguments)
        self.obstacle = _find_obstacle(options)
        if self.obstacle:
            os.close(self._descriptor)
            self._plain()
            return
        known = next(filter(None, (_unpack(it, self._header) for it in self._memory)), b"")
        self._cache = Cache(known)
        self._cache.install()
        _stand_before_stat()
        self._check(arguments, relies=bool(known))

    def _check(self, arguments: list[str], *, relies: bool) -> None:
        """Run mypy; what it says is held back until it is known that it did not crash."""
        said, failed, code = io.StringIO(), io.StringIO(), 0
        try:
            with _ending_softly():
                self._plain(args=arguments, stdout=said, stderr=failed)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        except Exception:
            if relies:
                give_up()
            _say(said, failed)
            raise
        if _CRASHED in failed.getvalue():
            if relies:
                give_up()
            self._cache = None  # what is left of it may be why
        _say(said, failed)
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
        connect, make = sqlite3.dbapi2.connect, os.makedirs

        def open_known(_file: str, **_options: Any) -> sqlite3.Connection:
            database: _Database = connect(":memory:", factory=_Database)
            database.cache = self
            if self._known:
                database.deserialize(self._known)
            return database

        def make_another(name: Any, *words: Any, **named: Any) -> None:
            if not str(name).startswith(CACHE):
                make(name, *words, **named)

        sqlite3.dbapi2.connect = open_known  # type: ignore[assignment]
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


def _say(said: io.StringIO, failed: io.StringIO) -> None:
    for stream, text in ((sys.stdout, said), (sys.stderr, failed)):
        stream.buffer.write(text.getvalue().encode(errors="backslashreplace"))


def _read_options(arguments: list[str]) -> tuple[Any, bytes]:
    """Return mypy's options, and a line that names them; None: mypy is going to refuse them."""
    aside = io.StringIO()
    try:
        _, options = import_module("mypy.main").process_options(
            arguments,
            stdout=aside,
            stderr=aside,
            fscache=import_module("mypy.fscache").FileSystemCache(),
        )
        return options, _describe(options)
    except (Exception, SystemExit):  # noqa: BLE001  # whatever it is: the plain run shows it
        return None, b""


def _find_obstacle(options: Any) -> str:
    if options is None:
        return "options"
    return next((name for name in _OBSTACLES if getattr(options, name)), "")


def _describe(options: Any) -> bytes:
    """Return a line that only a run with the same tools and options begins with."""
    words = (FORMAT, name_tools().encode(), sys.version.encode(), options.to_bytes())
    return hashlib.sha256(b"\0".join(words)).hexdigest().encode() + b"\n"


def _unpack(memory: bytes, header: bytes) -> bytes:
    """Return the image of a cache; empty: it is another run's, or damaged."""
    if not memory.startswith(header):
        return b""
    unpacking = zlib.decompressobj()
    try:
        image = unpacking.decompress(memory[len(header) :], MAX_BYTES)
    except zlib.error:
        return b""
    return image if unpacking.eof else b""


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
