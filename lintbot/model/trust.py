"""Pure: the trust report. The formulas are in ``trust/``, explained in docs/trust.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final

from lintbot.model.counts import Counts
from lintbot.model.ids import RepositoryId
from lintbot.model.requirement import Dependency

FORMULA: Final = "trust-1"
UNRATED: Final = "?"
"""The letter when too little is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a signal is, the same for every repository.

    Attributes:
        weight: in the weighted mean.
        formula: in words, as docs/trust.md has it.
        source: where the idea comes from.
    """

    title: str
    weight: float
    formula: str
    source: str


SIGNALS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "dependencies": Kind(
            title="Dependency health",
            weight=7.5,
            formula="For each dependency that is needed at run time 10 up to 18 months since its "
            "last release, 0 at 5 years; deprecated at most 5, yanked pin 4, archived 3, "
            "vulnerable 2, vanished or quarantined 0. Six tenths of the mean and four tenths of "
            "the worst.",
            source="https://peps.python.org/pep-0792/",
        ),
        "maintained": Kind(
            title="Maintained",
            weight=7.5,
            formula="Half: weeks of the last 13 in which a person changed code, 10 from 8 weeks. "
            "Half: time since the last release, 10 up to 6 months, 0 at 36. Archived: 0. "
            "Declared mature: at least 5.",
            source="https://github.com/ossf/scorecard/blob/main/docs/checks.md#maintained",
        ),
        "tests": Kind(
            title="Tests and CI",
            weight=5,
            formula="3 for tests that check something, 4 for half as many statements in tests as "
            "in the code, 3 for a CI that runs them.",
            source="https://github.com/ossf/scorecard/blob/main/docs/checks.md#ci-tests",
        ),
        "docs": Kind(
            title="Documentation",
            weight=5,
            formula="6 × the share of public names whose docstring has 3 words or more beside the "
            "name, 1.5 for a README over 800 bytes, 1.5 for a documentation site, 1 for a "
            "changelog.",
            source="https://interrogate.readthedocs.io/",
        ),
        "bus-factor": Kind(
            title="Bus factor",
            weight=5,
            formula="Contributor absence factor over person-weeks of 12 months, else of 36: "
            "7 × log₄(factor), full from 4; 3 for two others who were active in 3 weeks or more.",
            source="https://chaoss.community/kb/metric-contributor-absence-factor/",
        ),
        "licence": Kind(
            title="Licence",
            weight=5,
            formula="5 for the file, 2 for a known text, 2 for an SPDX expression (1 for a "
            "classifier), 1 when they agree; an application is asked for the file and text only.",
            source="https://peps.python.org/pep-0639/",
        ),
        "freeze": Kind(
            title="Freeze",
            weight=5,
            formula="An application: 6 × pinned share, full with a lock file. A library: 4 × "
            "share with a lower bound, 2 for a lock of its tools. Both: 2 × share of actions "
            "pinned by commit, 2 for an update service.",
            source="https://github.com/ossf/scorecard/blob/main/docs/checks.md#pinned-dependencies",
        ),
        "release": Kind(
            title="Release integrity",
            weight=5,
            formula="2 tags, 2 published by CI, 3 trusted publishing, 1 attestations, 2 when "
            "workflows limit their permissions, −2 for pull_request_target. An application: "
            "tags, permissions and pull_request_target only.",
            source="https://docs.pypi.org/trusted-publishers/",
        ),
        "hand-off": Kind(
            title="Hand-off",
            weight=2.5,
            formula="3 security policy, 2 contributing guide, 2 a file of owners, 1 each code of "
            "conduct, funding, templates. Half of it where the index says who owns the package; "
            "the other half is then 0 for one owner, 5 for two, 10 for three or an organisation.",
            source="https://www.bestpractices.dev/en/criteria/1#1.access_continuity",
        ),
        "packaging": Kind(
            title="Packaging metadata",
            weight=2.5,
            formula="Share of the fields that a person who looks for a package reads: name, "
            "description, readme, Python versions, licence, authors, classifiers, keywords, "
            "links, build system. Fields that only a build can tell are left out.",
            source="https://github.com/regebro/pyroma",
        ),
        "typing": Kind(
            title="Typing",
            weight=2.5,
            formula="4 for a py.typed marker, 6 × share of functions with every type written.",
            source="https://peps.python.org/pep-0561/",
        ),
    }
)
"""The signals of ``trust-1``, in the order in which they are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One signal of one repository.

    Attributes:
        name: a key of :data:`SIGNALS`.
        tenths: 0 to 100, that is 0.0 to 10.0; None: unknown, and the facts say why.
        facts: what was counted, one plain phrase each.
        advice: what would improve it, one plain sentence each.
    """

    name: str
    tenths: int | None
    facts: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """Why the letter can be no better than this."""

    letter: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustReport:
    """What lintbot found out about how far a repository can be relied on.

    Attributes:
        sha: the commit that was read.
        formula: name and version of the arithmetic.
        tenths: the weighted mean of the known signals, 0 to 100; None when none is known.
        letter: ``A+`` to ``F``, or ``?`` when less than 60 percent is known.
        known_percent: share of the weights whose signal is known, 0 to 100.
        dependencies: of the direct requirements and of alarming locked ones.
        notes: what else there is to know, one plain sentence each.
        counts: what was counted in the sources; None: they could not be counted.
        absence_factor: of how few people half of the person-weeks are; None: unknown.
        seeks_since: since when the repository's settings say that it seeks a co-maintainer.
        partial: not all requirements could be read, so nobody may call the dependencies fine.
        advisories: ids of those that affect a pinned version, by name of each package with a pin.
    """

    sha: str
    formula: str
    computed_at: datetime
    signals: tuple[Signal, ...]
    tenths: int | None
    letter: str
    known_percent: int
    caps: tuple[Cap, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    notes: tuple[str, ...] = ()
    counts: Counts | None = None
    absence_factor: int | None = None
    seeks_since: datetime | None = None
    partial: bool = False
    advisories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def score(self) -> str:
        """``7.4``, or ``?``."""
        return show(self.tenths)

    def signal(self, name: str) -> Signal | None:
        """Return a signal by its name; None when this formula has none of it."""
        return next((it for it in self.signals if it.name == name), None)


def show(tenths: int | None) -> str:
    """``7.4``, or ``?`` for what is not known."""
    return UNRATED if tenths is None else f"{tenths // 10}.{tenths % 10}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustJob:
    """A repository whose trust report is due.

    Attributes:
        sha: the commit of the default branch's newest lint run.
        installation_id: through which it is read.
        letter: of the report before, for the letter's hysteresis; empty without one.
    """

    repository_id: RepositoryId
    installation_id: int
    owner: str
    name: str
    private: bool
    sha: str
    letter: str = ""
