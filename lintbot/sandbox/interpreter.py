"""Shell: the Python that linters run on, copied where the sandbox's own user could not reach it."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

_NOT_COPIED = ("site-packages", "config-*", "test", "tests", "idlelib", "turtledemo", "*.opt-?.pyc")
"""The tests are most of the bytes; distributions leave them out of Python as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """A Python installation.

    Attributes:
        executable: the real program, not a virtual environment's link.
        prefix: the installation's folder.
        stdlib: the folder of its standard library.
        must_copy: its folder is closed to the sandbox's user, or holds more than Python.
    """

    executable: Path
    prefix: Path
    stdlib: Path
    must_copy: bool

    @property
    def visible(self) -> tuple[Path, ...]:
        """What must be shown of it besides /usr."""
        return () if self.prefix.is_relative_to("/usr") else (self.prefix,)


def find_interpreter() -> Interpreter:
    """Return the Python that runs this process, without its virtual environment."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    prefix = Path(sys.base_prefix).resolve()
    executable = prefix / "bin" / name
    return Interpreter(
        executable=executable,
        prefix=prefix,
        stdlib=Path(sysconfig.get_path("stdlib", vars={"installed_base": str(prefix)})),
        must_copy=_holds_more(prefix) or (os.geteuid() == 0 and not is_open(executable)),
    )


def _holds_more(prefix: Path) -> bool:
    """Tell whether a prefix is the whole disk, or a home folder, as some build their Python."""
    home = Path(os.path.expanduser("~")).resolve()  # noqa: PTH111  # Path raises where there is none
    return prefix == Path("/") or home.is_relative_to(prefix)


def is_open(path: Path) -> bool:
    """Tell whether any user may pass all folders down to a path and read it."""
    real = path.resolve()
    passable = all(parent.stat().st_mode & stat.S_IXOTH for parent in real.parents)
    return passable and bool(real.stat().st_mode & stat.S_IROTH)


def copy_interpreter(interpreter: Interpreter, target: Path) -> Path:
    """Copy the program, its shared library and the standard library; return the new program."""
    program = target / "bin" / interpreter.executable.name
    library = target / interpreter.stdlib.relative_to(interpreter.prefix)
    program.parent.mkdir(parents=True)
    shutil.copy2(interpreter.executable, program)
    ignored = shutil.ignore_patterns(*_NOT_COPIED)
    shutil.copytree(interpreter.stdlib, library, ignore=ignored, symlinks=True)
    for shared in (interpreter.prefix / "lib").glob("libpython*.so*"):
        shutil.copy2(shared, target / "lib" / shared.name)
    return program
