"""Pure: takes what no log, error or page may show out of a text.

Token prefixes: https://github.blog/engineering/behind-githubs-new-authentication-token-formats/
"""

from __future__ import annotations

import re
from typing import Final

REDACTED: Final = "[secret]"

# Installation tokens have had about 520 characters, with dots, since April 2026; the old ones 40:
# https://github.blog/changelog/ (15 May 2026). No upper bound, or the tail would be shown.
_PATTERNS: Final = (
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?:.*?-----END [A-Z ]{0,30}PRIVATE KEY-----|.*)",
    r"gh[opsur]_[A-Za-z0-9._-]{20,}",
    r"github_pat_[A-Za-z0-9_]{20,}",
    r"\beyJ[A-Za-z0-9_-]{5,}\.eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*",
    r"(?<=://)[^/@\s:\"'\\]{1,100}:[^/@\s\"'\\]{1,2000}(?=@)",
)
_AUTHORIZATION: Final = re.compile(
    r"((?:proxy-)?authorization[\"'\\]{0,4}\s*[:=]\s*[\"'\\]{0,4}(?:(?:basic|bearer|token)\s+)?)"
    r"[^\s\"'\\,;]+",
    re.IGNORECASE,
)
_SECRET: Final = re.compile("|".join(_PATTERNS), re.DOTALL)
_HINTS: Final = (
    *("-----begin ", "gho_", "ghp_", "ghs_", "ghu_", "ghr_", "github_pat_", "eyj", "://"),
    "authorization",
)
"""Where none of them stands in a text of ASCII, in small letters, no pattern matches."""


def redact(text: str) -> str:
    """Return the text with tokens, JSON web tokens, private keys and passwords blotted out."""
    if text.isascii():
        small = text.lower()
        if not any(hint in small for hint in _HINTS):
            return text
    return _AUTHORIZATION.sub(rf"\g<1>{REDACTED}", _SECRET.sub(REDACTED, text))
