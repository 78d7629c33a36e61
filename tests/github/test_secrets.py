from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintbot.model.secrets import REDACTED, redact
from lintbot.standin.server import make_key

NEW_TOKEN = "ghs_12345_" + "aB3-_" * 50 + "." + "xY9_-" * 40 + "." + "q" * 60
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJJdjIzIn0.c2lnbmF0dXJl-_x"


@pytest.mark.parametrize(
    "secret",
    [
        NEW_TOKEN,
        "ghs_" + "a" * 36,
        "ghp_" + "b" * 36,
        "gho_" + "c" * 36,
        "ghu_" + "d" * 36,
        "ghr_" + "e" * 76,
        "github_pat_" + "f" * 22 + "_" + "g" * 59,
        JWT,
    ],
)
def test_no_part_of_a_token_is_left(secret: str) -> None:
    text = redact(f"before {secret} after")
    assert text == f"before {REDACTED} after"


def test_a_private_key_goes_as_a_whole_even_inside_json() -> None:
    key, _ = make_key()
    assert redact(f"a {key} b") == f"a {REDACTED} \n b".replace(" \n", "\n")
    shown = json.loads(redact(json.dumps({"key": key, "other": 1})))
    assert shown == {"key": f"{REDACTED}\n", "other": 1}


def test_the_rest_of_a_cut_key_goes_too() -> None:
    assert redact("-----BEGIN RSA PRIVATE KEY-----\nMIIEow") == REDACTED


@pytest.mark.parametrize("scheme", ["Basic", "bearer", "token"])
def test_an_authorization_header_keeps_only_its_scheme(scheme: str) -> None:
    secret = base64.b64encode(b"x-access-token:hunter2").decode().rstrip("=")
    for line in (
        f"Authorization: {scheme} {secret}",
        json.dumps({"authorization": f"{scheme} {secret}", "next": 1}),
        json.dumps({"line": json.dumps({"Authorization": f"{scheme} {secret}"})}),
        f"{{'Authorization': '{scheme} {secret}'}}",
        f"http.extraHeader=Authorization: {scheme} {secret}",
    ):
        assert secret not in redact(line)
        assert scheme in redact(line)


def test_json_stays_json() -> None:
    line = json.dumps({"authorization": f"token {NEW_TOKEN}", "u": "http://a:b@c/", "next": JWT})
    shown = json.loads(redact(line))
    assert shown["next"] == REDACTED
    assert shown["u"] == f"http://{REDACTED}@c/"


def test_a_password_in_an_address_goes() -> None:
    assert redact("https://x-access-token:hunter2@host/o/r") == f"https://{REDACTED}@host/o/r"
    assert redact("http://127.0.0.1:8000/a@b") == "http://127.0.0.1:8000/a@b"


@given(st.text(alphabet=st.characters(exclude_characters="-_"), max_size=200))
def test_text_without_secrets_stays(text: str) -> None:
    if not any(sign in text.lower() for sign in ("://", "authorization", "eyj")):
        assert redact(text) == text


@given(st.text(max_size=50), st.text(max_size=50))
def test_twice_is_once(before: str, after: str) -> None:
    once = redact(f"{before} {NEW_TOKEN} {after}")
    assert redact(once) == once


PARTS = (
    NEW_TOKEN,
    JWT,
    "-----BEGIN PRIVATE KEY-----",
    "Authorization: basic x",
    "h://a:b@c",
    "GHP_",
    "",
)


@given(st.lists(st.sampled_from(PARTS) | st.text(max_size=5), max_size=4).map("".join))
def test_text_that_is_not_searched_for_lack_of_signs_would_stay(text: str) -> None:
    """Other letters than those of ASCII have everything searched."""
    assert redact(f"é {text}") == f"é {redact(text)}"
