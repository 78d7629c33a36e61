"""Pure: one webhook POST becomes one typed event, if it carries our secret's signature.

Signature: https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import parse_qs

import msgspec

from lintbot.errors import DeliveryError, ForgedDeliveryError, SettingsError
from lintbot.github.payloads import Envelope
from lintbot.github.typed import READERS, Source
from lintbot.model.events import Delivery, Event, Ignored
from lintbot.model.ids import DeliveryId

FORM = "application/x-www-form-urlencoded"

_PREFIX = "sha256="
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,100}\Z")
_MAX_FORM_FIELDS = 10

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Opens deliveries that were signed with our secret.

    Attributes:
        secrets: one, or two while the secret is rotated.
        app_id: our App; checks of other Apps are ignored.
    """

    secrets: tuple[str, ...] = field(repr=False)
    app_id: int

    def __post_init__(self) -> None:
        """Refuse what anybody could sign with.

        Raises:
            SettingsError: there is no secret, or an empty one.
        """
        if not self.secrets or not all(secret.strip() for secret in self.secrets):
            raise SettingsError("the webhook's secret is empty: anybody could send webhooks")

    def open(self, headers: Mapping[str, str], raw_body: bytes) -> Delivery:
        """Verify and type one delivery.

        Raises:
            ForgedDeliveryError: the signature is missing or not ours.
            DeliveryError: it is ours, but not what GitHub sends.
        """
        verify_signature(self.secrets, raw_body, find_signature(headers))
        return parse_delivery(headers, raw_body, app_id=self.app_id)


def verify_signature(secrets: tuple[str, ...], raw_body: bytes, header: str | None) -> None:
    """Check ``X-Hub-Signature-256`` over the bytes as they came.

    Every secret is tried, in constant time. SHA-1 (``X-Hub-Signature``) is never looked at.

    Raises:
        ForgedDeliveryError: the header is missing, or none of the secrets made it.
    """
    if header is None:
        raise ForgedDeliveryError("the header X-Hub-Signature-256 is missing")
    given = header.encode("utf-8", "surrogateescape")
    matches = [
        hmac.compare_digest(given, sign(secret, raw_body).encode("ascii")) for secret in secrets
    ]
    if not any(matches):
        raise ForgedDeliveryError("the signature in X-Hub-Signature-256 does not match")


def find_signature(headers: Mapping[str, str]) -> str | None:
    """Return what ``X-Hub-Signature-256`` says, if it is there."""
    return _lower(headers).get("x-hub-signature-256")


def sign(secret: str, raw_body: bytes) -> str:
    """Return what ``X-Hub-Signature-256`` must say."""
    return _PREFIX + hmac.digest(secret.encode(), raw_body, "sha256").hex()


def parse_delivery(headers: Mapping[str, str], raw_body: bytes, *, app_id: int) -> Delivery:
    """Type one verified delivery, JSON or form.

    Raises:
        DeliveryError: a header is missing or the payload is not what GitHub sends.
    """
    name, delivery_id, payload = unwrap(headers, raw_body)
    return Delivery(id=delivery_id, name=name, event=_read(name, payload, app_id))


def unwrap(headers: Mapping[str, str], raw_body: bytes) -> tuple[str, DeliveryId, bytes]:
    """Return a verified delivery's event, id and JSON, out of its form where it is one.

    Raises:
        DeliveryError: a header is missing, or the body is not the form that it says it is.
    """
    lower = _lower(headers)
    name = _token(lower, "X-GitHub-Event")
    delivery_id = DeliveryId(_token(lower, "X-GitHub-Delivery"))
    is_form = lower.get("content-type", "").partition(";")[0].strip().lower() == FORM
    return name, delivery_id, _unwrap_form(raw_body) if is_form else raw_body


# Made where one thread imports the module, see store/rows.py.
_KINDS: tuple[type[Any], ...] = (Envelope, *(reader.payload for reader in READERS.values()))
_DECODERS = {kind: msgspec.json.Decoder(kind) for kind in _KINDS}


def _read(name: str, payload: bytes, app_id: int) -> Event:
    envelope = _decode(payload, Envelope)
    reader = READERS.get(name)
    if reader is None:
        return Ignored(reason=f"lintbot does not use the event {name}")
    if reader.actions and envelope.action not in reader.actions:
        return Ignored(reason=f"lintbot does not use {name} with this action")
    if reader.for_installation and envelope.installation is None:
        return Ignored(reason="it was not sent to an installation of the App")
    try:
        source = Source(app_id=app_id, action=envelope.action or "")
        return reader.read(_decode(payload, reader.payload), source)
    except ValueError as error:  # a commit's name is not one
        raise DeliveryError(f"the payload is not what GitHub sends: {error}") from error


def _decode(payload: bytes, kind: type[_T]) -> _T:
    value: _T = decode_payload(payload, _DECODERS[kind])
    return value


def decode_payload(payload: bytes, decoder: msgspec.json.Decoder[_T]) -> _T:
    """Return a delivery's JSON as a value.

    Raises:
        DeliveryError: it is not JSON, or not of this shape. The text quotes none of it.
    """
    try:
        value: _T = decoder.decode(payload)
    except msgspec.ValidationError as error:
        raise DeliveryError(f"the payload is not what GitHub sends: {error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DeliveryError("the payload is not JSON") from error
    except RecursionError as error:
        raise DeliveryError("the payload is nested too deeply") from error
    return value


def _unwrap_form(raw_body: bytes) -> bytes:
    try:
        fields = parse_qs(
            raw_body.decode("ascii"), errors="strict", max_num_fields=_MAX_FORM_FIELDS
        )
    except ValueError as error:
        raise DeliveryError("the body is not a form") from error
    payload = fields.get("payload")
    if payload is None:
        raise DeliveryError("the form has no field named payload")
    return payload[0].encode()


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _token(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name.lower())
    if value is None:
        raise DeliveryError(f"the header {name} is missing")
    if not _TOKEN.match(value):
        raise DeliveryError(f"the header {name} is malformed")
    return value
