"""Pure: flake8.

https://flake8.pycqa.org/en/latest/user/options.html
"""

from __future__ import annotations

from lintbot.model.findings import Finding
from lintbot.pipeline.tools.severity import severity_of
from lintbot.pipeline.tools.tool import (
    MAX_FINDINGS,
    Output,
    Parsed,
    Tool,
    Tree,
    UnreadableOutputError,
    clamp_line,
    clean_text,
    last_line,
    place,
)

_FORMAT = "%(path)s\t%(row)d\t%(col)d\t%(code)s\t%(text)s"
"""No file of a checkout has a tab in its name."""
_FIELDS = 5
_CRITICAL = "There was a critical error during execution of Flake8:"
_MAX_NUMBER = 9
"""Digits of a line number that are believed."""


def _command(_files: tuple[str, ...], left_out: tuple[str, ...]) -> tuple[str, ...]:
    # What only changes how flake8 talks is set back, whatever the repository chose.
    options = ("-j1", f"--format={_FORMAT}", "--output-file=", "--no-show-source", "--color=never")
    # flake8 applies `exclude` to folders only while it walks them, so it is given the root, and
    # a part is all but the rest. Names that would end a pattern are left to be judged twice.
    rest = ",".join(f"./{_literal(path)}" for path in left_out if not set(path) & set(", \t"))
    return ("flake8", *options, *((f"--extend-exclude={rest}",) if rest else ()), ".")


def _literal(path: str) -> str:
    """Return a path as an fnmatch pattern that fits only itself."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in path)


def _parse(output: Output, tree: Tree) -> Parsed:
    if _CRITICAL in output.stdout:
        _, _, words = output.stdout.partition(_CRITICAL)
        return Parsed(refused=clean_text(words, 300))
    if output.exit_code not in {0, 1}:
        raise UnreadableOutputError(last_line(output.stderr) or "flake8 stopped without a word")
    lines = output.stdout.splitlines()
    findings = [f for line in lines[:MAX_FINDINGS] if (f := _finding(line, tree))]
    if output.exit_code == 1 and not findings and _says_trouble(output):
        raise UnreadableOutputError(last_line(output.stderr) or "flake8 printed no report")
    notices: tuple[str, ...] = ()
    if len(lines) > MAX_FINDINGS:
        notices = (f"flake8 said {len(lines):,} things; {MAX_FINDINGS:,} are kept.",)
    return Parsed(findings=tuple(findings), notices=notices)


def _says_trouble(output: Output) -> bool:
    # With `quiet` in its configuration flake8 prints file names only.
    return bool(output.stderr.strip() or output.stdout.strip())


def _finding(line: str, tree: Tree) -> Finding | None:
    parts = line.split("\t", _FIELDS - 1)
    path = place(parts[0], tree)
    if len(parts) != _FIELDS or path is None:
        return None
    row, column, code = _number(parts[1]), _number(parts[2]), clean_text(parts[3], 20)
    if row is None or not code:
        return None
    return Finding(
        tool="flake8",
        code=code,
        severity=severity_of(code),
        path=path,
        line=clamp_line(row, path, tree),
        column=column or None,
        message=clean_text(parts[4]),
    )


def _number(text: str) -> int | None:
    fits = text.isascii() and text.isdecimal() and len(text) <= _MAX_NUMBER
    return int(text) if fits else None


FLAKE8 = Tool(name="flake8", threads=False, command=_command, parse=_parse)
