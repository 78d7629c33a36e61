"""Shell: builds the folder that linters are run from, apart from lintbot's own environment.

It holds copies of exactly the distributions that the linters need. So what a linter can import, and
therefore what it finds, does not depend on what lintbot happens to need; nor does what pylint
finds depend on what mypy and bandit need: these have folders of their own.
"""

from __future__ import annotations

import compileall
import hashlib
import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from lintbot.errors import SandboxUnavailableError
from lintbot.sandbox.interpreter import Interpreter, copy_interpreter, find_interpreter

TOOLS = ("pylint", "flake8", "ruff")
"""These share a folder of libraries: pylint and flake8 run in one warm process."""
APART = ("mypy", "bandit")
"""These have a folder of libraries each; they are executed, but for mypy where it remembers."""
_JAIL = Path(__file__).with_name("jail")
JAIL_PACKAGE = "lintbot_jail"
_LAYOUT = "3"
"""Counts up when the folder's layout changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolEnvironment:
    """A finished folder of linters.

    Attributes:
        root: everything is below it; readable by everybody, written by nobody.
        python: the interpreter to run them with.
        visible: folders outside ``root`` that the interpreter needs.
        versions: of each tool.
    """

    root: Path
    python: Path
    visible: tuple[Path, ...]
    versions: dict[str, str]

    @property
    def libraries(self) -> Path:
        """The folder of distributions that the warm linters import from."""
        return self.root / "lib"

    @property
    def jail(self) -> Path:
        """The folder to import ``lintbot_jail`` from."""
        return self.root / "jail"

    @property
    def programs(self) -> Path:
        """The folder for PATH: python3, ruff, and the linters' console scripts."""
        return self.root / "bin"

    def program(self, name: str) -> Path:
        """Return the path of a program such as ``ruff``."""
        return self.programs / name


Libraries = dict[str, dict[str, Distribution]]
"""The distributions of each folder of libraries, by the folder's name."""


def prepare_tools(
    folder: Path, tools: tuple[str, ...] = TOOLS, apart: tuple[str, ...] = APART
) -> ToolEnvironment:
    """Return the environment for these tools; build it if it is not there. Blocking.

    Raises:
        SandboxUnavailableError: a tool is not installed, or was installed without its file list.
    """
    interpreter = find_interpreter()
    libraries = {"lib": _close_over(tools)}
    libraries |= {f"lib-{tool}": _close_over((tool,)) for tool in apart}
    root = folder / _digest(libraries, interpreter)
    if not root.is_dir():
        build(root, interpreter, partial(_copy, libraries))
    versions = {
        name: found.version
        for distributions in libraries.values()
        for name, found in distributions.items()
        if name in {*tools, *apart}
    }
    return open_environment(root, interpreter, versions)


def open_environment(
    root: Path, interpreter: Interpreter, versions: Mapping[str, str]
) -> ToolEnvironment:
    """Return a folder that was built."""
    return ToolEnvironment(
        root=root,
        python=root / "bin" / "python3",
        visible=() if interpreter.must_copy else interpreter.visible,
        versions=dict(versions),
    )


def _close_over(tools: Iterable[str]) -> dict[str, Distribution]:
    """Return the distributions that some tools need on this machine, themselves included."""
    found: dict[str, Distribution] = {}
    wanted = list(tools)
    while wanted:
        name = wanted.pop()
        if name in found:
            continue
        found[name] = _find(name)
        requirements = map(Requirement, found[name].requires or ())
        wanted += [
            canonicalize_name(need.name)
            for need in requirements
            if need.marker is None or need.marker.evaluate({"extra": ""})
        ]
    return dict(sorted(found.items()))


def _find(name: str) -> Distribution:
    try:
        found = distribution(name)
    except PackageNotFoundError as error:
        raise SandboxUnavailableError(f"{name} is not installed beside lintbot") from error
    if found.files is None:
        raise SandboxUnavailableError(f"{name} was installed without a list of its files")
    return found


def _digest(libraries: Libraries, interpreter: Interpreter) -> str:
    contents = []
    for folder, distributions in libraries.items():
        contents.append(folder)
        for name, found in distributions.items():
            contents.append(f"{name} {found.version} {found.read_text('RECORD')}")
    return digest_of(contents, interpreter)


def digest_of(contents: Iterable[str], interpreter: Interpreter) -> str:
    """Return 16 hexadecimal digits over everything that makes an environment what it is."""
    digest = hashlib.sha256(f"{_LAYOUT} {sys.version} {interpreter}".encode())
    for content in contents:
        digest.update(content.encode())
    for module in sorted(_JAIL.rglob("*.py")):
        digest.update(module.name.encode() + module.read_bytes())
    return digest.hexdigest()[:16]


Fill = Callable[[Path], Libraries]
"""Puts distributions into folders of libraries, their programs into ``bin``; returns them."""


def build(root: Path, interpreter: Interpreter, fill: Fill) -> None:
    """Make the folder aside and move it into place whole. Blocking."""
    root.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{root.name}-", dir=root.parent))
    try:
        _make(aside, root, interpreter, fill)
        _open_to_readers(aside)
        aside.rename(root)
    except BaseException as error:
        shutil.rmtree(aside, ignore_errors=True)
        if not (isinstance(error, OSError) and root.is_dir()):  # else another process was first
            raise


def _make(aside: Path, root: Path, interpreter: Interpreter, fill: Fill) -> None:
    (aside / "bin").mkdir()
    package = aside / "jail" / JAIL_PACKAGE
    shutil.copytree(_JAIL, package, ignore=shutil.ignore_patterns("__pycache__"))
    libraries = fill(aside)
    compileall.compile_dir(aside, quiet=2)
    python = interpreter.executable
    if interpreter.must_copy:
        python = root / copy_interpreter(interpreter, aside / "python").relative_to(aside)
    (aside / "bin" / "python3").symlink_to(python)
    for folder, distributions in libraries.items():
        for found in distributions.values():
            _write_scripts(found, aside / "bin", root, folder)


def _copy(libraries: Libraries, aside: Path) -> Libraries:
    for folder, distributions in libraries.items():
        (aside / folder).mkdir()
        for found in distributions.values():
            _copy_files(found, aside, folder)
    return libraries


def _copy_files(found: Distribution, aside: Path, folder: str) -> None:
    scripts = {point.name for point in found.entry_points.select(group="console_scripts")}
    for source, relative in _list_files(found):
        if ".." not in relative.parts:
            target = aside / folder / relative
        elif relative.parent.name == "bin" and relative.name not in scripts:
            target = aside / "bin" / relative.name
        else:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)


def _list_files(found: Distribution) -> Iterator[tuple[Path, Path]]:
    for file in found.files or ():
        source = Path(str(file.locate()))
        if source.is_file():  # byte code is listed but need not be there
            yield source, Path(file)


def _write_scripts(found: Distribution, programs: Path, root: Path, folder: str) -> None:
    """Write the console scripts, isolated as ``python -I`` is, with their own libraries only."""
    for point in found.entry_points.select(group="console_scripts"):
        script = programs / point.name
        python = shlex.quote(str(root / "bin" / "python3"))
        script.write_text(
            # As pip does: after #! the kernel takes no blank and no long path; a shell does.
            "#!/bin/sh\n"
            f"'''exec' {python} -IS \"$0\" \"$@\"\n' '''\n"
            f"import sys\n"
            f"sys.path.append({str(root / folder)!r})\n"
            f"from {point.module} import {point.attr}\n"
            f"sys.exit({point.attr}())\n"
        )
        script.chmod(0o755)


def _open_to_readers(folder: Path) -> None:
    """Let the sandbox's own user read everything, whatever this process's umask is."""
    for path, _, names in os.walk(folder):
        Path(path).chmod(0o755)
        for file in (Path(path, name) for name in names):
            if not file.is_symlink():
                file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)
