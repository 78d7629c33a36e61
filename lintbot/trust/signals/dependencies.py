"""Pure: how healthy the dependencies are, taken together."""

from __future__ import annotations

from fractions import Fraction

from lintbot.model.requirement import Dependency, State
from lintbot.model.trust import Signal
from lintbot.trust.arithmetic import tenths, unknown
from lintbot.trust.facts import Facts


def dependencies(facts: Facts) -> Signal:
    """Take six tenths of the mean and four tenths of the worst of those that are known."""
    if not facts.requirements.files:
        return unknown("dependencies", "No file with requirements was found.")
    direct = {it.requirement.name: it for it in best_first(facts.dependencies)}
    partial = bool(facts.requirements.problems)
    if not direct and partial:
        return unknown("dependencies", "Not all requirements could be read.")
    if not direct:
        return unknown("dependencies", "Nothing is required at run time.")
    known = [it.tenths for it in direct.values() if it.tenths is not None]
    if not known:
        return unknown("dependencies", "None of the dependencies could be looked up.")
    mean, worst = Fraction(sum(known), len(known)), min(known)
    alarming = [it for it in direct.values() if it.state.level]
    return Signal(
        name="dependencies",
        tenths=tenths((6 * mean + 4 * worst) / 100),
        facts=(
            f"{len(known)} of {len(direct)} dependencies known",
            f"on average {float(mean) / 10:.1f}, the worst {worst / 10:.1f}",
            f"known vulnerabilities: advisories of {facts.advised_at:%Y-%m-%d}"
            if facts.advised_at
            else "known vulnerabilities: not looked up, this server has no advisories",
            *(["not all requirements could be read"] if partial else []),
            *(f"{it.requirement.name}: {it.state}" for it in alarming[:10]),
        ),
        advice=tuple(f"Replace or update {it.requirement.name}." for it in alarming[:10]),
    )


def best_first(dependencies: tuple[Dependency, ...]) -> list[Dependency]:
    """Return what is needed at run time, the best first: a dict by name keeps the worst."""
    order = list(State)
    direct = [it for it in dependencies if not it.requirement.locked and not it.requirement.group]
    return sorted(direct, key=lambda it: -order.index(it.state))
