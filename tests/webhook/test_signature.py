from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintbot.errors import ForgedDeliveryError, SettingsError
from lintbot.github.webhook import Webhook, sign, verify_signature
from tests.support.payloads import SECRET, a_push, encoded, headers_for, signature

BODY = b"Hello, World!"
# https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation
GITHUBS = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"


def test_githubs_own_example():
    assert sign(SECRET, BODY) == GITHUBS
    verify_signature((SECRET,), BODY, GITHUBS)


@pytest.mark.parametrize("secrets", [("new", SECRET), (SECRET, "new")])
def test_either_secret_is_good_while_one_is_rotated(secrets: tuple[str, ...]):
    verify_signature(secrets, BODY, GITHUBS)
    verify_signature(secrets, BODY, signature(BODY, "new"))


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "sha256=",
        signature(BODY, algorithm="sha1"),
        GITHUBS.removeprefix("sha256="),
        GITHUBS.upper(),
        GITHUBS[:-1],
        GITHUBS + "0",
        " " + GITHUBS,
        signature(BODY, "another secret"),
        signature(BODY, ""),
        "sha256=é",
        "sha256=\udcff",
    ],
)
def test_anything_else_is_forged(header: str | None):
    with pytest.raises(ForgedDeliveryError):
        verify_signature((SECRET,), BODY, header)


def test_sha1_alone_is_refused():
    body = encoded(a_push())
    headers = headers_for(body, "push")
    del headers["X-Hub-Signature-256"]
    with pytest.raises(ForgedDeliveryError, match="X-Hub-Signature-256 is missing"):
        Webhook(secrets=(SECRET,), app_id=1).open(headers, body)


@pytest.mark.parametrize("secrets", [(), ("",), ("  ",), (SECRET, "")])
def test_an_empty_secret_is_refused_at_once(secrets: tuple[str, ...]):
    with pytest.raises(SettingsError):
        Webhook(secrets=secrets, app_id=1)


def test_the_secret_is_in_no_repr():
    assert SECRET not in repr(Webhook(secrets=(SECRET,), app_id=1))


@given(body=st.binary(min_size=1), secret=st.text(min_size=1), data=st.data())
def test_one_flipped_bit_fails(body: bytes, secret: str, data: st.DataObject):
    secret = secret.encode(errors="replace").decode()
    header = sign(secret, body)
    verify_signature((secret,), body, header)
    where = data.draw(st.integers(0, len(body) * 8 - 1))
    changed = bytearray(body)
    changed[where // 8] ^= 1 << where % 8
    with pytest.raises(ForgedDeliveryError):
        verify_signature((secret,), bytes(changed), header)
    where = data.draw(st.integers(0, len(header) - 1))
    flipped = header[:where] + chr(ord(header[where]) ^ 1) + header[where + 1 :]
    with pytest.raises(ForgedDeliveryError):
        verify_signature((secret,), body, flipped)
