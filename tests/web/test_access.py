"""Who sees what: every route, every kind of viewer, every state of a repository."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yarl import URL

from lintbot.model.ids import RepositoryId, Sha
from lintbot.standin.state import Repository
from lintbot.store.patches import StoredPatches
from lintbot.store.trust import StoredTrust
from tests.support.people import Answer, Browser, Town, open_town
from tests.support.report_values import a_patch
from tests.support.trust_values import a_trust_report

QUERIES = ("/compare", "/compare.json", "/compare.csv")
VIEWERS = ("stranger", "reader", "admin", "outsider", "revoked")


@dataclass(frozen=True)
class Scene:
    """A repository with everything that there can be of it."""

    repository: Repository
    owner: str
    name: str
    sha: str


@dataclass
class Stage:
    town: Town
    scenes: dict[str, Scene]
    viewers: dict[str, Browser]
    token: str
    unlike: dict[tuple[str, str], object]


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_town(tmp_path, recheck_seconds=600.0) as town:
        world, scenes = town.github.world, {}
        for state in ("public", "private", "renamed", "uninstalled"):
            scenes[state] = await make_scene(town, state)
        viewers = {"stranger": town.browser()}
        for name in VIEWERS[1:]:
            viewers[name] = await town.visitor(name)
        await town.github.revoke_authorization("revoked")
        token = await make_token_of_another(town, viewers["outsider"])
        await town.github.rename(scenes["renamed"].repository, "new-name")
        gone = next(i for i in world.installations.values() if i.account.login == "of-uninstalled")
        await town.github.uninstall(gone)
        yield Stage(town, scenes, viewers, token, {})


async def make_scene(town: Town, state: str) -> Scene:
    owner, name = f"of-{state}", f"its-{state}"
    await town.github.install(owner)
    repository = await town.github.add_repository(owner, name, private=state != "public")
    for login, role in (("reader", "read"), ("admin", "admin"), ("revoked", "admin")):
        repository.roles[town.github.world.account(login).id] = role
    sha = await town.push(repository)
    id_ = RepositoryId(repository.id)
    StoredPatches(town.database, town.clock).save(id_, Sha(sha), a_patch())
    trust = StoredTrust(town.database, town.clock)
    job = trust.claim(town.clock.now() + timedelta(hours=1))
    assert job is not None
    trust.save(job, a_trust_report(), ())
    return Scene(repository, owner, name, sha)


async def make_token_of_another(town: Town, outsider: Browser) -> str:
    await town.github.install("outsider")
    await town.push(await town.github.add_repository("outsider", "own", private=True))
    page = "/gh/outsider/own/settings"
    form = {"csrf": await outsider.csrf(page), "do": "make-token"}
    found = re.search(r"\?token=([\w-]+)", (await outsider.post(page, form)).text)
    assert found is not None
    return found.group(1)


def routes(town: Town, owner: str, name: str, sha: str) -> Iterator[tuple[str, str]]:
    """Give every route about a repository or an account, as the application itself lists them."""
    values = {"owner": owner, "repo": name, "sha": sha, "path": "src/shelf.py"}
    values |= {"rule": "pylint:W0611", "form": "atom"}
    for resource in town.client.app.router.resources():
        path = resource.canonical
        if "{owner}" in path:
            yield path, path.format_map(values)
        elif path in QUERIES:
            yield path, f"{path}?repos={owner}%2F{name}"
    for form in ("svg", "json"):
        yield f"/badge/.{form}", f"/badge/{owner}/{name}.{form}"
    yield "/feed.json", f"/gh/{owner}/{name}/feed.json"


def told(answer: Answer, *names: str) -> object:
    """Return what an answer tells beside the names that were asked for."""
    status, body, headers = answer.told()
    kept = sorted(it for it in headers.items() if it[0].lower() != "etag")  # it says the body again
    text = repr((body, kept))
    for name in names:
        text = text.replace(name, "NAME")
    return status, text


async def ask(stage: Stage, viewer: str, path: str) -> Answer:
    if viewer == "outsider":
        path += f"{'&' if '?' in path else '?'}token={stage.token}"
    return await stage.viewers[viewer].get(path)


async def tells_nothing(stage: Stage, viewer: str, route: str, path: str, scene: Scene) -> bool:
    """Tell whether an answer is the same as for what never was."""
    key = (viewer, route)
    if key not in stage.unlike:
        never = dict(routes(stage.town, "nobody-here", "absent-one", scene.sha))[route]
        answer = await ask(stage, viewer, never)
        stage.unlike[key] = told(answer, "nobody-here", "absent-one")
    got = told(await ask(stage, viewer, path), scene.owner, scene.name)
    return got == stage.unlike[key]


def may_see(state: str, viewer: str, route: str) -> bool:
    """Return what the rules say."""
    if state == "uninstalled":
        return False
    if route.endswith("/settings"):
        return viewer == "admin"
    if route.startswith("/badge/"):
        return state == "public"
    return state == "public" or viewer in {"reader", "admin"}


async def test_everybody_sees_what_they_may_and_nothing_else(stage: Stage) -> None:
    wrong, asked = [], 0
    for state, scene in stage.scenes.items():
        every = list(routes(stage.town, scene.owner, scene.name, scene.sha))
        for viewer, (route, path) in product(VIEWERS, every):
            asked += 1
            nothing = await tells_nothing(stage, viewer, route, path, scene)
            if nothing == may_see(state, viewer, route):
                wrong.append((state, viewer, route))
    assert wrong == []
    assert asked >= 4 * len(VIEWERS) * 20


async def test_no_badge_token_opens_anything_but_its_badge(stage: Stage) -> None:
    path = f"/badge/outsider/own.svg?token={stage.token}"
    assert "unknown" not in (await stage.viewers["stranger"].get(path)).text


EVERY_CHECK = list(HealthCheck)
TEXT = st.text(st.characters(codec="utf-8"), max_size=30)
NAMES = ("branch", "page", "per_page", "show", "side", "rule", "path", "severity", "sort", "repos")
NAMES += ("style", "label", "metric", "token", "next", "state", "code", "error", "repository")


async def test_no_query_makes_it_fail(stage: Stage) -> None:
    scene = stage.scenes["public"]
    every = [path for _, path in routes(stage.town, scene.owner, scene.name, scene.sha)]
    every += ["/", "/gh", "/login", "/auth/callback", "/me", "/docs", "/api/v1/openapi.json"]
    every += ["/healthz", "/compare", "/gh/a", "/gh//x"]
    queries: list[dict[str, str]] = []

    @settings(max_examples=60, deadline=None, database=None, suppress_health_check=EVERY_CHECK)
    @given(query=st.dictionaries(st.sampled_from(NAMES), TEXT, min_size=1, max_size=3))
    def collect(query: dict[str, str]) -> None:
        queries.append(query)

    collect()
    client = stage.town.client
    for number, query in enumerate(queries):
        for path in every[number % 5 :: 5]:
            url = URL(path, encoded=True).update_query(query)
            async with client.get(url, allow_redirects=False) as response:
                assert response.status < 500, (url, await response.text())
