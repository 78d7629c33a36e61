"""Each signal against the facts that it is made of; unknown stays unknown."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from lintbot.model.counts import Counts
from lintbot.model.history import History
from lintbot.model.package import Owners, Status
from lintbot.model.requirement import Requirements, State
from lintbot.trust.facts import Facts, is_text_wanted, read_pyproject
from lintbot.trust.signals.activity import (
    absence_factor,
    bus_factor,
    count_code_weeks,
    looks_abandoned,
    maintained,
    recent_absence_factor,
)
from lintbot.trust.signals.dependencies import dependencies
from lintbot.trust.signals.metadata import licence, packaging, read_setup_cfg, recognise
from lintbot.trust.signals.sources import docs, typing
from lintbot.trust.signals.sources import tests as rate_tests
from lintbot.trust.signals.supply import freeze, hand_off, release
from tests.support.trust_values import (
    NOW,
    a_commit,
    a_dependency,
    a_history,
    a_project,
    a_requirement,
    some_facts,
)

LIBRARY = '[project]\nname = "x"\n[build-system]\nrequires = ["flit_core"]\n'
MIT = (Path(__file__).parents[2] / "LICENSE").read_text()


def library(more: str = "", texts: dict[str, str] | None = None, **changes: object) -> Facts:
    text = LIBRARY.replace("[build-system]", f"{more}\n[build-system]")
    files = {"pyproject.toml": text} | (texts or {})
    paths = frozenset(files) | changes.pop("paths", frozenset())
    return some_facts(texts=files, paths=paths, pyproject=read_pyproject(files), **changes)


# --- activity --------------------------------------------------------------------------------


def test_the_worked_example_of_chaoss():
    assert absence_factor([1000, 202, 90, 33, 332, 343, 42, 433]) == 2
    assert absence_factor([]) == 0


@pytest.mark.parametrize(
    ("history", "released_days_ago", "tenths"),
    [
        (a_history(*range(0, 91, 7)), 10, 100),
        (a_history(*range(0, 28, 7)), 10, 75),
        (a_history(0, 0, 1, 2, 3), 10, 56),
        (a_history(500), 10, 50),
        (a_history(500), 3000, 0),
        (None, 10, 100),
        (a_history(*range(0, 91, 7), code=False), 3000, 0),
    ],
)
def test_maintained_is_weeks_of_work_and_the_last_release(
    history: History | None, released_days_ago: int, tenths: int
):
    project = a_project("1", days_ago=released_days_ago)
    assert maintained(some_facts(history=history, package=project)).tenths == tenths


def test_maintained_knows_archived_mature_young_and_unknown():
    assert maintained(some_facts(archived=True)).tenths == 0
    assert maintained(some_facts()).tenths is None
    assert maintained(some_facts(history=a_history(3, whole=True))).tenths is None
    mature = {"classifiers": "\nDevelopment Status :: 6 - Mature"}
    old = some_facts(history=a_history(900), setup_cfg=mature)
    assert maintained(old).tenths == 50
    in_danger = replace(old, dependencies=(a_dependency(State.VULNERABLE),))
    assert maintained(in_danger).tenths == 0


def test_a_tag_is_a_release_where_the_index_knows_none():
    tagged = replace(a_history(500), newest_tag=NOW.date())
    assert maintained(some_facts(history=tagged)).tenths == 50


def test_bus_factor_counts_weeks_of_people():
    alone = bus_factor(some_facts(history=a_history(*range(0, 300, 7))))
    assert alone.tenths == 10  # never less while somebody works
    team = History(
        commits=tuple(a_commit(day, person) for day in range(0, 300, 7) for person in range(8))
    )
    assert bus_factor(some_facts(history=team)).tenths == 100
    assert recent_absence_factor(some_facts(history=team)) == 4
    assert bus_factor(some_facts(history=a_history(1200))).tenths == 0
    assert recent_absence_factor(some_facts(history=a_history(1200))) == 0
    assert bus_factor(some_facts(history=a_history(700))).tenths == 10
    for unknown in (some_facts(), some_facts(history=a_history(3, whole=True))):
        assert bus_factor(unknown).tenths is None
        assert recent_absence_factor(unknown) is None


def test_abandoned_needs_both_facts():
    old, new = a_project("1", days_ago=800), a_project("1", days_ago=80)
    assert looks_abandoned(some_facts(history=a_history(800), package=old))
    assert not looks_abandoned(some_facts(history=a_history(800), package=new))
    assert not looks_abandoned(some_facts(history=a_history(8), package=old))
    assert not looks_abandoned(some_facts(package=old))


# --- gaming ----------------------------------------------------------------------------------


def test_splitting_commits_gains_nothing():
    honest = some_facts(history=a_history(*range(0, 300, 7)))
    split = some_facts(history=a_history(*[day for day in range(0, 300, 7) for _ in range(50)]))
    assert bus_factor(split).tenths == bus_factor(honest).tenths
    assert maintained(split).tenths == maintained(honest).tenths


def test_weekly_commits_by_a_script_count_only_where_they_change_code():
    empty = a_history(*range(0, 91, 7), code=False)
    assert count_code_weeks(empty, NOW.date()) == 0
    bots = History(commits=tuple(a_commit(day, bot=True) for day in range(0, 91, 7)))
    assert count_code_weeks(bots, NOW.date()) == 0


def test_what_cannot_be_told_from_work_gains_what_the_document_says():
    old = a_project("1", days_ago=3000)
    scripted = a_history(*range(0, 91, 7))
    assert maintained(some_facts(history=scripted, package=old)).tenths == 50
    calls = Counts(statements=100, test_statements=50, tests=1)
    ci = {".github/workflows/t.yml": "run: pytest"}
    assert rate_tests(some_facts(counts=calls, texts=ci)).tenths == 100


def test_three_invented_people_lift_the_factor_and_cost_weeks_of_work():
    own = [a_commit(day, 1) for day in range(0, 350, 7)]
    once = [a_commit(9, person) for person in (2, 3, 4)]
    signal = bus_factor(some_facts(history=History(commits=tuple(own + once))))
    assert signal.tenths == 10
    steady = [a_commit(day, person) for day in range(0, 350, 7) for person in (2, 3, 4)]
    signal = bus_factor(some_facts(history=History(commits=tuple(own + steady))))
    assert signal.tenths == 65  # a year of weekly commits by each


def test_empty_tests_gain_nothing():
    honest = rate_tests(some_facts(counts=Counts(statements=100)))
    padded = rate_tests(some_facts(counts=Counts(statements=100, test_statements=60)))
    assert honest.tenths == padded.tenths == 0


# --- sources ---------------------------------------------------------------------------------


def test_tests_exist_are_of_some_size_and_run_in_ci():
    counts = Counts(statements=100, test_statements=50, tests=9)
    ci = {".github/workflows/t.yml": "run: pytest"}
    assert rate_tests(some_facts(counts=counts, texts=ci)).tenths == 100
    assert rate_tests(some_facts(counts=counts)).tenths == 70
    made = {".github/workflows/t.yml": "  - run: |\n      make ci\n", "Makefile": "ci:\n\tpytest\n"}
    assert rate_tests(some_facts(counts=counts, texts=made)).tenths == 100
    assert rate_tests(some_facts(counts=counts, texts=made | {"Makefile": "ci:"})).tenths == 70
    half = rate_tests(some_facts(counts=replace(counts, test_statements=25, unread=1)))
    assert half.tenths == 50
    assert "1 files could not be read" in half.facts[-1]
    assert rate_tests(some_facts()).tenths is None


def test_docs_are_docstrings_readme_site_and_changelog():
    counts = Counts(public=4, explained=2)
    bare = some_facts(counts=counts)
    assert docs(bare).tenths == 30
    full = some_facts(
        counts=counts,
        texts={"README.md": "x" * 801},
        paths=frozenset(["README.md", "docs/conf.py", "CHANGES.rst"]),
    )
    assert docs(full).tenths == 70
    named = library('urls = {Documentation = "https://x.example"}', counts=counts)
    assert docs(named).tenths == 45
    assert docs(some_facts()).tenths is None


def test_typing_needs_functions_to_be_known():
    counts = Counts(functions=4, typed=4)
    assert typing(library(counts=counts, paths=frozenset(["x/py.typed"]))).tenths == 100
    half = typing(library(counts=replace(counts, typed=2)))
    assert (half.tenths, len(half.advice)) == (30, 2)
    assert typing(some_facts(counts=Counts())).tenths is None
    assert typing(some_facts()).tenths is None


# --- supply ----------------------------------------------------------------------------------


def test_freeze_of_an_application():
    pinned = a_requirement("a", "==1", pinned="1")
    loose = a_requirement("b", ">=1")
    half = some_facts(requirements=Requirements(found=(pinned, loose)))
    assert freeze(half).tenths == 50
    locked = replace(half, requirements=Requirements(found=(loose,), hashed=True))
    assert freeze(locked).tenths == 80
    assert freeze(replace(locked, paths=frozenset(["renovate.json"]))).tenths == 100


def test_freeze_of_a_library_and_its_actions():
    bounded, free = a_requirement("a", ">=1"), a_requirement("b", "<2")
    odd = a_requirement("c", "not a specifier")
    pinned = "uses: actions/checkout@" + "a" * 40
    texts = {".github/workflows/t.yml": f"  - {pinned}\n  - uses: x/y@v1\n  - uses: ./here\n"}
    facts = library(texts=texts, requirements=Requirements(found=(bounded, free, odd)))
    signal = freeze(facts)
    assert signal.tenths == 23  # 4 × 1/3 and 2 × 1/2
    assert "1 of 2 actions pinned by commit" in signal.facts
    assert freeze(library(requirements=Requirements())).tenths == 60


def test_release_of_a_library():
    workflow = (
        "permissions:\n  contents: read\njobs: # pull_request_target is only spoken of\n"
        "  - uses: pypa/gh-action-pypi-publish@v1\n    id-token: write\n"
    )
    facts = library(
        texts={".github/workflows/r.yml": workflow},
        history=a_history(1, tags=3),
        package=a_project("1", attested=True),
    )
    assert release(facts).tenths == 100
    risky = {".github/workflows/r.yml": "on: pull_request_target\n"}
    assert release(library(texts=risky, history=a_history(1, tags=3))).tenths == 0
    assert release(library()).tenths is None
    assert release(some_facts(history=a_history(1, tags=3))).tenths == 50


def test_hand_off_is_files_that_let_others_help():
    paths = ("SECURITY.md", ".github/CONTRIBUTING.md", "CODEOWNERS", "docs/CODE_OF_CONDUCT.md")
    more = (".github/FUNDING.yml", ".github/ISSUE_TEMPLATE/bug.yml")
    assert hand_off(some_facts(paths=frozenset([*paths, *more]))).tenths == 100
    assert hand_off(some_facts(paths=frozenset(["src/SECURITY.md"]))).tenths == 0


@pytest.mark.parametrize(
    ("owners", "tenths"),
    [(Owners(0), 25), (Owners(1), 25), (Owners(2), 50), (Owners(3), 75), (Owners(1, True), 75)],
)
def test_half_of_hand_off_is_who_owns_the_package(owners: Owners, tenths: int):
    paths = frozenset(["SECURITY.md", "CODEOWNERS"])
    assert hand_off(some_facts(paths=paths, owners=owners)).tenths == tenths


# --- metadata --------------------------------------------------------------------------------


def test_licence_of_a_library_is_file_text_expression_and_agreement():
    texts = {"LICENSE": MIT}
    assert licence(library('license = "MIT"', texts)).tenths == 100
    assert licence(library('license = "Apache-2.0"', texts)).tenths == 90
    assert licence(library('license = {text = "MIT"}', texts)).tenths == 100
    classified = library('classifiers = ["License :: OSI Approved :: MIT License"]', texts)
    assert licence(classified).tenths == 80
    assert licence(library('license = "no such licence"', texts)).tenths == 70
    assert licence(library()).tenths == 0
    assert licence(some_facts(texts={"COPYING": "mine"})).tenths == 71
    assert licence(some_facts(texts=texts)).tenths == 100


@pytest.mark.parametrize(
    ("words", "spdx"),
    [
        ("Apache License\n   Version 2.0, January 2004", "Apache-2.0"),
        ("GNU AFFERO GENERAL PUBLIC LICENSE\n Version 3", "AGPL-3.0"),
        ("all rights reserved", ""),
    ],
)
def test_texts_are_recognised_whatever_their_lines(words: str, spdx: str):
    assert recognise(words) == spdx


def test_packaging_leaves_out_what_only_a_build_can_tell():
    poor = packaging(library('dynamic = ["version", "Description"]'))
    assert poor.tenths == 22  # name and build system of 9
    assert "only a build can tell: description" in poor.facts
    assert packaging(some_facts(paths=frozenset(["setup.py"]))).tenths is None
    licensed = read_setup_cfg("[metadata]\nlicense_files = LICENSE\n")
    by_code = some_facts(paths=frozenset(["setup.py"]), setup_cfg=licensed)
    assert packaging(by_code).tenths is None, "setup.py may say all the rest"
    assert packaging(some_facts()).tenths is None
    said = "".join(f"{it} = x\n" for it in ("name", "description", "license", "url", "author"))
    old = replace(by_code, setup_cfg=read_setup_cfg(f"[metadata]\n{said}"))
    assert packaging(old).tenths == 83  # 5 of 5, and no build system
    assert read_setup_cfg("no section") == read_setup_cfg("[x]\na = 1\n") == {}


# --- dependencies ----------------------------------------------------------------------------


def test_dependency_health_is_mean_and_worst_of_what_is_known():
    files = Requirements(files=("requirements.txt",))
    good = replace(a_dependency(name="a"), tenths=100)
    bad = replace(a_dependency(State.VULNERABLE, "b"), tenths=20)
    unknown = a_dependency(State.UNKNOWN, "c")
    locked = replace(bad, requirement=a_requirement("d", locked=True), tenths=0)
    dev = replace(locked, requirement=a_requirement("e", group="dev"))
    facts = some_facts(requirements=files, dependencies=(good, bad, unknown, locked, dev))
    signal = dependencies(facts)
    assert signal.tenths == 44  # .6 × 6.0 + .4 × 2.0
    assert signal.facts[0] == "2 of 3 dependencies known"
    assert dependencies(some_facts()).tenths is None
    assert dependencies(some_facts(requirements=files)).tenths is None
    assert dependencies(some_facts(requirements=files, dependencies=(unknown,))).tenths is None
    partial = replace(files, problems=("Pipfile.lock is larger than 5 MiB.",))
    signal = dependencies(replace(facts, requirements=partial))
    assert "not all requirements could be read" in signal.facts
    (why,) = dependencies(some_facts(requirements=partial)).facts
    assert why == "Not all requirements could be read."


# --- facts -----------------------------------------------------------------------------------


def test_which_texts_are_read():
    wanted = ("README.rst", "LICENSE", ".github/workflows/a.yml", ".circleci/config.yml", "tox.ini")
    assert all(map(is_text_wanted, wanted))
    assert not any(map(is_text_wanted, ("a.py", "docs/README.md", ".github/a.yml")))


def test_a_library_is_told_by_its_build():
    assert library().is_library
    assert some_facts(paths=frozenset(["setup.py"])).is_library
    assert not some_facts().is_library
    poetry = {"tool": {"poetry": {"name": "x"}}, "build-system": {}}
    assert some_facts(pyproject=poetry).is_library
    assert read_pyproject({"pyproject.toml": "["}) == {}
    assert Counter(library(texts={".travis.yml": "pytest"}).ci) == {"pytest": 1}
    assert library(package=a_project("1", status=Status.ACTIVE)).package is not None
