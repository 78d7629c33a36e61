"""A program for the sandbox: counts what is in Python files. It imports nothing of lintbot.

``ast.parse`` on hostile sources can take all memory or crash the interpreter, so this never
runs in lintbot's own process (``trust/measure.py`` sends its text to the sandbox). It writes
the number of each file before it reads it: whoever runs it knows at which file it died.

    python3 -I -c TEXT FIRST
"""

from __future__ import annotations

import ast
import os
import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

MAX_FILES, MAX_BYTES = 20_000, 1024 * 1024
MIN_WORDS = 3
_LEFT_OUT = {"node_modules", "vendor", "_vendor", "third_party", "site-packages"}
_TEST_FOLDERS = {"test", "tests"}
_WORD = re.compile(r"[A-Za-z0-9]+")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_Definition = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def is_test(path: str) -> bool:
    """Tell whether a file is of the tests, by the names that test runners look for."""
    *folders, name = path.split("/")
    return bool(_TEST_FOLDERS.intersection(folders)) or (
        name.startswith("test_") or name in {"conftest.py", "tests.py"} or name.endswith("_test.py")
    )


def list_files(root: str) -> list[str]:
    """Return the Python files below a folder, sorted, without copies of other projects."""
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in _LEFT_OUT and name[:1] != "."]
        here = Path(folder).relative_to(root)
        found += [(here / name).as_posix() for name in names if name.endswith(".py")]
    return sorted(found)[:MAX_FILES]


def read_tree(root: str, path: str) -> ast.Module | None:
    """Return the syntax tree of a file; None when it has none that can be read."""
    try:
        with Path(root, path).open("rb") as file:
            text = file.read(MAX_BYTES + 1)
        return ast.parse(text) if len(text) <= MAX_BYTES else None
    except (SyntaxError, ValueError, RecursionError, MemoryError, OSError):
        return None


def walk_names(tree: ast.Module) -> Iterator[tuple[_Definition, str, bool]]:
    """Give every module, class and function, with its name and whether it is public."""
    waiting: list[tuple[_Definition, str, bool]] = [(tree, "", True)]
    while waiting:
        node, name, public = waiting.pop()
        yield node, name, public
        inner = public and not isinstance(node, _FUNCTIONS)  # what is in a function is private
        waiting += [(it, it.name, inner and it.name[:1] != "_") for it in _definitions(node)]


def _definitions(node: ast.AST) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    """Give the definitions directly in a node, also below ``if`` and ``try``."""
    waiting = list(ast.iter_child_nodes(node))
    while waiting:
        child = waiting.pop()
        if isinstance(child, (ast.ClassDef, *_FUNCTIONS)):
            yield child
        elif isinstance(child, (ast.stmt, ast.ExceptHandler, ast.match_case)):
            waiting += ast.iter_child_nodes(child)


def explains(docstring: str | None, name: str) -> bool:
    """Tell whether a docstring has three words or more that are not the name again."""
    words = [word.lower() for word in _WORD.findall(docstring or "")]
    own = {word.lower() for word in _WORD.findall(name.replace("_", " "))}
    return len([word for word in words if word not in own]) >= MIN_WORDS


def is_typed(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Tell whether every argument but ``self`` or ``cls``, and the result, has a type."""
    every = node.args
    arguments = [*every.posonlyargs, *every.args]
    if arguments and arguments[0].arg in {"self", "cls"}:
        arguments = arguments[1:]
    arguments += [*every.kwonlyargs, *filter(None, (every.vararg, every.kwarg))]
    has_result = node.returns is not None or node.name == "__init__"
    return has_result and all(argument.annotation is not None for argument in arguments)


def checks_something(node: ast.AST) -> bool:
    """Tell whether a test can fail by its own doing: it asserts, raises or calls something."""
    return any(isinstance(it, (ast.Assert, ast.Raise, ast.Call)) for it in ast.walk(node))


def count_statements(tree: ast.AST) -> int:
    """Return the number of statements, without ``pass``, texts and bare constants."""
    return sum(
        isinstance(it, ast.stmt)
        and not isinstance(it, ast.Pass)
        and not (isinstance(it, ast.Expr) and isinstance(it.value, ast.Constant))
        for it in ast.walk(tree)
    )


def count(tree: ast.Module, *, of_tests: bool) -> list[int]:
    """Return the numbers of ``model.counts.Counts`` from ``names`` on."""
    names = documented = public = explained = functions = typed = tests = 0
    for node, name, is_public in walk_names(tree):
        docstring = ast.get_docstring(node, clean=False)
        names += 1
        documented += docstring is not None
        if of_tests:
            is_a_test = isinstance(node, _FUNCTIONS) and name.startswith("test")
            tests += is_a_test and checks_something(node)
            continue
        public += is_public
        explained += is_public and explains(docstring, name)
        if isinstance(node, _FUNCTIONS):
            functions += 1
            typed += is_typed(node)
    statements = count_statements(tree)
    sizes = [0, statements] if of_tests else [statements, 0]
    return [names, documented, public, explained, functions, typed, *sizes, tests]


def main(root: str, first: int) -> None:
    """Write ``N`` and then the numbers of file N, from a file on; ``-`` for one that is unread."""
    warnings.simplefilter("ignore")
    for number, path in enumerate(list_files(root)):
        if number >= first:
            sys.stdout.write(f"{number} ")
            sys.stdout.flush()
            tree = read_tree(root, path)
            numbers = (
                "-" if tree is None else ",".join(map(str, count(tree, of_tests=is_test(path))))
            )
            sys.stdout.write(f"{numbers}\n")
    sys.stdout.write("end\n")


if __name__ == "__main__":
    main(".", int(sys.argv[1]))
