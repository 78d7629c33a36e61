"""Tool sets: made by pip from wheels, run in the sandbox, and never of anything unknown."""

from __future__ import annotations

import asyncio
import os
import time
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from importlib.metadata import distribution
from pathlib import Path

import pytest

from lintbot.errors import ToolSetError
from lintbot.firewall import Firewall
from lintbot.model.ids import Sha
from lintbot.model.known_tools import Kit
from lintbot.model.lint import LintResult
from lintbot.model.lint_run import Conclusion
from lintbot.pipeline.judge import judge
from lintbot.pipeline.lint import Linter
from lintbot.ports import Checkout, GitSource
from lintbot.sandbox import LayeredSandbox, make_sandbox, set_servers, tool_sets
from lintbot.sandbox.pip import explain, make_environment
from lintbot.sandbox.tool_cache import an_open_folder
from lintbot.sandbox.tool_sets import PreparedSets
from tests.support.findings import a_result
from tests.support.report_fakes import FakeCatalog
from tests.support.report_values import NOON, a_job, a_summary
from tests.support.trees import a_checkout

OLDER = "6.0.0"
"""flake8 as it is here, under another number: nobody asks an index."""
DEAF = "6.5.0"
"""flake8 before it knew F401."""
PLUGIN = """
class Check:
    name, version = "flake8-print", "5.0.0"

    def __init__(self, tree):
        self.tree = tree

    def run(self):
        yield 1, 0, "T201 print found", type(self)
"""
Files = dict[str, str | bytes]
ENTRY = "[flake8.extension]\nT20 = flake8_print:Check\n"


def write_wheel(folder: Path, name: str, version: str, files: dict[str, bytes]) -> None:
    stem = f"{name.replace('-', '_')}-{version}"
    info = f"{stem}.dist-info"
    meta = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    files = {f"{info}/METADATA": meta.encode()} | files
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    record = f"{info}/RECORD"
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as wheel:
        for path, data in files.items():
            wheel.writestr(path, data)
        wheel.writestr(record, "".join(f"{path},,\n" for path in (*files, record)))


def pack(folder: Path, name: str, version: str = "", **changes: str) -> None:
    """Write the wheel of a distribution that is installed here, some of its files changed."""
    found = distribution(name)
    version = version or found.version
    stem = f"{name}-{version}.dist-info"
    files = {
        str(it): it.read_binary()
        for it in found.files or ()
        if it.suffix == ".py" and ".." not in it.parts
    }
    files |= {path: text.encode() for path, text in changes.items()}
    text = str(found.read_text("METADATA"))
    files[f"{stem}/METADATA"] = text.replace(
        f"\nVersion: {found.version}\n", f"\nVersion: {version}\n"
    ).encode()
    files[f"{stem}/entry_points.txt"] = str(found.read_text("entry_points.txt") or "").encode()
    write_wheel(folder, name, version, files)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All wheels that pip can get at."""
    folder = tmp_path_factory.mktemp("index")
    for name in ("flake8", "pyflakes", "pycodestyle", "mccabe"):
        pack(folder, name)
    pack(folder, "flake8", OLDER)
    defaults = Path(str(distribution("flake8").locate_file("flake8/defaults.py"))).read_text()
    deaf = defaults.replace("IGNORE = (", 'IGNORE = (\n    "F401",')
    assert deaf != defaults
    pack(folder, "flake8", DEAF, **{"flake8/defaults.py": deaf})
    info = "flake8_print-5.0.0.dist-info/entry_points.txt"
    write_wheel(
        folder, "flake8-print", "5.0.0", {"flake8_print.py": PLUGIN.encode(), info: ENTRY.encode()}
    )
    write_wheel(folder, "flake8-todos", "1.0", {"nothing.py": b""})
    broken = "flake8_commas-1.0.dist-info/entry_points.txt"
    write_wheel(folder, "flake8-commas", "1.0", {broken: b"[flake8.extension]\nC8 = not_there:x\n"})
    write_wheel(folder, "evil", "1.0", {"evil.py": b""})
    return folder


def ask_only(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pip ask no index but this folder."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder that the sandbox's user can reach; the server's own tools are built there once."""
    with an_open_folder() as folder:
        yield folder


@pytest.fixture
async def sandbox(
    place: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[LayeredSandbox]:
    ask_only(index, monkeypatch)
    made = make_sandbox(
        mode="auto", jobs_root=place / "jobs", tools_root=place / "tools", warm=False
    )
    await made.start()
    yield made
    await made.aclose()


@pytest.fixture
async def sets(
    tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[PreparedSets]:
    ask_only(index, monkeypatch)

    async def check(_key: str, _kit: Kit) -> None:
        pass

    made = PreparedSets(tmp_path, index_url="", check=check)
    yield made
    await made.aclose()


def linter_of(sandbox: LayeredSandbox) -> Linter:
    return Linter(
        sandbox=sandbox,
        versions=sandbox.tool_versions,
        python_version="3",
        tool_sets=sandbox.tool_sets,
        wait_seconds=60,
    )


def lay(place: Path, files: Files) -> Checkout:
    return a_checkout(place / "jobs" / f"{time.monotonic_ns()}", files)


async def lint(sandbox: LayeredSandbox, place: Path, files: Files) -> LintResult:
    return await linter_of(sandbox).lint_tree(lay(place, files | CODE), 100)


CODE: Files = {
    "a.py": '"""A."""\nimport os\n',
    ".lintbot.toml": "[tools]\npylint = false\n",
}
WITH_PLUGIN: Files = {
    "requirements-dev.txt": f"flake8=={OLDER}\nflake8-print==5.0.0\n",
    "tox.ini": "[flake8]\nrequire-plugins = flake8-print\n",
}


async def test_a_pinned_version_and_its_plugin_are_prepared_once_and_judge(
    sandbox: LayeredSandbox, place: Path
):
    result = await lint(sandbox, place, WITH_PLUGIN)
    (report,) = result.tools
    assert report.full_version == f"{OLDER} with flake8-print 5.0.0 pinned by requirements-dev.txt"
    assert (report.partial, report.makeshift, report.notices) == (False, False, ())
    assert {it.code for it in result.findings} == {"F401", "T201"}
    kit = (f"flake8=={OLDER}", "flake8-print==5.0.0")
    assert report.identity == kit
    assert (await sandbox.tool_sets.find(kit, 0)).versions.keys() == {"flake8", "flake8-print"}
    own = await lint(sandbox, place, {})
    assert own.tools[0].version == distribution("flake8").version
    assert {it.code for it in own.findings} == {"F401"}
    again = await linter_of(sandbox).lint_tree(lay(place, CODE), 100, as_in=result)
    assert again.tools[0].identity == kit


async def test_what_only_a_new_version_says_fails_no_check(sandbox: LayeredSandbox, place: Path):
    files: Files = {**CODE, "b.py": "print(missing)\n"}
    head = await linter_of(sandbox).lint_tree(lay(place, files), 100)
    assert {it.code for it in head.findings} == {"F401", "F821"}
    judgement, verdict = judge(head, a_result(tools=head.tools), baseline_sha=Sha("b" * 40))
    assert verdict.conclusion is Conclusion.FAILURE
    catalog = FakeCatalog()
    catalog.summaries[a_job().repository_id] = [a_summary(versions={"flake8": DEAF})]

    class Trees:
        @asynccontextmanager
        async def checkout(self, _source: object, _sha: str) -> AsyncIterator[Checkout]:
            yield lay(place, files)

    class AtNoon:
        def now(self) -> datetime:
            return NOON

    firewall = Firewall(
        catalog=catalog,  # type: ignore[arg-type]
        trees=Trees(),  # type: ignore[arg-type]
        lint_again=linter_of(sandbox).lint_tree,
        clock=AtNoon(),
    )
    source = GitSource(repository_id=a_job().repository_id, url="", token="")
    spared = await firewall.spare(a_job(), source, "main", judgement, 100)
    assert [it.code for it in spared.comparison.new] == ["F821"]
    assert [it.code for it in spared.comparison.upgrade] == ["F401"]
    assert f"flake8 changed from {DEAF} to" in spared.notes[-1]
    catalog.summaries[a_job().repository_id] = [a_summary(versions={"flake8": "6.6.6"})]
    unknown = await firewall.spare(a_job(), source, "main", judgement, 100)
    assert unknown.comparison == judgement.comparison
    assert "could not be run" in unknown.notes[-1]
    late = await firewall.spare(a_job(), source, "main", judgement, 0)
    assert "could not be run" in late.notes[-1]
    catalog.runs[a_job().repository_id] = []
    catalog.summaries.clear()
    assert await firewall.spare(a_job(), source, "main", judgement, 100) == judgement


@pytest.mark.parametrize(
    ("pins", "why"),
    [
        ("flake8==6.9.9", "the package index has no such version as a wheel"),
        ("flake8-commas==1.0", "it does not work here"),
    ],
)
async def test_what_cannot_be_used_is_told_and_the_servers_own_judges(
    sandbox: LayeredSandbox, place: Path, pins: str, why: str
):
    sets_before = len(list((place / "tools").glob("*set-*")))
    result = await lint(sandbox, place, {"requirements.txt": pins + "\n"})
    (report,) = result.tools
    assert report.version == distribution("flake8").version
    assert (report.makeshift, result.failed) == (True, True)
    assert why in report.notices[0]
    assert "F401" in {it.code for it in result.findings}
    assert len(list((place / "tools").glob("*set-*"))) == sets_before
    assert report.missing == (("flake8-commas",) if "commas" in pins else ())


async def test_no_repository_can_make_the_server_install_something_unknown(
    sandbox: LayeredSandbox, place: Path
):
    before = sorted((place / "tools").iterdir())
    result = await lint(
        sandbox,
        place,
        {
            "requirements.txt": "evil==1.0\nflake8-evil\nflake8 @ file:///x/evil.whl\n",
            "setup.cfg": "[flake8]\nrequire-plugins = evil\n",
        },
    )
    assert result.tools[0].missing == ("evil",)
    for kit in (("evil==1.0",), ("flake8==7", "--index-url=x"), ("flake8", "evil")):
        with pytest.raises(ToolSetError, match="does not know"):
            await sandbox.tool_sets.find(kit, 60)
    assert sorted((place / "tools").iterdir()) == before


async def test_sets_are_few_and_the_least_used_goes(
    sets: PreparedSets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tool_sets, "MAX_SETS", 1)
    first = await sets.find((f"flake8=={OLDER}",), 60)
    with pytest.raises(ToolSetError, match="as many versions ready as it may"):
        await sets.find(("flake8", "flake8-todos==1.0"), 60)
    os.utime(tmp_path / first.key, (0, 0))
    monkeypatch.setattr(tool_sets, "FAILED_SECONDS", 0)
    second = await sets.find(("flake8", "flake8-todos==1.0"), 60)
    assert [it.name for it in tmp_path.glob("set-*")] == [second.key]
    with pytest.raises(ToolSetError, match="removed"):
        sets.open(first.key)


@pytest.mark.parametrize("error", [RuntimeError("/secret/folder"), ToolSetError("no such one")])
async def test_a_bug_in_making_a_set_is_told_like_any_other_failure(
    sets: PreparedSets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
):
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(tool_sets, "install", fail)
    words = "no such one" if isinstance(error, ToolSetError) else "did not work here"
    for _ in range(2):
        with pytest.raises(ToolSetError, match=words):
            await sets.find((f"flake8=={OLDER}",), 60)
    assert list(tmp_path.glob("*set-*")) == []


async def test_a_set_that_another_worker_just_removed_is_not_used(
    sets: PreparedSets, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sets, "_is_ready", lambda _key: True)
    with pytest.raises(ToolSetError, match="was removed"):
        await sets.find((f"flake8=={OLDER}",), 60)


async def test_nobody_waits_longer_than_told(sets: PreparedSets, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tool_sets, "MAX_WAITING", 1)
    with pytest.raises(ToolSetError, match="is being prepared"):
        await sets.find((f"flake8=={OLDER}",), 0)
    with pytest.raises(ToolSetError, match="too many"):
        await sets.find(("flake8",), 0)


def test_pip_is_told_no_secret_and_its_words_are_not_repeated():
    environment = {"PATH": "/bin", "PIP_CERT": "x", "https_proxy": "y", "DATABASE_URL": "secret"}
    told = make_environment(environment, "https://index.example/simple")
    assert "DATABASE_URL" not in told
    assert told["PIP_INDEX_URL"] == "https://index.example/simple"
    assert make_environment(environment, "").keys() == {"PATH", "PIP_CERT", "https_proxy"}
    for words in ("ERROR: ResolutionImpossible: https://secret", "HTTP error https://secret"):
        assert "secret" not in explain(words)
    assert "no pip" in explain("/secret/python: No module named pip")


async def test_servers_that_wait_for_long_end(monkeypatch: pytest.MonkeyPatch):
    class Servers:
        def __init__(self) -> None:
            self.closed = False

        async def close(self) -> None:
            self.closed = True

    monkeypatch.setattr(set_servers, "IDLE_SECONDS", -1.0)
    kept = set_servers.SetServers(lambda _key: Servers())  # type: ignore[arg-type, return-value]
    async with kept.borrow("a") as first, kept.borrow("a") as same:
        assert first is same
    async with kept.borrow("a") as other:
        assert other is not first
        assert first.closed  # type: ignore[attr-defined]
    await asyncio.gather(kept.close())
    assert other.closed  # type: ignore[attr-defined]
