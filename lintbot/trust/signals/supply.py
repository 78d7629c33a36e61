"""Pure: how dependencies are frozen, how releases are made, who could take over."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from lintbot.model.package import Owners
from lintbot.model.requirement import Requirement
from lintbot.model.trust import Signal
from lintbot.trust.arithmetic import share, sum_up, tenths, unknown
from lintbot.trust.facts import Facts

_USES = re.compile(r"^[ \t]*+(?:-[ \t]*+)?uses:\s*+['\"]?([^\s'\"#]+)", re.MULTILINE)
_BY_COMMIT = re.compile(r"@[0-9a-f]{40}\Z")
_UPDATERS = (
    *(".github/dependabot.yml", ".github/dependabot.yaml", "renovate.json", ".renovaterc"),
    *(".github/renovate.json", ".renovaterc.json", "renovate.json5", ".github/renovate.json5"),
)
_PUBLISHES = re.compile(
    r"gh-action-pypi-publish|\btwine upload|\buv publish|\bpoetry publish|\bflit publish|"
    r"\bhatch publish|\bpdm publish|reusable-.{0,100}release"
)
_LOWER = {">=", ">", "==", "~=", "==="}


ENOUGH_OWNERS = 3


def freeze(facts: Facts) -> Signal:
    """Ask for locks, bounds, actions pinned by commit, and a service that moves them on."""
    direct = [it for it in facts.requirements.direct if it.group != "build"]
    locked = facts.requirements.hashed or any(it.locked for it in facts.requirements.found)
    actions = [it for text in facts.workflows.values() for it in _USES.findall(text)]
    actions = [it for it in actions if not it.startswith("./")]
    pinned_actions = sum(_BY_COMMIT.search(it) is not None for it in actions)
    updated = any(path in facts.paths for path in _UPDATERS)
    runtime = [it for it in direct if not it.group]
    if facts.is_library:
        good = sum(has_lower_bound(it) for it in runtime)
        own = 4 * (share(good, len(runtime)) if runtime else 1) + 2 * locked
        words = f"{good} of {len(runtime)} requirements have a lower bound"
        hint = "Give every requirement a lower bound; lock the tools of development."
    else:
        good = sum(it.pinned is not None for it in direct)
        own = 6 * (Fraction(1) if locked else share(good, len(direct)))
        words = f"{good} of {len(direct)} requirements are pinned"
        hint = "Commit a lock file."
    by_commit = share(pinned_actions, len(actions)) if actions else Fraction(1)
    advice = (
        (own < 6, hint),  # noqa: PLR2004  full marks of this half
        (by_commit < 1, "Pin actions by commit."),
        (not updated, "Let a service such as Dependabot or Renovate propose updates."),
    )
    return Signal(
        name="freeze",
        tenths=tenths(own + 2 * by_commit + 2 * updated),
        facts=(
            f"taken as {'a library' if facts.is_library else 'an application'}",
            words,
            f"lock file: {'yes' if locked else 'no'}",
            f"{pinned_actions} of {len(actions)} actions pinned by commit",
            f"update service: {'yes' if updated else 'no'}",
        ),
        advice=tuple(text for is_due, text in advice if is_due),
    )


def has_lower_bound(requirement: Requirement) -> bool:
    """Tell whether a requirement says from which version on it is meant."""
    try:
        specifiers = SpecifierSet(requirement.specifier)
    except InvalidSpecifier:
        return False
    return any(it.operator in _LOWER for it in specifiers)


def release(facts: Facts) -> Signal:
    """Ask how what is released came from what is in the repository."""
    texts = [_without_comments(text) for text in facts.workflows.values()]
    if facts.history is None:
        return unknown("release", "The tags could not be read.")
    tagged = facts.history.tags > 0
    limited = bool(texts) and all(re.search(r"^permissions:", text, re.MULTILINE) for text in texts)
    risky = any("pull_request_target" in text for text in texts)
    common = (
        (2, tagged, "version tags", "Tag what is released."),
        (
            2,
            limited,
            "workflows limit their permissions",
            "Begin every workflow with a permissions: block.",
        ),
        (-2, risky, "workflows on pull_request_target", ""),
    )
    if not facts.is_library:
        return sum_up("release", *common, of=4)
    publishing = [text for text in texts if _PUBLISHES.search(text)]
    trusted = any(re.search(r"id-token:\s*write", text) for text in publishing)
    attested = facts.package.attested if facts.package is not None else None
    return sum_up(
        "release",
        *common,
        (2, publishing, "published by CI", "Publish from CI, not from a person's machine."),
        (3, trusted, "trusted publishing", "Use trusted publishing instead of a token."),
        (1, attested, "attestations on the index", "Publish attestations with the files."),
    )


def _without_comments(text: str) -> str:
    return re.sub(r"(?:^|\s)#.*", "", text, flags=re.MULTILINE)


def hand_off(facts: Facts) -> Signal:
    """Ask for the files that let others help, and take over."""
    templates = any(
        path.lower().startswith((".github/issue_template", ".github/pull_request_template"))
        for path in facts.paths
    )
    files = sum_up(
        "hand-off",
        (3, facts.find("security"), "security policy", "Say in SECURITY.md whom to tell."),
        (2, facts.find("contributing"), "contributing guide", "Write CONTRIBUTING.md."),
        (
            2,
            facts.find("codeowners", "maintainers", "owners", "authors"),
            "file of owners",
            "Name those who may decide, in CODEOWNERS or MAINTAINERS.",
        ),
        (1, facts.find("code_of_conduct"), "code of conduct", ""),
        (1, facts.find("funding"), "funding", ""),
        (1, templates, "templates", ""),
    )
    return files if facts.owners is None else _with_owners(files, facts.owners)


def _with_owners(files: Signal, owners: Owners) -> Signal:
    """Return half of the points for files, and half for those who can release without asking."""
    shared = owners.organisation or owners.people >= ENOUGH_OWNERS
    points = 100 if shared else 50 * max(owners.people - 1, 0)
    who = "an organisation" if owners.organisation else f"owners: {owners.people}"
    advice = "Give a second person the role of owner on the index."
    return replace(
        files,
        tenths=((files.tenths or 0) + points + 1) // 2,
        facts=(f"on the index {who}", *files.facts),
        advice=files.advice if points else (advice, *files.advice),
    )
