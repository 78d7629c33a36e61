"""The words of others on the same thing: interrogate on docstrings, pyroma on metadata.

CHAOSS's worked example of the bus factor is in ``test_signals.py``.
"""

from __future__ import annotations

import importlib.util
from importlib.metadata import metadata
from pathlib import Path
from typing import Any

import pyroma.ratings
import pytest
from interrogate.config import InterrogateConfig
from interrogate.coverage import InterrogateCoverage

from lintbot.trust.counter import count, list_files, read_tree
from lintbot.trust.signals.metadata import packaging
from tests.support.trust_values import some_facts

MANY = {"classifier", "project-url", "license-file", "provides-extra", "requires-dist"}


def folder_of(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0])


@pytest.mark.parametrize("package", ["interrogate", "packaging", "jinja2"])
def test_interrogate_counts_the_same_names_and_docstrings(package: str):
    root = folder_of(package)
    paths = list_files(str(root))
    trees = [tree for path in paths if (tree := read_tree(str(root), path)) is not None]
    numbers = [count(it, of_tests=False) for it in trees]
    names, documented = (sum(it[at] for it in numbers) for at in (0, 1))
    told = InterrogateCoverage([str(root / path) for path in paths], conf=InterrogateConfig())
    oracle = told.get_coverage()
    assert (documented, names) == (oracle.covered, oracle.total)


def test_interrogate_takes_one_word_for_a_docstring_and_we_do_not(tmp_path: Path):
    (tmp_path / "a.py").write_text('"""A."""\ndef f():\n    """F."""\n')
    oracle = InterrogateCoverage([str(tmp_path / "a.py")], conf=InterrogateConfig()).get_coverage()
    assert oracle.perc_covered == 100
    tree = read_tree(str(tmp_path), "a.py")
    assert tree is not None
    assert count(tree, of_tests=False)[3] == 0


def rate_both(name: str, *, without: frozenset[str] = frozenset()) -> tuple[int, float]:
    """Return pyroma's rating of a distribution's metadata, and ours of the same fields."""
    message = metadata(name)
    kept = {key.lower() for key in message} - without
    data: dict[str, Any] = {
        key: message.get_all(key) if key in MANY else str(message[key]) for key in kept
    }
    if "description" not in without:
        data.setdefault("description", message.get_payload())
    fields = {
        "name": "name",
        "description": "summary",
        "readme": "description",
        "requires-python": "requires-python",
        "classifiers": "classifier",
        "keywords": "keywords",
        "urls": "project-url",
    }
    project = {ours: data.get(theirs) for ours, theirs in fields.items()}
    project["license"] = data.get("license-expression") or data.get("license")
    project["authors"] = data.get("author") or data.get("author-email")
    pyproject = {"project": project, "build-system": {"requires": ["x"]}}
    tenths = packaging(some_facts(pyproject=pyproject)).tenths
    assert tenths is not None
    return int(pyroma.ratings.rate(data)[0]), tenths / 10


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # docutils to pyroma
@pytest.mark.parametrize("name", ["aiohttp", "hypothesis", "interrogate", "rich", "sqlalchemy"])
def test_pyroma_and_we_agree_on_good_metadata_and_on_what_is_taken_away(name: str):
    theirs, ours = rate_both(name)
    assert theirs >= 7
    assert abs(theirs - ours) <= 1
    poor = frozenset({"summary", "description", "classifier", "author", "author-email"})
    their_rest, our_rest = rate_both(name, without=poor)
    assert their_rest < theirs
    assert our_rest < ours
