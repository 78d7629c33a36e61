"""Carries every attack out, in a sandbox or without, and prints what happened as JSON.

It runs as a program of its own, because the set-ups need another user or a kernel that lacks something.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from lintbot.ports import Ending, Profile, SandboxJob, SandboxResult
from lintbot.sandbox import SANDBOX_USER, LayeredSandbox, Limits, Tier, make_sandbox
from lintbot.sandbox.jail.kernel import hide_process
from lintbot.sandbox.toolenv import ToolEnvironment, prepare_tools
from tests.hostile.lacking import LACKING
from tests.hostile.world import MEMORY_MIB, PATIENCE_SECONDS, World, a_world

TOOLS = ("pylint", "flake8", "ruff", "mypy")
LIMITS = Limits(memory_bytes=MEMORY_MIB * 1024 * 1024, output_bytes=4 * 1024 * 1024)
ALONE_SECONDS, TOGETHER_SECONDS = PATIENCE_SECONDS - 1.5, 60.0
AT_ONCE = 2

Report = dict[str, dict[str, dict[str, object]]]


def read_attacks() -> list[dict[str, object]]:
    """Return what each attack says of itself; importing the corpus needs it whole, as in a checkout."""
    with tempfile.TemporaryDirectory() as folder:
        world = a_copy_of_the_corpus(Path(folder))
        code = (
            "import json; from corpus import ATTACKS;"
            "print(json.dumps([{**a._asdict(), 'run': ''} for a in ATTACKS.values()]))"
        )
        printed = subprocess.check_output([sys.executable, "-c", code], cwd=world)
    return list(json.loads(printed))


def a_copy_of_the_corpus(folder: Path) -> Path:
    """Lay the corpus out as a checkout has it."""
    import shutil

    from tests.hostile.world import HERE, SYSCALLS

    shutil.copytree(HERE / "corpus", folder / "corpus")
    shutil.copy(SYSCALLS, folder / "corpus" / "syscalls.py")
    return folder


# --- without a sandbox


def run_control(world: World, python: Path, attacks: Sequence[dict[str, object]]) -> Report:
    """Run every attack as a plain process of ours."""
    alone = [str(attack["name"]) for attack in attacks if attack["alone"]]
    with ThreadPoolExecutor(8) as pool:
        outputs = [_run_plainly(world, python)]
        outputs += pool.map(lambda name: _run_plainly(world, python, name), alone)
    return {"control": _read_lines("\n".join(outputs))}


def _run_plainly(world: World, python: Path, *names: str) -> str:
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
        output, _ = process.communicate(timeout=PATIENCE_SECONDS + 5)
    except subprocess.TimeoutExpired:
        output = b""
    finally:
        _kill_group(process.pid)
    return output[-100_000:].decode(errors="replace") + output[:100_000].decode(errors="replace")


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, 9)
    except ProcessLookupError:
        pass


# --- in the sandbox


async def run_sandboxed(
    sandbox: LayeredSandbox, world: World, attacks: Sequence[dict[str, object]]
) -> Report:
    """Run every attack as a program, with and without threads, and inside every linter."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def run(argv: tuple[str, ...], profile: Profile, seconds: float) -> SandboxResult:
        async with turn:
            job = SandboxJob(
                argv=argv, root=world.checkout, timeout_seconds=seconds, profile=profile
            )
            return await sandbox.run(job)

    async def run_way(argv: tuple[str, ...], profile: Profile) -> dict[str, dict[str, object]]:
        result = await run(argv, profile, TOGETHER_SECONDS)
        return _read_lines(result.stdout.decode(errors="replace"), result)

    async def run_alone(argv: tuple[str, ...], profile: Profile) -> dict[str, dict[str, object]]:
        found = await run(argv, profile, ALONE_SECONDS)
        text = found.stdout[:100_000] + found.stdout[-100_000:]
        lines = _read_lines(text.decode(errors="replace"))
        return {
            name: {**facts, "ending": found.ending, "reason": found.reason}
            for name, facts in lines.items()
        }

    report: Report = {}
    for way, argv, profile in _ways():
        report[way] = await run_way(argv, profile)
    names = [str(attack["name"]) for attack in attacks if attack["alone"]]
    for way, profile, words in _ways_alone(sandbox.tier):
        chosen = [name for name in names if profile is Profile.SINGLE or "single" not in name]
        runs = await asyncio.gather(*(run_alone(words(name), profile) for name in chosen))
        report[way] = {name: facts for run in runs for name, facts in run.items()}
        for name in chosen:
            report[way].setdefault(name, {"start": False})
    return report


def _ways() -> Iterator[tuple[str, tuple[str, ...], Profile]]:
    program = ("python3", "-m", "corpus")
    yield "as a program", program, Profile.SINGLE
    yield "as a program with threads", program, Profile.THREADS
    pylint = ("pylint", "-j1", "--persistent=n", "--rcfile")
    yield "pylint init-hook", (*pylint, "init_hook.rc", "victim.py"), Profile.SINGLE
    yield "pylint load-plugins", (*pylint, "load_plugins.rc", "victim.py"), Profile.SINGLE
    flake8 = ("flake8", "-j1", "--config")
    yield "flake8 extension", (*flake8, "local_extension.cfg", "victim.py"), Profile.SINGLE
    yield "flake8 report", (*flake8, "local_report.cfg", "victim.py"), Profile.SINGLE
    mypy = ("mypy", "--cache-dir=/dev/null", "--config-file=mypy.ini", "victim.py")
    yield "mypy plugin", mypy, Profile.THREADS


def _ways_alone(tier: Tier | None):  # -> name, profile, argv of an attack
    def program(name: str) -> tuple[str, ...]:
        return ("python3", "-m", "corpus", name)

    def hook(name: str) -> tuple[str, ...]:
        code = "import os, sys; sys.path.insert(0, '.'); from corpus import carry_out;"
        code += f"carry_out([{name!r}], lambda line: os.write(1, line.encode()))"
        return ("pylint", "-j1", "--persistent=n", "--rcfile=/dev/null", f"--init-hook={code}", "README")

    yield "alone", Profile.SINGLE, program
    yield "alone with threads", Profile.THREADS, program
    if tier is not Tier.B:  # it has no warm server: a second for each, and the very same child
        yield "alone in pylint", Profile.SINGLE, hook


def _read_lines(text: str, result: SandboxResult | None = None) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for word, name, rest in re.findall(r"^(start|breach|held) (\w+) ?(.*)$", text, re.MULTILINE):
        facts = found.setdefault(name, {"start": False, "breach": False})
        if word == "held":
            facts["held"] = rest[:200]
        else:
            facts[word] = True
    if result is not None and result.ending is not Ending.EXITED:
        found["the batch itself"] = {"start": False, "ending": result.ending, "reason": result.reason}
    return found


# --- what is left behind


def look_around(base: Path) -> dict[str, object]:
    """Return what must be the same before and after."""
    return {
        "files": {str(path): _look_at(path) for path in sorted(base.rglob("*"))},
        "mounts": Path("/proc/self/mountinfo").read_text().count("\n"),
        "descriptors": len(os.listdir("/proc/self/fd")),
        "processes": sorted(_find_processes(base)),
    }


def _look_at(path: Path) -> str:
    facts = path.lstat()
    content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
    digest = hashlib.sha256(content).hexdigest()[:12]
    return f"{facts.st_mode:o} {facts.st_uid} {facts.st_mtime_ns} {facts.st_nlink} {digest}"


def _find_processes(base: Path) -> Iterator[str]:
    """Yield the command lines of attacks and job servers that are alive, on the whole machine."""
    for path in Path("/proc").iterdir():
        if not path.name.isdigit() or int(path.name) == os.getpid():
            continue
        try:
            words = path.joinpath("cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            state = path.joinpath("stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != "Z" and ("corpus" in words or "lintbot_jail" in words) and str(base) in words:
            yield words[:200]


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
    libraries = None if options.control else tools.libraries
    user = SANDBOX_USER if os.geteuid() == 0 and not options.control else os.geteuid()
    with a_world(options.base, python=tools.python, libraries=libraries, user=user) as world:
        if options.control:
            report = {"runs": run_control(world, tools.python, attacks)}
        else:
            LACKING[options.lacking]()
            hide_process()
            report = asyncio.run(_attack(options, tools, world, attacks))
    print(json.dumps({"attacks": attacks, **report}))


async def _attack(
    options: argparse.Namespace,
    tools: ToolEnvironment,
    world: World,
    attacks: Sequence[dict[str, object]],
) -> dict[str, object]:
    sandbox = make_sandbox(
        mode=options.mode,
        jobs_root=world.jobs_root,
        tools_root=tools.root.parent,
        limits=LIMITS,
        tools=TOOLS,
    )
    before = look_around(options.base)
    await sandbox.start()
    tier, reports = sandbox.tier, [str(found) for found in sandbox.describe()]
    runs = await run_sandboxed(sandbox, world, attacks) if tier else {}
    after_probe = await sandbox.probe()
    await sandbox.aclose()
    await asyncio.sleep(0.2)
    after = look_around(options.base)
    return {
        "tier": tier,
        "tier_after": after_probe,
        "reports": reports,
        "runs": runs,
        "heard": world.heard(),
        "before": before,
        "after": after,
    }


if __name__ == "__main__":
    main()
