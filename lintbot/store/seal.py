"""Shell: encrypts what lintbot keeps in people's names (``ports.Seal``)."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import timedelta

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_KEY_BYTES = 32
_PURPOSE = b"lintbot: what is kept of people who signed in"


class FernetSeal:
    """Implements ``ports.Seal`` with Fernet (AES-128 and HMAC-SHA-256).

    Args:
        secret: the App's client secret; when it is changed, what was sealed is unreadable and
            people sign in again.
    """

    def __init__(self, secret: str) -> None:
        derive = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=_PURPOSE).derive
        self._fernet = Fernet(urlsafe_b64encode(derive(secret.encode())))

    def close(self, content: bytes) -> bytes:
        """Return the content, sealed; ASCII."""
        return self._fernet.encrypt(content)

    def open(self, sealed: bytes, max_age: timedelta | None = None) -> bytes | None:
        """Return the content; None when it is not ours or too old."""
        seconds = None if max_age is None else int(max_age.total_seconds())
        try:
            return self._fernet.decrypt(sealed, ttl=seconds)
        except InvalidToken:
            return None
