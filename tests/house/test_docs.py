"""What the documents say is compared with the code, so that they cannot drift apart."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lintbot.__main__ import make_parser
from lintbot.billing.plans import ALLOWANCES
from lintbot.git.limits import MIB, GitLimits, MirrorLimits, TreeLimits
from lintbot.intake.decide import HUGE_FILES, HUGE_KIB
from lintbot.model.plans import DAYS_AFTER_A_PLAN, PriceModel, Share
from lintbot.model.requirement import State
from lintbot.model.trust import SIGNALS
from lintbot.report.annotations import MAX_ANNOTATIONS
from lintbot.report.publish import BATCH
from lintbot.trust.score import LETTERS
from lintbot.web.hooks import MAX_BODY_BYTES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", *sorted(DOCS.rglob("*.md")))
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)#]+)[^)]*\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path):
    targets = [link for link in _LINK.findall(page.read_text()) if ":" not in link]
    missing = [link for link in targets if not (page.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_is_named_exists(page: Path):
    named = re.findall(r"`((?:lintbot|tests|benchmarks|docs)/[\w./-]*)`", page.read_text())
    missing = [name for name in named if not (ROOT / name).exists()]
    assert missing == []


def test_the_architecture_shows_every_room():
    text = (DOCS / "architecture.md").read_text()
    rooms = [path for path in (ROOT / "lintbot").iterdir() if path.name[:1] not in "_."]
    names = [f"{path.name}/" if path.is_dir() else path.name for path in rooms]
    assert [name for name in names if f"`{name}`" not in text] == []


def test_the_readme_names_every_command():
    text = (ROOT / "README.md").read_text() + (DOCS / "configuration.md").read_text()
    parser = make_parser()
    commands = [c for a in parser._subparsers._group_actions for c in a.choices]
    assert [command for command in commands if command not in text] == []


def test_the_limits_are_those_of_the_code():
    rows = dict(
        re.findall(r"^\| ([^|`]+?) \| ([^|]+?) \| [^|]+ \|$", _configuration(), re.MULTILINE)
    )
    tree, mirror, git = TreeLimits(), MirrorLimits(), GitLimits()
    expected = {
        "webhook body": f"{MAX_BODY_BYTES // 10**6} MB",
        "annotations in a check run": f"{MAX_ANNOTATIONS}, most severe first",
        "annotations in a request": f"{BATCH}",
        "a huge change or repository": (
            f"more than {HUGE_FILES} changed files, or {HUGE_KIB // 1024} MiB"
        ),
        "files in a commit": f"{tree.files:,}",
        "one file": f"{tree.file_bytes // MIB} MiB",
        "all files of a commit": f"{tree.tree_bytes // MIB} MiB",
        "a path": f"{tree.path_bytes:,} bytes, {tree.depth} folders deep",
        "one fetch": f"{git.pack_bytes // MIB:,} MiB, {git.fetch_seconds:.0f} seconds",
        "commits in a mirror": f"{mirror.commits}",
        "a mirror that nobody uses": f"{mirror.unused_seconds / 86400:.0f} days",
    }
    assert {name: rows.get(name) for name in expected} == expected


def _configuration() -> str:
    return (DOCS / "configuration.md").read_text()


def test_the_plans_are_those_of_the_code():
    text = (DOCS / "plans.md").read_text()
    rows = re.findall(r"^\| ([a-z -]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", text, re.MULTILINE)
    private = {0: "none", None: "all of the account's", 1: "one for each unit, the oldest first"}
    runs = {
        Share.SINGLE: "as many as `LINTBOT_ACCOUNT_SLOTS` says",
        Share.DOUBLE: "twice as many",
    }
    expected = []
    for model, it in ALLOWANCES.items():
        kept = f"{it.history_days} days"
        if it.history_days is None:
            kept = "as long as those of public ones"
        if model is PriceModel.FREE:
            kept = f"{DAYS_AFTER_A_PLAN} days after a plan"
        name = model.value.replace("-", " ")
        expected.append((name, private[it.private_repositories], runs[it.share], kept))
    assert rows[1:] == expected


def test_the_trust_formula_is_that_of_the_code():
    text = (DOCS / "trust.md").read_text()
    rows = [f"| {it.title} | {it.weight:g} | {it.formula} [source](" for it in SIGNALS.values()]
    assert [row for row in rows if row not in text] == []
    edges = ", ".join(f"{letter} from {least / 10}" for letter, least in LETTERS[:-1])
    assert f"{edges}, else F" in " ".join(text.split())
    told = {state: state.level or "nothing" for state in State}
    for line in re.findall(
        r"^\| ([^|]+) \| [^|]+ \| (failure|warning|notice|nothing) \|$", text, re.MULTILINE
    ):
        assert {told.pop(State(name)) for name in line[0].split(", ")} == {line[1]}
    assert told == {}
