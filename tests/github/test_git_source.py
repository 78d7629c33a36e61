from __future__ import annotations

import asyncio
import base64
import os
import subprocess
from datetime import timedelta

from lintbot.github.forge import GitHubForge
from lintbot.ports import GitSource, Target
from tests.support.github import Place


def ls_remote(source: GitSource) -> str:
    """Ask git itself, the token in the environment."""
    basic = base64.b64encode(f"x-access-token:{source.token}".encode()).decode()
    config = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "http.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {basic}",
        "GIT_TERMINAL_PROMPT": "0",
    }
    done = subprocess.run(
        ["git", "ls-remote", source.url, "refs/heads/main"],
        env={**os.environ, **config},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.split("\t")[0] if done.returncode == 0 else done.stderr


async def test_git_accepts_the_source(place: Place, forge: GitHubForge) -> None:
    source = await forge.git_source(place.target)
    assert await asyncio.to_thread(ls_remote, source) == place.head


async def test_git_is_given_no_token_that_is_still_refused(
    place: Place, forge: GitHubForge
) -> None:
    place.github.world.young_refusals = (2, 401)
    source = await forge.git_source(place.target)
    assert await asyncio.to_thread(ls_remote, source) == place.head
    assert place.sleep.seconds == [0.5, 1.0]


async def test_the_address_is_built_from_our_own_host(place: Place, forge: GitHubForge) -> None:
    odd = Target(
        installation_id=place.target.installation_id,
        repository_id=place.target.repository_id,
        owner="evil.example/x",
        name="../y?z",
    )
    await forge.git_source(place.target)
    place.clock.ahead = timedelta(minutes=2)  # the token has proven itself
    source = await forge.git_source(odd)
    assert source.url == f"{place.github.url}/evil.example%2Fx/..%2Fy%3Fz.git"
    assert source.repository_id == place.repository.id
