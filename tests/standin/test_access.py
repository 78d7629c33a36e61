from __future__ import annotations

import time
from typing import Any

import jwt
import pytest

from lintbot.standin.server import make_key
from tests.support.github import Asker, Place

BODY = {"name": "lintbot", "head_sha": "0" * 40}


def signed(place: Place, key: str | None = None, **changed: Any) -> dict[str, str]:
    now = int(time.time())
    claims = {"iat": now - 60, "exp": now + 540, "iss": place.github.app.client_id} | changed
    app_key = key or place.github.app.private_key
    return {"Authorization": f"Bearer {jwt.encode(claims, app_key, algorithm='RS256')}"}


async def test_an_app_shows_itself_by_either_id(place: Place, asker: Asker) -> None:
    for issuer in (place.github.app.client_id, str(place.github.app.id)):
        status, content, _ = await asker.ask("GET", "/app", **signed(place, iss=issuer))
        assert (status, content["id"]) == (200, place.github.app.id)


@pytest.mark.parametrize(
    ("changed", "status", "words"),
    [
        ({"iat": int(time.time()) + 3600}, 401, "in the past"),
        ({"exp": int(time.time()) - 1}, 401, "in the future"),
        ({"exp": int(time.time()) + 3600}, 401, "too far"),
        ({"iss": "Iv23unknown"}, 404, "Integration not found"),
    ],
)
async def test_a_wrong_claim_is_refused(
    place: Place, asker: Asker, changed: dict[str, Any], status: int, words: str
) -> None:
    answered, content, _ = await asker.ask("GET", "/app", **signed(place, **changed))
    assert answered == status
    assert words in content["message"]


async def test_a_strange_key_is_refused(place: Place, asker: Asker) -> None:
    status, _, _ = await asker.ask("GET", "/app", **signed(place, make_key()[0]))
    assert status == 401


async def test_each_credential_opens_its_own_doors(asker: Asker) -> None:
    assert (await asker.ask("GET", "/app"))[0] == 401
    assert (await asker.ask_as_app("GET", "/installation/repositories"))[0] == 403
    assert (await asker.ask("GET", "/app", Authorization="Basic eDp5"))[0] == 401
    asker.token = ""
    assert (await asker.ask("GET", "/installation/repositories"))[0] == 401


async def test_a_request_without_user_agent_is_refused(place: Place, asker: Asker) -> None:
    async with asker.session.get(f"{place.github.api_url}/app") as response:
        assert response.status == 403


async def test_a_token_can_be_narrowed_and_never_widened(place: Place, asker: Asker) -> None:
    other = await place.github.add_repository("me", "other", private=True)
    asker.token = await asker.mint(
        place.installation, repository_ids=[place.repository.id], permissions={"checks": "read"}
    )
    status, content, _ = await asker.ask("GET", "/installation/repositories")
    assert [r["id"] for r in content["repositories"]] == [place.repository.id]
    assert (await asker.ask("GET", "/repos/me/code/commits/main/check-runs"))[0] == 200
    status, content, headers = await asker.ask("POST", "/repos/me/code/check-runs", BODY)
    assert (status, content["message"]) == (403, "Resource not accessible by integration")
    assert headers["X-Accepted-GitHub-Permissions"] == "checks=write"
    assert (await asker.ask("GET", f"/repos/me/{other.name}"))[0] == 404


@pytest.mark.parametrize(
    "wanted",
    [
        {"permissions": {"contents": "write"}},
        {"permissions": {"issues": "read"}},
        {"repository_ids": [1]},
        {"repositories": ["no-such"]},
    ],
)
async def test_more_than_granted_is_422(
    place: Place, asker: Asker, wanted: dict[str, object]
) -> None:
    path = f"/app/installations/{place.installation.id}/access_tokens"
    assert (await asker.ask_as_app("POST", path, wanted))[0] == 422


async def test_the_answer_to_a_mint_says_what_the_token_can(place: Place, asker: Asker) -> None:
    path = f"/app/installations/{place.installation.id}/access_tokens"
    _, content, _ = await asker.ask_as_app("POST", path, {"repositories": ["code"]})
    assert content["token"].startswith(f"ghs_{place.github.app.id}_")
    assert content["token"].count(".") == 2
    assert content["repository_selection"] == "selected"
    assert [r["full_name"] for r in content["repositories"]] == ["me/code"]
    assert content["permissions"]["checks"] == "write"


async def test_tokens_end(place: Place, asker: Asker) -> None:
    place.github.expire_tokens()
    status, content, _ = await asker.ask("GET", "/repos/me/code")
    assert (status, content["message"]) == (401, "Bad credentials")


async def test_a_token_can_be_revoked(asker: Asker) -> None:
    assert (await asker.ask("DELETE", "/installation/token"))[0] == 204
    assert (await asker.ask("DELETE", "/installation/token"))[0] == 401


async def test_suspension_stops_everything(place: Place, asker: Asker) -> None:
    await place.github.suspend(place.installation)
    path = f"/app/installations/{place.installation.id}/access_tokens"
    for status, content, _ in (
        await asker.ask("GET", "/repos/me/code"),
        await asker.ask_as_app("POST", path),
    ):
        assert (status, content["message"]) == (403, "This installation has been suspended")
    await place.github.unsuspend(place.installation)
    assert (await asker.ask("GET", "/repos/me/code"))[0] == 200


async def test_uninstalling_makes_tokens_worthless(place: Place, asker: Asker) -> None:
    await place.github.uninstall(place.installation)
    assert (await asker.ask("GET", "/repos/me/code"))[0] == 401
    path = f"/app/installations/{place.installation.id}/access_tokens"
    assert (await asker.ask_as_app("POST", path))[0] == 404


async def test_the_public_may_read_what_is_public(place: Place, asker: Asker) -> None:
    asker.token = ""
    assert (await asker.ask("GET", "/repos/me/code"))[0] == 404
    await place.github.set_private(place.repository, private=False)
    assert (await asker.ask("GET", "/repos/me/code"))[0] == 200
    assert (await asker.ask("POST", "/repos/me/code/check-runs", BODY))[0] == 401


async def test_an_archived_repository_is_read_only(place: Place, asker: Asker) -> None:
    await place.github.archive(place.repository)
    status, content, _ = await asker.ask("POST", "/repos/me/code/check-runs", BODY)
    assert (status, content["message"]) == (403, "Repository was archived so is read-only.")
    assert (await asker.ask("GET", "/repos/me/code"))[0] == 200


async def test_a_selected_installation_reaches_only_what_is_selected(
    place: Place, asker: Asker
) -> None:
    await place.github.change_repositories(place.installation, removed=[place.repository])
    assert (await asker.ask("GET", "/repos/me/code"))[0] == 404
    _, content, _ = await asker.ask("GET", "/installation/repositories")
    assert content == {"total_count": 0, "repositories": []}


async def test_the_manifest_flow_gives_an_app_once(place: Place, asker: Asker) -> None:
    manifest = {"name": "My Linter", "default_permissions": {"checks": "write"}}
    code = place.github.offer_manifest(manifest)
    path = f"/app-manifests/{code}/conversions"
    status, content, _ = await asker.ask("POST", path)
    assert (status, content["slug"]) == (201, "my-linter")
    headers = signed(place, content["pem"], iss=content["client_id"])
    assert (await asker.ask("GET", "/app", **headers))[1]["id"] == content["id"]
    assert content["webhook_secret"]
    assert (await asker.ask("POST", path))[0] == 404


async def test_an_app_finds_its_installations(place: Place, asker: Asker) -> None:
    number = place.installation.id
    _, listed, _ = await asker.ask_as_app("GET", "/app/installations")
    assert [i["id"] for i in listed] == [number]
    for path in (
        f"/app/installations/{number}",
        "/users/me/installation",
        "/orgs/ME/installation",
        "/repos/me/code/installation",
    ):
        assert (await asker.ask_as_app("GET", path))[1]["id"] == number
    for path in ("/app/installations/1", "/users/x/installation", "/repos/x/y/installation"):
        assert (await asker.ask_as_app("GET", path))[0] == 404


async def test_an_app_may_suspend_and_leave(place: Place, asker: Asker) -> None:
    path = f"/app/installations/{place.installation.id}"
    assert (await asker.ask_as_app("PUT", f"{path}/suspended"))[0] == 204
    assert place.installation.suspended_at is not None
    assert (await asker.ask_as_app("DELETE", f"{path}/suspended"))[0] == 204
    assert (await asker.ask_as_app("DELETE", path))[0] == 204
    assert (await asker.ask_as_app("GET", path))[0] == 404
