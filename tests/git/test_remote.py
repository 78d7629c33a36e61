from __future__ import annotations

import base64

import pytest

from lintbot.errors import GoneError, LimitError, PermanentError, TransientError
from lintbot.git.limits import GitLimits, TreeLimits
from lintbot.git.remote import check_address, explain, last_line, remote_config, secrets_of
from lintbot.model.ids import RepositoryId
from lintbot.ports import GitSource

TOKEN = "ghs_" + "t" * 40
SOURCE = GitSource(
    repository_id=RepositoryId(7), url="https://github.example:8443/a/b.git", token=TOKEN
)


@pytest.mark.parametrize(
    ("url", "protocol"),
    [
        ("https://github.com/a/b.git", "https"),
        ("http://127.0.0.1:8000/a/b.git", "http"),
        ("http://localhost/a/b.git", "http"),
        ("http://[::1]:80/a/b.git", "http"),
    ],
)
def test_addresses_that_are_fetched_from(url: str, protocol: str):
    assert check_address(url) == protocol


@pytest.mark.parametrize(
    "url",
    [
        "http://github.com/a/b.git",
        "http://127.0.0.1.evil.example/a",
        "ext::sh -c touch% /tmp/x",
        "file:///etc",
        "ssh://git@github.com/a/b.git",
        "git://github.com/a/b.git",
        "https:///a/b.git",
        "/etc",
        "",
    ],
)
def test_addresses_that_are_not(url: str):
    with pytest.raises(PermanentError, match="https only"):
        check_address(url)


def test_the_token_goes_to_its_host_alone():
    config = remote_config(SOURCE, TreeLimits(file_bytes=99))
    header = config["http.https://github.example:8443/.extraHeader"]
    basic = header.removeprefix("Authorization: Basic ")
    assert base64.b64decode(basic).decode() == f"x-access-token:{TOKEN}"
    others = {key: value for key, value in config.items() if value != header}
    assert TOKEN not in repr(others)
    assert others["remote.base.partialCloneFilter"] == "blob:limit=100"
    assert all(secret in header or secret == TOKEN for secret in secrets_of(SOURCE))


@pytest.mark.parametrize(
    ("complaint", "kind"),
    [
        ("fatal: remote error: upload-pack: not our ref 1111", PermanentError),
        ("fatal: couldn't find remote ref 1111", PermanentError),
        ("fatal: repository 'https://x/a.git/' not found", GoneError),
        ("remote: Repository not found.\nfatal: repository 'x' not found", GoneError),
        ("fatal: could not read Username for 'https://x': terminal prompts off", TransientError),
        ("fatal: unable to access 'x': The requested URL returned error: 403", TransientError),
        ("fatal: unable to access 'x': The requested URL returned error: 503", TransientError),
        ("fatal: unable to access 'x': The requested URL returned error: 404", GoneError),
        ("fatal: unable to access 'x': Could not resolve host: x", TransientError),
        ("error: RPC failed; curl 56 GnuTLS recv error", TransientError),
        ("fatal: write error: No space left on device", TransientError),
        ("error: index-pack died of signal 25", LimitError),
        ("fatal: Out of memory, malloc failed (tried to allocate 99 bytes)", LimitError),
    ],
)
def test_what_git_means(complaint: str, kind: type[Exception]):
    assert type(explain(complaint, GitLimits())) is kind


@pytest.mark.parametrize(
    "complaint", ["fatal: bad object HEAD", "error: packfile x is damaged", ""]
)
def test_other_complaints_are_about_the_mirror(complaint: str):
    assert explain(complaint, GitLimits()) is None


def test_the_last_line_is_short():
    assert last_line("one\ntwo\n") == "two"
    assert len(last_line("x" * 1000)) == 300
