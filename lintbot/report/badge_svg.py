"""Pure: a badge as SVG, with the geometry, colours and text widths of shields' badges.

Reference: badge-maker 6.0.0 (https://www.npmjs.com/package/badge-maker, MIT or Apache-2.0,
Thaddée Tyl, Paul Melnikow, Pierre-Yves Bigourdan and contributors).
"""

from __future__ import annotations

import re
from enum import StrEnum

from lintbot.report.badge_looks import Look, flat, flat_square, for_the_badge, plastic, social


class Style(StrEnum):
    """The looks of a badge."""

    FLAT = "flat"
    FLAT_SQUARE = "flat-square"
    PLASTIC = "plastic"
    FOR_THE_BADGE = "for-the-badge"
    SOCIAL = "social"


COLORS = {
    "brightgreen": "#4b0",
    "green": "#67ac09",
    "yellowgreen": "#95991a",
    "yellow": "#d8b800",
    "orange": "#ea7233",
    "red": "#dd4343",
    "blue": "#007ec6",
    "lightgrey": "#939393",
}
"""All of them dark enough for white text."""

_RENDERERS: dict[Style, Look] = {
    Style.FLAT: flat,
    Style.FLAT_SQUARE: flat_square,
    Style.PLASTIC: plastic,
    Style.FOR_THE_BADGE: for_the_badge,
    Style.SOCIAL: social,
}
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""https://www.w3.org/TR/xml/#charsets"""
_TRIMMED = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""What ECMAScript's trim() removes; it differs from Python's strip()."""


def render_svg(
    *, label: str, message: str, color: str, style: Style = Style.FLAT, title: str | None = None
) -> str:
    """Return a badge.

    Args:
        label: untrusted text on the left; an empty one leaves the left side out.
        message: untrusted text on the right.
        color: of the right side, one of ``COLORS``.
        style: how it looks.
        title: what a screen reader says and a pointer shows; default: label and message.
    """
    render = _RENDERERS[style]
    return render(clean(label), clean(message), COLORS[color], title and clean(title))


def clean(text: str) -> str:
    """Return text that XML can hold, without white space around it."""
    return _NOT_XML.sub("", text).strip(_TRIMMED)
