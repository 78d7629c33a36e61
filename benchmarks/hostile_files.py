"""What a bad file costs the others: ``python benchmarks/hostile_files.py [SECONDS]``.

Each case is twenty good files and ``bad.py``, linted in the sandbox within so many seconds (60).
The table says how long it took, how many of the good files each tool judged, and what was lost.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
import time
from pathlib import Path

from lintbot.model.lint import LintResult
from lintbot.pipeline.lint import Linter
from lintbot.ports import Checkout
from lintbot.sandbox import make_sandbox

GOOD = {f"good{number:02}.py": "import os\n" for number in range(20)}
PYLINT_PLUGIN = """\
import os
from pylint.checkers import BaseChecker
class Hostile(BaseChecker):
    name = "hostile"
    msgs = {"W9901": ("said", "said", "said")}
    def visit_module(self, node):
        if node.name == "bad":
            ACTION
def register(linter):
    linter.register_checker(Hostile(linter))
"""
PYLINTRC = "[MAIN]\ninit-hook='import sys; sys.path.insert(0, \".\")'\nload-plugins=hostile\n"
FLAKE8_PLUGIN = """\
import os
class Hostile:
    name, version = "hostile", "1"
    def __init__(self, tree, filename):
        self.filename = filename
    def run(self):
        if self.filename.endswith("bad.py"):
            ACTION
        return iter(())
"""
FLAKE8 = "[flake8:local-plugins]\nextension =\n  X = hostile:Hostile\npaths = .\n"
ACTIONS = {
    "raises": "1 / 0",
    "never ends": "while True: pass",
    "sleeps": "__import__('time').sleep(10_000)",
    "eats memory": "all(iter(lambda x=[]: x.append(bytearray(10**7)) or True, None))",
    "is killed": "os.kill(os.getpid(), 9)",
    "leaves": "os._exit(3)",
}
TYPED = {"pyproject.toml": "[tool.mypy]\n[tool.bandit]\n"}


def make_cases() -> dict[str, dict[str, str]]:
    """Return the files of each case."""
    cases = {
        "nothing bad": {},
        "20,000 attributes in a row": {"bad.py": "x = a" + ".b" * 20_000 + "\n"},
        "20,000 calls of calls": {"bad.py": "x = a" + "()" * 20_000 + "\n"},
        "5,000 parentheses": {"bad.py": "(" * 5_000 + ")" * 5_000 + "\n"},
        "3,000 elif": {"bad.py": "if x: pass\n" + "elif x: pass\n" * 3_000},
        "a sum of 50,000": {"bad.py": "x = " + "+".join(["1"] * 50_000) + "\n"},
        "the same with mypy": TYPED | {"bad.py": "x = " + "+".join(["1"] * 50_000) + "\n"},
        "a list of 200,000": {"bad.py": "x = [" + "0," * 200_000 + "]\n"},
        "50,000 calls": {"bad.py": "".join(f"print({n})\n" for n in range(50_000))},
    }
    for words, action in ACTIONS.items():
        plugin = PYLINT_PLUGIN.replace("ACTION", action)
        cases[f"a plugin of pylint {words}"] = {
            "pylintrc": PYLINTRC,
            "hostile.py": plugin,
            "bad.py": "import os\n",
        }
        plugin = FLAKE8_PLUGIN.replace("ACTION", action)
        cases[f"a plugin of flake8 {words}"] = {
            ".flake8": FLAKE8,
            "hostile.py": plugin,
            "bad.py": "import os\n",
        }
    return cases


def write(folder: Path, files: dict[str, str]) -> Checkout:
    """Lay files out as a checkout."""
    folder.mkdir()
    folder.chmod(0o755)
    for name, text in files.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o644)
    return Checkout(root=folder, files=tuple(sorted(files)))


def describe(result: LintResult) -> str:
    """Return how many good files were judged, and what was lost and why."""
    judged = {
        tool.tool: len({f.path for f in result.findings if f.tool == tool.tool} & GOOD.keys())
        for tool in result.tools
    }
    lost = [
        f"{tool.tool} {', '.join(tool.failed_files[:3]) or tool.reason}"
        for tool in result.tools
        if tool.partial
    ]
    counts = ", ".join(f"{tool} {judged[tool]}" for tool in ("pylint", "flake8"))
    return f"{counts} | {'; '.join(lost) or 'nothing'}"


async def main(seconds: float) -> None:
    """Run every case and print the table."""
    folder = Path(tempfile.mkdtemp(prefix="lintbot-bench-")).resolve()
    folder.chmod(0o755)
    sandbox = make_sandbox(mode="auto", jobs_root=folder / "jobs", tools_root=folder / "tools")
    try:
        await sandbox.start()
        linter = Linter(sandbox=sandbox, versions=sandbox.tool_versions, python_version="3")
        print("| case | s | good files judged, of 20 | lost |\n|---|---|---|---|")
        for number, (name, files) in enumerate(make_cases().items()):
            checkout = write(folder / "jobs" / str(number), GOOD | files)
            start = time.monotonic()
            result = await linter.lint_tree(checkout, seconds)
            print(f"| {name} | {time.monotonic() - start:.1f} | {describe(result)} |", flush=True)
    finally:
        await sandbox.aclose()
        shutil.rmtree(folder)


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0))
