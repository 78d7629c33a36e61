"""Shell: imports the linters before the first job and keeps what they hold ready honest.

A job may use what was read before it only where it would read the same itself: not when the
checkout has a module of such a name (``reuse.pylint_reuse``), and not when a plugin or an option
changes how modules are read. Then it starts from nothing.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from .reuse import ancestors, noting, quicker
from .reuse.environment import knows_pylint
from .reuse.held import Library

SAMPLE = Path(__file__).with_name("sample_of_lintbot.py")
"""The only file linted before the first job; it is ours."""
COMMON = (
    *("abc", "argparse", "ast", "asyncio", "base64", "bisect", "codecs", "collections"),
    *("collections.abc", "concurrent.futures", "configparser", "contextlib", "contextvars", "copy"),
    *("csv", "ctypes", "dataclasses", "datetime", "decimal", "difflib", "email", "email.message"),
    *("email.utils", "enum", "fnmatch", "functools", "getpass", "glob", "gzip", "hashlib", "heapq"),
    *("hmac", "html", "html.parser", "http", "http.client", "http.cookiejar", "http.cookies"),
    *("http.server", "importlib", "importlib.metadata", "inspect", "io", "itertools", "json"),
    *("logging", "logging.config", "logging.handlers", "math", "mimetypes", "multiprocessing"),
    *("numbers", "operator", "os", "os.path", "pathlib", "pickle", "pkgutil", "platform", "pprint"),
    *("queue", "random", "re", "secrets", "select", "shlex", "shutil", "signal", "socket", "ssl"),
    *("socketserver", "sqlite3", "stat", "string", "struct", "subprocess", "sys", "sysconfig"),
    *("tarfile", "tempfile", "textwrap", "threading", "time", "timeit", "token", "tokenize"),
    *("traceback", "types", "typing", "unicodedata", "unittest", "unittest.mock", "urllib.parse"),
    *("urllib.request", "uuid", "warnings", "weakref", "xml.etree.ElementTree", "zipfile", "zlib"),
    # What pylint looks at because of those above, and nothing imports by these names.
    *("__future__", "_hashlib", "_json", "_pickle", "_weakrefset", "binascii", "calendar", "code"),
    *("encodings", "encodings.idna", "errno", "filecmp", "gc", "importlib.util", "json.decoder"),
    *("json.encoder", "json.scanner", "netrc", "ntpath", "posixpath", "pwd", "re._compiler"),
    *("re._parser", "readline", "reprlib", "rlcompleter", "_sitebuiltins", "_sre", "_typing"),
    *("_warnings", "array", "colorsys", "concurrent", "concurrent.futures._base"),
    *("concurrent.futures.thread", "ctypes.wintypes", "fractions", "linecache", "mmap", "pty"),
    *("pydoc", "urllib", "webbrowser"),
)
"""Standard modules whose trees are held ready; what they import comes with them."""
COLLECT_AFTER = (50_000, 20, 20)
"""Thresholds of the garbage collector: a job makes trees that live until its end, and looking at
them again and again, as the usual thresholds have it, is about a tenth of a small job."""


class Warm:
    """What is held ready for jobs.

    Attributes:
        held: trees of the standard library.
    """

    def __init__(self, library: Library) -> None:
        self.held = library
        self._manager = library.manager
        self._intact = True
        self._wanted = list(reversed(COMMON))

    @property
    def complete(self) -> bool:
        """Whether everything is held ready that is meant to be."""
        return not self._wanted

    def prepare(self) -> None:
        """Hold one more module ready."""
        self.held.fill(self._wanted.pop())
        gc.collect()
        gc.freeze()

    def forget(self) -> None:
        """Start from nothing, as a new process would."""
        if self._intact:
            self._intact = False  # first: reading again registers transforms
            self.held.forget()
            self._manager.clear_cache()

    def guard(self, linter: Any) -> None:
        """Forget when a plugin registers a transform or an option changes how modules are read."""
        transforms = self._manager._transform  # noqa: SLF001  # no other way
        transforms.register_transform = self._forgetting(transforms.register_transform)
        usual, opened = self._reading_options(), linter.open

        def open_honestly(this: Any) -> None:
            opened(this)
            if self._reading_options() != usual:
                self.forget()

        linter.open = open_honestly

    def _forgetting(self, register: Callable[..., Any]) -> Callable[..., Any]:
        def forget_and_register(*words: Any, **named: Any) -> Any:
            self.forget()
            return register(*words, **named)

        return forget_and_register

    def _reading_options(self) -> tuple[Any, ...]:
        manager = self._manager
        return (
            manager.always_load_extensions,
            manager.max_inferable_values,
            manager.prefer_stubs,
            frozenset(manager.extension_package_whitelist),
        )


def make_library() -> Library:
    """Watch every tree that pylint builds from now on; return what hands them out."""
    library = Library()
    noting.install()
    quicker.install()
    ancestors.install()
    library.install()
    return library


def preload() -> Warm | None:
    """Import the linters and lint the sample, so that jobs find everything in place.

    Returns:
        What is held ready; None: it is another pylint, of which nothing can be.
    """
    lint = import_module("pylint.lint")
    os.chdir("/")
    lint.Run(["--rcfile", os.devnull, "-j1", "--persistent=n", str(SAMPLE)], exit=False)
    import_module("flake8.main.cli").main(["--isolated", "-j1", str(SAMPLE)])
    if not knows_pylint():
        import_module("astroid.manager").AstroidManager().clear_cache()
        return None
    library = make_library()
    library.manager.clear_cache()  # what was built so far is not watched
    warm = Warm(library)
    warm.guard(lint.PyLinter)
    gc.set_threshold(*COLLECT_AFTER)
    sys.stdout.flush()
    gc.collect()
    gc.freeze()
    return warm
