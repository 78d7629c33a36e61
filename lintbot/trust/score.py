"""Pure: ``trust-1``, from signals to a score and a letter. Explained in docs/trust.md."""

from __future__ import annotations

from fractions import Fraction

from lintbot.model.package import Owners
from lintbot.model.requirement import State
from lintbot.model.trust import FORMULA, SIGNALS, UNRATED, Cap, Signal, TrustReport
from lintbot.trust.arithmetic import months
from lintbot.trust.facts import Facts
from lintbot.trust.signals.activity import (
    bus_factor,
    looks_abandoned,
    maintained,
    recent_absence_factor,
)
from lintbot.trust.signals.dependencies import dependencies
from lintbot.trust.signals.metadata import licence, packaging
from lintbot.trust.signals.sources import docs, tests, typing
from lintbot.trust.signals.supply import freeze, hand_off, release

LETTERS = (("A+", 90), ("A", 80), ("B", 70), ("C", 60), ("D", 45), ("F", 0))
"""From how many tenths on."""
MARGIN_TENTHS = 2
"""By so much an edge must be passed before the letter moves."""
KNOWN_PERCENT = 60
"""With less known there is no letter."""
SILENT_MONTHS = 24

_LOOKS_ABANDONED = (
    "It looks abandoned by two of the three facts of the index's policy: no release and no commit "
    "by a person for a year. The third, whether its owner can be reached, is not known."
)
_ORDER = [letter for letter, _ in LETTERS]
_DANGER = {State.VANISHED, State.QUARANTINED, State.REREGISTERED, State.VULNERABLE}
_SIGNALS = (
    *(dependencies, maintained, tests, docs, bus_factor, licence),
    *(freeze, release, hand_off, packaging, typing),
)


def assess(facts: Facts, sha: str, letter_before: str = "") -> TrustReport:
    """Return the trust report of one commit.

    Args:
        facts: everything that is known.
        sha: of the commit.
        letter_before: of the report before, which the letter stays near; empty: none.
    """
    signals = tuple(signal(facts) for signal in _SIGNALS)
    score, known = weigh(signals)
    caps = find_caps(facts)
    return TrustReport(
        sha=sha,
        formula=FORMULA,
        computed_at=facts.now,
        signals=signals,
        tenths=score,
        letter=grade(score, known, caps, letter_before),
        known_percent=known,
        caps=caps,
        dependencies=tuple(
            it for it in facts.dependencies if not it.requirement.locked or it.state.level
        ),
        notes=(*facts.requirements.problems, *_note_hand_off(facts)),
        counts=facts.counts,
        absence_factor=recent_absence_factor(facts),
        seeks_since=facts.seeks_since,
        partial=bool(facts.requirements.problems),
    )


def weigh(signals: tuple[Signal, ...]) -> tuple[int | None, int]:
    """Return the weighted mean in tenths, halves up, and which percentage of the weights it has.

    A signal that is unknown is in neither sum, so it changes nothing.
    """
    known = [it for it in signals if it.tenths is not None]
    weight = sum((Fraction(SIGNALS[it.name].weight) for it in known), Fraction())
    whole = sum((Fraction(SIGNALS[it.name].weight) for it in signals), Fraction())
    if not weight:
        return None, 0
    total = sum(Fraction(SIGNALS[it.name].weight) * (it.tenths or 0) for it in known)
    return int(total / weight + Fraction(1, 2)), int(100 * weight / whole)


def grade(tenths: int | None, known_percent: int, caps: tuple[Cap, ...], before: str) -> str:
    """Return the letter: of the score, near the one before, and no better than any cap."""
    if tenths is None or known_percent < KNOWN_PERCENT:
        return UNRATED
    letter = _stay_near(tenths, before) if before in _ORDER else _letter(tenths)
    return max([letter, *(cap.letter for cap in caps)], key=_ORDER.index)


def _stay_near(tenths: int, before: str) -> str:
    """Return the letter before, unless the score has passed one of its edges by the margin."""
    best, worst = _letter(tenths + MARGIN_TENTHS), _letter(tenths - MARGIN_TENTHS)
    return min(max(before, best, key=_ORDER.index), worst, key=_ORDER.index)


def _letter(tenths: int) -> str:
    return next(letter for letter, least in LETTERS if max(tenths, 0) >= least)


def find_caps(facts: Facts) -> tuple[Cap, ...]:
    """Return what keeps the letter down, in words."""
    caps = []
    if facts.archived:
        caps.append(Cap(letter="F", reason="The repository is archived."))
    if facts.package is not None and facts.package.status.value == "quarantined":
        caps.append(Cap(letter="F", reason="The index has quarantined the project."))
    if facts.history is not None and _is_silent(facts):
        caps.append(Cap(letter="D", reason="No person has committed for two years."))
    dangers = {it.requirement.name: it.state for it in facts.dependencies if it.state in _DANGER}
    caps += [Cap(letter="C", reason=f"{name} is {state}.") for name, state in dangers.items()]
    if licence(facts).tenths == 0:
        caps.append(Cap(letter="C", reason="There is no licence."))
    return tuple(caps)


def _is_silent(facts: Facts) -> bool:
    commits = facts.history.commits if facts.history else ()
    today = facts.now.date()
    return all(it.bot or months(it.day, today) > SILENT_MONTHS for it in commits)


def _note_hand_off(facts: Facts) -> tuple[str, ...]:
    notes = [_LOOKS_ABANDONED] if looks_abandoned(facts) else []
    if facts.owners is not None and facts.owners == Owners(1):
        notes.append("One person alone owns the package on the index: nobody else can release it.")
    if facts.seeks_since is not None:
        notes.append(f"It seeks a co-maintainer, since {facts.seeks_since:%Y-%m-%d}.")
    return tuple(notes)
