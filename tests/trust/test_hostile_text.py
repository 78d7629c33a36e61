"""Texts that strangers wrote to keep the process busy: every reader comes to an end.

No time is asserted: a reader whose time grows with the square of its text takes minutes here, so
the limit of each test ends it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lintbot.model.counts import Counts
from lintbot.model.requirement import Requirement, State
from lintbot.requirements.one import MAX_SEARCHED, Lines
from lintbot.requirements.written import MAX_FOUND, read_file, read_requirements
from lintbot.trust.facts import MAX_TEXT_BYTES
from lintbot.trust.judge import MAX_OF_ONE_NAME, Known, find_doubtful, judge_all
from lintbot.trust.reporter import read_facts
from lintbot.trust.score import assess
from lintbot.trust.signals.metadata import recognise
from lintbot.trust.signals.supply import release
from lintbot.trust.tree import Tree
from tests.support.trust_values import NOW, a_history, a_project, a_requirement, seen, some_facts

pytestmark = pytest.mark.timeout(120)

SIZE = MAX_TEXT_BYTES
PIECES = (
    *("\n", " ", "\t", "\r", "\n-", "- \n", "-", "\\\n", "'", '"', "[", "{", ".", "^", "="),
    *("uses:\n", "run:\n", "|\n", "make", "name = ", '"a":', "a\n", "a b", "# ", " #", "--hash=\n"),
    *("reusable-", "id-token:\n", "creative commons ", "gnu general public license "),
    "redistribution and use in source and binary forms ",
)
TEXTS = {repr(piece): (piece * SIZE)[:SIZE] for piece in PIECES} | {
    "a gap": "x" + " " * SIZE + "y",
    "a gap in a section": "[metadata]\nname = a\nx" + " " * SIZE + "y\n[options]\n",
}
REQUIRING = (
    *("requirements.txt", "pyproject.toml", "setup.cfg", "Pipfile", "Pipfile.lock", "uv.lock"),
)
READ = (
    *("pyproject.toml", "setup.cfg", "LICENSE", "README.md", "Makefile", ".travis.yml"),
    ".github/workflows/a.yml",
)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_every_reader_ends_with_every_text(text: str) -> None:
    files = {path: text.encode() for path in REQUIRING}
    requirements = read_requirements(files, frozenset())
    assert requirements.files == tuple(sorted(REQUIRING))
    paths = frozenset([*READ, "setup.py"])
    tree = Tree(paths=paths, texts=dict.fromkeys(READ, text), requirements=requirements)
    facts = replace(read_facts(tree, NOW, Counts()), history=a_history(10, tags=1))
    report = assess(facts, "1" * 40)
    assert report.known_percent > 0


def test_a_licence_that_begins_again_and_again_is_no_licence_of_three_clauses() -> None:
    begun = "redistribution and use in source and binary forms "
    assert recognise(begun * 40_000) == "BSD-2-Clause"
    assert recognise(begun * 2 + "neither the name") == "BSD-3-Clause"


def test_a_workflow_that_names_what_publishes_half_and_again_publishes_nothing() -> None:
    path = ".github/workflows/a.yml"
    facts = some_facts(paths=frozenset(["setup.py"]), history=a_history(10, tags=1))
    half = replace(facts, texts={path: "reusable-" * 200_000})
    assert "published by CI: no" in release(half).facts
    assert (
        "published by CI: yes"
        in release(
            replace(facts, texts={path: "uses: ./.github/workflows/reusable-pypi-release.yml"})
        ).facts
    )


def test_a_file_whose_requirements_stand_nowhere_is_read_up_to_the_limit() -> None:
    entries = "".join(f'"a\\u0062{n}",\n' for n in range(2 * MAX_FOUND))
    for path, text in {
        "pyproject.toml": f"[project]\ndependencies = [\n{entries}]\n",
        "Pipfile": "[packages]\n" + "".join(f'"a\\u0062{n}"="*"\n' for n in range(2 * MAX_FOUND)),
        "requirements.txt": "!\n" * SIZE,
    }.items():
        found, _ = read_file(path, text.encode())
        assert len(found) == (0 if path.endswith(".txt") else MAX_FOUND)
        assert {it.line for it in found} <= {1}


def test_what_lies_beyond_the_limit_still_tells_whether_names_may_be_asked_for() -> None:
    files = {
        "a-requirements.txt": "".join(f"a{n}\n" for n in range(MAX_FOUND + 1)).encode(),
        "z-requirements.txt": b"-i https://index.example/simple\nsecret\n",
    }
    read = read_requirements(files, frozenset())
    assert len(read.found) == MAX_FOUND
    assert all(it.elsewhere for it in read.found)


def test_lines_are_told_until_the_search_has_taken_too_long() -> None:
    lines = Lines("\n" * 4_000_000 + 'last = 1\n"last"')
    assert (lines.find('"last"'), lines.find_key("last")) == (4_000_002, 4_000_001)
    assert lines.find_key("x" * 2_000) == 1
    for _ in range(MAX_SEARCHED // 4_000_000):
        lines.find("nowhere")
    assert (lines.find('"last"'), lines.find_key("last")) == (1, 1)


def test_a_version_of_a_lock_file_that_no_index_could_have_is_left_out() -> None:
    text = '[[package]]\nname = "{}"\nversion = "{}"\n'
    lock = text.format("good", "1.0") + text.format("bad", "1" * 5_000)
    assert [it.name for it in read_file("uv.lock", lock.encode())[0]] == ["good"]


def many(*specifiers: str) -> list[Requirement]:
    return [a_requirement("botocore", it, line=n) for n, it in enumerate(specifiers, start=1)]


BOTOCORE = a_project(*(f"1.{major}.{minor}" for major in range(30) for minor in range(30)))


def test_what_is_too_much_to_compare_is_unknown_and_never_shown_as_fine() -> None:
    observations = {"botocore": seen(BOTOCORE, checked_at=NOW - timedelta(days=1))}
    known = Known(now=NOW, observations=observations)
    listed = many(*(f">=0.{n}" for n in range(MAX_FOUND)))
    states = [it.state for it in judge_all(listed, known)]
    assert states == [State.FOUND] * MAX_OF_ONE_NAME + [State.UNKNOWN] * (
        MAX_FOUND - MAX_OF_ONE_NAME
    )
    long = ",".join(f">=0.{n}" for n in range(450))
    assert [it.state for it in judge_all(many(long, ">=1"), known)] == [State.UNKNOWN, State.FOUND]
    assert find_doubtful([*listed, *many("==9")], observations, NOW) == []
    assert find_doubtful(many("==9"), observations, NOW) == ["botocore"]


def test_the_same_requirement_on_many_lines_is_compared_once_and_told_on_each() -> None:
    known = Known(now=NOW, observations={"botocore": seen(BOTOCORE)})
    judged = judge_all(many(*([">=99"] * MAX_FOUND)), known)
    assert {it.state for it in judged} == {State.UNSATISFIED}
    assert [it.requirement.line for it in judged] == list(range(1, MAX_FOUND + 1))
