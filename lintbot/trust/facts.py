"""Pure: what the signals are computed from, and how a repository's own files are asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lintbot.model.counts import Counts
from lintbot.model.history import History
from lintbot.model.package import Owners, Project
from lintbot.model.requirement import Dependency, Requirements
from lintbot.requirements.documents import UnreadableError, get, load_toml, strings

MAX_TEXT_BYTES = 256 * 1024

_ROOT_TEXT = re.compile(
    r"(?:readme|license|licence|copying|unlicense|changelog|changes|history|news|security|"
    r"contributing|pyproject|setup|tox|noxfile|makefile)[\w-]*(?:\.\w+)?\Z",
    re.IGNORECASE,
)
_WORKFLOW = re.compile(r"\.github/workflows/[^/]+\.ya?ml\Z")
_CI = (".travis.yml", ".gitlab-ci.yml", "azure-pipelines.yml", "appveyor.yml", ".cirrus.yml")


def is_text_wanted(path: str) -> bool:
    """Tell whether a signal reads this file's text."""
    return (
        path in _CI
        or path == ".circleci/config.yml"
        or _WORKFLOW.match(path) is not None
        or ("/" not in path and _ROOT_TEXT.match(path) is not None)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that is known of one commit, and of the world around it; None: unknown.

    Attributes:
        paths: every file of the tree.
        texts: of the files that :func:`is_text_wanted` takes.
        package: the repository's own project on the index.
        owners: of that project; None: the index does not say.
        archived: the repository is archived.
        seeks_since: since when it says that it seeks a co-maintainer; None: it does not.
        advised_at: from when the advisories are; None: there are none, so nobody knows.
        pyproject: the root's, read; ``setup_cfg``: the [metadata] of the root's.
    """

    now: datetime
    paths: frozenset[str]
    texts: Mapping[str, str]
    counts: Counts | None = None
    history: History | None = None
    requirements: Requirements = field(default_factory=Requirements)
    dependencies: tuple[Dependency, ...] = ()
    package: Project | None = None
    owners: Owners | None = None
    archived: bool | None = None
    seeks_since: datetime | None = None
    advised_at: datetime | None = None
    pyproject: Mapping[str, Any] = field(default_factory=dict)
    setup_cfg: Mapping[str, str] = field(default_factory=dict)

    @property
    def classifiers(self) -> frozenset[str]:
        """Every trove classifier that is declared."""
        project = get(self.pyproject, "project") or get(self.pyproject, "tool", "poetry")
        return frozenset(
            [
                *strings(get(project, "classifiers")),
                *self.setup_cfg.get("classifiers", "").split("\n"),
            ]
        )

    @property
    def workflows(self) -> dict[str, str]:
        """The texts of GitHub's workflows, by path."""
        return {path: text for path, text in self.texts.items() if _WORKFLOW.match(path)}

    @property
    def ci(self) -> list[str]:
        """The texts of every CI's configuration."""
        return [*self.workflows.values(), *(self.texts[p] for p in self.texts if p in _CI)]

    @property
    def is_library(self) -> bool:
        """Whether others install it: it has a name and a build system, or a setup.py."""
        declared = bool(get(self.pyproject, "project", "name")) or bool(
            get(self.pyproject, "tool", "poetry", "name")
        )
        return (declared and "build-system" in self.pyproject) or "setup.py" in self.paths

    def find(self, *names: str) -> str | None:
        """Return the first file at the root, in .github or docs with such a stem, blind to case."""
        for path in sorted(self.paths, key=lambda it: (it.count("/"), it)):
            folder, _, name = path.rpartition("/")
            stem = name.lower().rsplit(".", 1)[0] if name[:1] != "." else name.lower()
            if folder in {"", ".github", "docs"} and stem in names:
                return path
        return None


def read_pyproject(texts: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the root's pyproject.toml; empty when there is none that can be read."""
    try:
        return load_toml("pyproject.toml", texts.get("pyproject.toml", ""))
    except UnreadableError:
        return {}
