"""Carries every attack out, in a sandbox or without, and prints what happened as JSON.

It is a program of its own, because the set-ups need another user or a kernel that lacks something.
Its environment must hold the secret.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from lintbot.errors import SandboxUnavailableError
from lintbot.ports import Ending, Profile, SandboxJob, SandboxResult
from lintbot.sandbox import SANDBOX_USER, LayeredSandbox, Limits, Tier, make_sandbox
from lintbot.sandbox.toolenv import ToolEnvironment, prepare_tools
from tests.hostile.lacking import LACKING
from tests.hostile.world import HERE, MEMORY_MIB, SYSCALLS, World, a_world

TOOLS = ("pylint", "flake8", "ruff", "mypy", "packaging")
"""The linters, and what this program itself imports."""
LIMITS = Limits(memory_bytes=MEMORY_MIB * 1024 * 1024, output_bytes=4 * 1024 * 1024)
TOGETHER_SECONDS = 60.0
ALONE_SECONDS = 30.0
TIMED_SECONDS = (0.6, 3.0, 20.0)
"""Of attacks that must be ended by it; the later ones where the first did not even start them."""
SANDBOXED_PATIENCE_SECONDS = 30.0
CONTROL_PATIENCE_SECONDS = 1.5
AT_ONCE, FEW = 3, 7
TIMEOUT_WORDS = "longer than"

Facts = dict[str, Any]
Way = dict[str, Facts]
"""What is known of each attack, by its name."""


def read_attacks() -> list[Facts]:
    """Return what each attack says of itself; the corpus is whole only as it lies in a checkout."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(HERE / "corpus", Path(folder, "corpus"))
        shutil.copy(SYSCALLS, Path(folder, "corpus"))
        code = (
            "import json; from corpus import ATTACKS;"
            "print(json.dumps([{**a._asdict(), 'run': ''} for a in ATTACKS.values()]))"
        )
        printed = subprocess.check_output([sys.executable, "-c", code], cwd=folder)
    return list(json.loads(printed))


# --- without a sandbox


def run_control(world: World, python: Path, attacks: Sequence[Facts]) -> dict[str, Way]:
    """Run every attack as a plain process of ours."""
    alone = [attack for attack in attacks if attack["alone"]]

    def run(attack: Facts) -> str:
        hangs = attack["cannot"] and attack["ends"] == TIMEOUT_WORDS
        return _run_plainly(world, python, 1.0 if hangs else 30.0, attack["name"])

    with ThreadPoolExecutor(6) as pool:
        outputs = list(pool.map(run, alone))
    outputs.append(_run_plainly(world, python, 60.0))
    return {"control": _read_lines("\n".join(outputs))}


def _run_plainly(world: World, python: Path, seconds: float, *names: str) -> str:
    process = subprocess.Popen(
        [python, "-m", "corpus", *names],
        cwd=world.checkout,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        close_fds=False,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        _kill_group(process.pid)
        output, _ = process.communicate()
    _kill_group(process.pid)
    return _ends_of(output)


def _ends_of(output: bytes) -> str:
    return (output[:100_000] + b"\n" + output[-100_000:]).decode(errors="replace")


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(pid, 9)


# --- in the sandbox


class Attacker:
    """Runs every attack as a program, with and without threads, and inside every linter."""

    def __init__(self, sandbox: LayeredSandbox, world: World, attacks: Sequence[Facts]) -> None:
        self._sandbox = sandbox
        self._world = world
        self._alone = [attack for attack in attacks if attack["alone"]]
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def attack(self) -> dict[str, Way]:
        """Return the report by way."""
        ways = [self._together(argv, profile) for _, argv, profile in _ways()]
        report = dict(zip([way for way, _, _ in _ways()], await asyncio.gather(*ways), strict=True))
        report["alone"] = await self._all_alone(_program, Profile.SINGLE)
        report["alone with threads"] = await self._few_by_few(Profile.THREADS)
        if self._sandbox.tier is not Tier.B:  # no warm server there, and the very same child
            report["alone in pylint"] = await self._all_alone(_hook, Profile.SINGLE)
        return report

    async def _together(self, argv: tuple[str, ...], profile: Profile) -> Way:
        result = await self._run(argv, profile, TOGETHER_SECONDS)
        return _read_lines(result.stdout.decode(errors="replace"), result)

    async def _few_by_few(self, profile: Profile) -> Way:
        """Some at a time; alone only those that another one of them took down first."""
        chosen = [attack for attack in self._alone if _is_for(attack, profile)]
        few = [attack["name"] for attack in chosen if not attack["ends"]]
        groups = [tuple(few[at : at + FEW]) for at in range(0, len(few), FEW)]
        runs = await asyncio.gather(
            *(self._run(_program(*group), profile, ALONE_SECONDS) for group in groups)
        )
        found: Way = {}
        for run in runs:
            found |= _read_lines(_ends_of(run.stdout))
        rest = [a for a in chosen if not found.get(a["name"], {"start": False})["start"]]
        again = await asyncio.gather(*(self._one_alone(a, _program, profile) for a in rest))
        return found | {a["name"]: facts for a, facts in zip(rest, again, strict=True)}

    async def _all_alone(self, words: Any, profile: Profile) -> Way:
        chosen = [attack for attack in self._alone if _is_for(attack, profile)]
        runs = await asyncio.gather(*(self._one_alone(each, words, profile) for each in chosen))
        return {attack["name"]: facts for attack, facts in zip(chosen, runs, strict=True)}

    async def _one_alone(self, attack: Facts, words: Any, profile: Profile) -> Facts:
        facts: Facts = {"start": False}
        name = attack["name"]
        for seconds in TIMED_SECONDS if attack["ends"] == TIMEOUT_WORDS else (ALONE_SECONDS,):
            if facts["start"]:
                break
            found = await self._run(words(name), profile, seconds)
            lines = _read_lines(_ends_of(found.stdout))
            facts = lines.get(name, {"start": False, "stderr": _ends_of(found.stderr[-300:])})
            facts |= {"ending": found.ending, "reason": found.reason}
        return facts

    async def _run(self, argv: tuple[str, ...], profile: Profile, seconds: float) -> SandboxResult:
        job = SandboxJob(
            argv=argv, root=self._world.checkout, timeout_seconds=seconds, profile=profile
        )
        async with self._turn:
            return await self._sandbox.run(job)


def _is_for(attack: Facts, profile: Profile) -> bool:
    """Tell whether threads make a difference; time limits are kept outside and know of none."""
    if profile is Profile.SINGLE:
        return True
    return attack["ends"] != TIMEOUT_WORDS and "single" not in attack["name"]


def _ways() -> Iterator[tuple[str, tuple[str, ...], Profile]]:
    program = ("python3", "-m", "corpus")
    mypy = ("mypy", "--cache-dir=/dev/null", "--config-file=mypy.ini", "victim.py")
    yield "mypy plugin", mypy, Profile.THREADS
    yield "as a program", program, Profile.SINGLE
    yield "as a program with threads", program, Profile.THREADS
    pylint = ("pylint", "-j1", "--persistent=n", "--rcfile")
    yield "pylint init-hook", (*pylint, "init_hook.rc", "victim.py"), Profile.SINGLE
    yield "pylint load-plugins", (*pylint, "load_plugins.rc", "victim.py"), Profile.SINGLE
    flake8 = ("flake8", "-j1", "--config")
    yield "flake8 extension", (*flake8, "local_extension.cfg", "victim.py"), Profile.SINGLE
    yield "flake8 report", (*flake8, "local_report.cfg", "victim.py"), Profile.SINGLE


def _program(*names: str) -> tuple[str, ...]:
    return ("python3", "-m", "corpus", *names)


def _hook(name: str) -> tuple[str, ...]:
    code = "import sys; sys.path.insert(0, '.'); from corpus import carry_out; "
    code += f"carry_out([{name!r}], lambda line: __import__('os').write(1, line.encode()))"
    pylint = ("pylint", "-j1", "--persistent=n", "--rcfile=/dev/null")
    return (*pylint, f"--init-hook={code}", "README")


def _read_lines(text: str, result: SandboxResult | None = None) -> Way:
    found: Way = {}
    for word, name, rest in re.findall(r"^(start|breach|held) (\w+) ?(.*)$", text, re.MULTILINE):
        facts = found.setdefault(name, {"start": False, "breach": False})
        if word == "held":
            facts["held"] = rest[:200]
        else:
            facts[word] = True
    if result is not None and result.ending is not Ending.EXITED:
        words = {"ending": result.ending, "reason": result.reason}
        found["the batch itself"] = {"start": False, **words}
    return found


# --- what is left behind


def look_around(base: Path) -> Facts:
    """Return what must be the same before and after."""
    return {
        "files": {str(path): _look_at(path) for path in sorted(base.rglob("*"))},
        "mounts": Path("/proc/self/mountinfo").read_text().count("\n"),
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "processes": sorted(_find_processes(base)),
    }


def _look_at(path: Path) -> str:
    facts = path.lstat()
    content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
    digest = hashlib.sha256(content).hexdigest()[:12]
    return f"{facts.st_mode:o} {facts.st_uid} {facts.st_mtime_ns} {facts.st_nlink} {digest}"


def _find_processes(base: Path) -> Iterator[str]:
    """Yield the command lines of attacks and job servers over this folder, or of our own."""
    for path in Path("/proc").iterdir():
        if not path.name.isdigit() or int(path.name) == os.getpid():
            continue
        try:
            words = path.joinpath("cmdline").read_bytes().replace(b"\0", b" ")
            state, parent = path.joinpath("stat").read_text().rpartition(")")[2].split()[:2]
            folder = str(path.joinpath("cwd").readlink())
        except OSError:
            folder = ""
        text = words.decode(errors="replace")
        job = "corpus" in text and folder.startswith(str(base))
        if state != "Z" and (job or ("lintbot_jail" in text and int(parent) == os.getpid())):
            yield text[:200]


# --- main


def main() -> None:
    """Print the report of one set-up."""
    parser = argparse.ArgumentParser()
    parser.add_argument("base", type=Path)
    parser.add_argument("tools", type=Path)
    parser.add_argument("--lacking", choices=LACKING, default="nothing")
    parser.add_argument("--mode", default="auto")
    parser.add_argument("--control", action="store_true")
    options = parser.parse_args()
    tools = prepare_tools(options.tools, TOOLS)
    attacks = read_attacks()
    control = options.control
    with a_world(
        options.base,
        python=tools.python,
        libraries=None if control else tools.libraries,
        user=SANDBOX_USER if os.geteuid() == 0 and not control else os.geteuid(),
        patience_seconds=CONTROL_PATIENCE_SECONDS if control else SANDBOXED_PATIENCE_SECONDS,
    ) as world:
        if control:
            report: Facts = {"runs": run_control(world, tools.python, attacks)}
        else:
            LACKING[options.lacking]()
            report = asyncio.run(_attack(options, tools, world, attacks))
    print(json.dumps({"attacks": attacks, **report}))


async def _attack(
    options: argparse.Namespace, tools: ToolEnvironment, world: World, attacks: Sequence[Facts]
) -> Facts:
    sandbox = make_sandbox(
        mode=options.mode,
        jobs_root=world.jobs_root,
        tools_root=tools.root.parent,
        limits=LIMITS,
        tools=TOOLS,
    )
    before = look_around(options.base)
    await sandbox.start()
    tier, reports = sandbox.tier, [f"{found.tier}: {found.words}" for found in sandbox.describe()]
    runs = await Attacker(sandbox, world, attacks).attack() if tier else {}
    refusal = "" if tier else await _be_refused(sandbox, world)
    tier_after = await sandbox.probe()
    await sandbox.aclose()
    return {
        "tier": tier,
        "tier_after": tier_after,
        "reports": reports,
        "refusal": refusal,
        "runs": runs,
        "heard": world.heard(),
        "before": before,
        "after": look_around(options.base),
    }


async def _be_refused(sandbox: LayeredSandbox, world: World) -> str:
    """Return in which words a job is refused."""
    job = SandboxJob(argv=("pylint", "victim.py"), root=world.checkout, timeout_seconds=10)
    try:
        result = await sandbox.run(job)
    except SandboxUnavailableError as error:
        return str(error)
    return f"it ran: {result}"


if __name__ == "__main__":
    main()
