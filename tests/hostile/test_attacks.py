"""Every attack, in every tier, as root and as a normal user: none gets through, every one ran."""

from __future__ import annotations

from typing import Any

import pytest

from tests.hostile.driver import TIMEOUT_WORDS
from tests.hostile.setups import TIERS, USERS, Range, Setup, need_layers

pytestmark = pytest.mark.timeout(600)

SANDBOXED = {
    f"{tier}-{user}": (tier, Setup(user, lacking))
    for tier, lacking in TIERS.items()
    for user in USERS
}
CONTROLS = [Setup(user, control=True) for user in USERS]
BARE = [Setup(user, "both") for user in USERS]
PLUGINS = (
    "pylint init-hook",
    "pylint load-plugins",
    "flake8 extension",
    "flake8 report",
    "mypy plugin",
)
TOGETHER = ("as a program", "as a program with threads", *PLUGINS)


@pytest.fixture(params=SANDBOXED)
def sandboxed(request: pytest.FixtureRequest, firing_range: Range) -> tuple[str, dict[str, Any]]:
    tier, setup = SANDBOXED[request.param]
    need_layers(setup)
    firing_range.start(_setups_of(request.session))
    return tier, firing_range.report(setup)


@pytest.fixture(params=CONTROLS, ids=lambda setup: setup.name)
def control(request: pytest.FixtureRequest, firing_range: Range) -> tuple[str, dict[str, Any]]:
    firing_range.start(_setups_of(request.session))
    return request.param.user, firing_range.report(request.param)


@pytest.fixture(params=BARE, ids=lambda setup: setup.name)
def refused(request: pytest.FixtureRequest, firing_range: Range) -> dict[str, Any]:
    firing_range.start(_setups_of(request.session))
    return firing_range.report(request.param)


def _setups_of(session: pytest.Session) -> list[Setup]:
    """Return what the tests of this session need, in their order."""
    setups = []
    for item in session.items:
        wanted = getattr(item, "callspec", None)
        params = wanted.params if wanted is not None else {}
        if "sandboxed" in params:
            setups.append(SANDBOXED[params["sandboxed"]][1])
        setups += [params[name] for name in ("control", "refused") if name in params]
    return setups


def _attacks(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {attack["name"]: attack for attack in report["attacks"]}


def _is_wanted(attack: dict[str, Any], way: str) -> bool:
    """Tell whether an attack is run this way."""
    if way in TOGETHER:
        return not attack["alone"]
    single_only = attack["ends"] == TIMEOUT_WORDS or "single" in attack["name"]
    return attack["alone"] and not (way == "alone with threads" and single_only)


def test_the_machine_was_what_it_should_be(sandboxed: tuple[str, dict[str, Any]]) -> None:
    tier, report = sandboxed
    assert report["tier"] == tier, report["reports"]


def test_no_attack_gets_through(sandboxed: tuple[str, dict[str, Any]]) -> None:
    _, report = sandboxed
    breaches = [
        f"{way}: {name}"
        for way, runs in report["runs"].items()
        for name, facts in runs.items()
        if facts.get("breach")
    ]
    assert breaches == []
    assert report["heard"] == []


def test_every_attack_ran_in_every_way(sandboxed: tuple[str, dict[str, Any]]) -> None:
    tier, report = sandboxed
    ways = {*TOGETHER, "alone", "alone with threads"}
    if tier != "B":
        ways.add("alone in pylint")
    assert set(report["runs"]) == ways
    not_run = [
        f"{way}: {name}: {report['runs'][way].get(name)}"
        for way in ways
        for name, attack in _attacks(report).items()
        if _is_wanted(attack, way) and not report["runs"][way].get(name, {}).get("start")
    ]
    assert not_run == []


@pytest.mark.parametrize("mechanism", PLUGINS)
def test_a_linters_plugin_ran_and_reached_nothing(
    sandboxed: tuple[str, dict[str, Any]], mechanism: str
) -> None:
    _, report = sandboxed
    runs = report["runs"][mechanism]
    assert sum(facts["start"] for facts in runs.values()) > 100
    assert not any(facts.get("breach") for facts in runs.values())
    assert "the batch itself" not in runs


def test_what_eats_hangs_or_floods_is_ended_with_its_reason(
    sandboxed: tuple[str, dict[str, Any]],
) -> None:
    _, report = sandboxed
    wrong = [
        f"{way}: {name}: {facts}"
        for way, runs in report["runs"].items()
        for name, facts in runs.items()
        if (ends := _attacks(report).get(name, {}).get("ends")) and ends not in facts["reason"]
    ]
    assert wrong == []


def test_the_sandbox_holds_as_before_and_nothing_is_left(
    sandboxed: tuple[str, dict[str, Any]],
) -> None:
    _, report = sandboxed
    assert report["tier_after"] == report["tier"]
    assert report["after"] == report["before"]


def test_without_a_sandbox_every_attack_gets_through(control: tuple[str, dict[str, Any]]) -> None:
    """Else the corpus would rot: an attack that never worked proves nothing."""
    user, report = control
    runs = report["runs"]["control"]
    attacks = _attacks(report)
    assert [name for name in attacks if not runs.get(name, {}).get("start")] == []
    held = {name: runs[name].get("held") for name in attacks if not runs[name]["breach"]}
    excused = {
        name
        for name, attack in attacks.items()
        if attack["cannot"] or (attack["root_only"] and user != "root")
    }
    assert {name: why for name, why in held.items() if name not in excused} == {}
    assert len(attacks) - len(held) > 120


def test_there_are_enough_attacks_of_every_class(control: tuple[str, dict[str, Any]]) -> None:
    _, report = control
    groups = [attack["group"] for attack in report["attacks"]]
    least = {"files": 60, "network": 15, "processes": 45, "kernel": 45, "resources": 30}
    assert {group for group, count in least.items() if groups.count(group) < count} == set()


def test_where_nothing_holds_nothing_is_linted(refused: dict[str, Any]) -> None:
    assert refused["tier"] is None
    assert refused["tier_after"] is None
    assert refused["runs"] == {}
    assert [words[:2] for words in refused["reports"]] == ["A:", "B:", "C:"]
    assert refused["refusal"].startswith("tier A: ")
    assert refused["after"] == refused["before"]
