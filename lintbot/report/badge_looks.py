"""Pure: how each style of badge is drawn; texts are clean, widths in px.

Geometry: badge-maker 6.0.0 (https://www.npmjs.com/package/badge-maker, MIT or Apache-2.0,
Thaddée Tyl, Paul Melnikow, Pierre-Yves Bigourdan and contributors).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape as escape_html

from lintbot.report.text_width import Font, text_width

Look = Callable[[str, str, str, str | None], str]
"""Label, message, colour and title (None: label and message) to SVG."""

_LABEL_COLOR = "#555"
_PADDING = 5
_VERDANA = "Verdana,Geneva,DejaVu Sans,sans-serif"
_HELVETICA = "Helvetica Neue,Helvetica,Arial,sans-serif"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Box:
    """One half of a rectangular badge, in px.

    Attributes:
        text: escaped.
        center: of the text.
        text_width: what the text is stretched or squeezed to.
    """

    text: str
    center: float
    text_width: int
    width: int


def _escape(text: str) -> str:
    return escape_html(text).replace("&#x27;", "&apos;")


def _number(value: float) -> str:
    """Write a number as ECMAScript does."""
    return str(int(value)) if value == int(value) else repr(value)


def _odd_width(text: str, font: Font) -> int:
    """Return a whole, odd number of px: the middle of the text then falls on a pixel."""
    width = int(text_width(text, font))
    return width + 1 if width % 2 == 0 else width


def _svg(width: str, height: int, title: str, body: str) -> str:
    name = _escape(title)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" role="img" '
        f'aria-label="{name}"><title>{name}</title>{body}</svg>'
    )


def _spoken(label: str, message: str) -> str:
    return f"{label}: {message}" if label else message


def _boxes(label: str, message: str) -> tuple[_Box, _Box]:
    label_width = _odd_width(label, Font.VERDANA_11) if label else 0
    left = label_width + 2 * _PADDING if label else 0
    message_width = _odd_width(message, Font.VERDANA_11)
    margin = left - (1 if message else 0) + (0 if label else 1)
    return (
        _Box(
            text=_escape(label),
            center=1 + label_width / 2 + _PADDING,
            text_width=label_width,
            width=left,
        ),
        _Box(
            text=_escape(message),
            center=margin + message_width / 2 + _PADDING,
            text_width=message_width,
            width=message_width + 2 * _PADDING,
        ),
    )


def _texts(content: str) -> str:
    return (
        f'<g fill="#fff" text-anchor="middle" font-family="{_VERDANA}" '
        f'text-rendering="geometricPrecision" font-size="110">{content}</g>'
    )


def _shadowed(box: _Box, y: int) -> str:
    if not box.text:
        return ""
    x, length = _number(10 * box.center), 10 * box.text_width
    return (
        '<g transform="scale(.1)"><g aria-hidden="true" fill="#010101">'
        f'<text x="{x}" y="{y + 10}" fill-opacity=".8" filter="url(#blur)" '
        f'textLength="{length}">{box.text}</text>'
        f'<text x="{x}" y="{y + 10}" fill-opacity=".3" textLength="{length}">{box.text}</text></g>'
        f'<text x="{x}" y="{y}" textLength="{length}">{box.text}</text></g>'
    )


def _plain(box: _Box) -> str:
    if not box.text:
        return ""
    return (
        f'<text x="{_number(10 * box.center)}" y="140" textLength="{10 * box.text_width}" '
        f'transform="scale(.1)">{box.text}</text>'
    )


def _rects(left: _Box, right: _Box, height: int, color: str) -> str:
    left_color = _LABEL_COLOR if left.text else color
    return (
        f'<rect width="{left.width}" height="{height}" fill="{left_color}"/>'
        f'<rect x="{left.width}" width="{right.width}" height="{height}" fill="{color}"/>'
    )


_BLUR = '<filter id="blur"><feGaussianBlur stdDeviation="16"/></filter>'
_FLAT_STOPS = (
    '<stop offset="0" stop-color="#bbb" stop-opacity=".1"/><stop offset="1" stop-opacity=".1"/>'
)
_PLASTIC_STOPS = (
    '<stop offset="0" stop-color="#fff" stop-opacity=".7"/>'
    '<stop offset=".1" stop-color="#aaa" stop-opacity=".1"/>'
    '<stop offset=".9" stop-color="#000" stop-opacity=".3"/>'
    '<stop offset="1" stop-color="#000" stop-opacity=".5"/>'
)


def _rounded(stops: str, height: int, radius: int, y: int) -> Look:
    """Return the renderer of a look with a gradient, round corners and a shadow."""

    def render(label: str, message: str, color: str, title: str | None) -> str:
        left, right = _boxes(label, message)
        width = left.width + right.width
        body = (
            f'{_BLUR}<linearGradient id="s" x2="0" y2="100%">{stops}</linearGradient>'
            f'<clipPath id="r"><rect width="{width}" height="{height}" rx="{radius}"/></clipPath>'
            f'<g clip-path="url(#r)">{_rects(left, right, height, color)}'
            f'<rect width="{width}" height="{height}" fill="url(#s)"/></g>'
            f"{_texts(_shadowed(left, y) + _shadowed(right, y))}"
        )
        return _svg(str(width), height, title or _spoken(label, message), body)

    return render


def flat_square(label: str, message: str, color: str, title: str | None) -> str:
    """Draw the one without gradient, corners and shadow."""
    left, right = _boxes(label, message)
    body = (
        f'<g shape-rendering="crispEdges">{_rects(left, right, 20, color)}</g>'
        f"{_texts(_plain(left) + _plain(right))}"
    )
    width = str(left.width + right.width)
    return _svg(width, 20, title or _spoken(label, message), body)


flat = _rounded(_FLAT_STOPS, height=20, radius=3, y=140)
plastic = _rounded(_PLASTIC_STOPS, height=18, radius=4, y=130)


def for_the_badge(label: str, message: str, color: str, title: str | None) -> str:
    """Draw the tall one in capitals."""
    label, message = label.upper(), message.upper()
    label_width, message_width = (
        _spaced(label, Font.VERDANA_10),
        _spaced(message, Font.VERDANA_10_BOLD),
    )
    left = label_width + 24 if label else 0
    right = message_width + 24
    rects = f'<rect width="{_number(right)}" height="28" fill="{color}"/>'
    if label:
        rects = (
            f'<rect width="{_number(left)}" height="28" fill="{_LABEL_COLOR}"/>'
            f'<rect x="{_number(left)}" width="{_number(right)}" height="28" fill="{color}"/>'
        )
    texts = (_capitals(label, 12, label_width, "") if label else "") + _capitals(
        message, left + 12, message_width, ' font-weight="bold"'
    )
    body = (
        f'<g shape-rendering="crispEdges">{rects}</g><g fill="#fff" text-anchor="middle" '
        f'font-family="{_VERDANA}" text-rendering="geometricPrecision" font-size="100">{texts}</g>'
    )
    return _svg(_number(left + right), 28, title or _spoken(label, message), body)


def _spaced(text: str, font: Font) -> float:
    """Return a width with 1.25 px between the letters, counted as UTF-16 as browsers do."""
    return int(text_width(text, font)) + 1.25 * (len(text.encode("utf-16-le")) // 2)


def _capitals(text: str, start: float, width: float, weight: str) -> str:
    x, length = _number(10 * (start + width / 2)), _number(10 * width)
    return (
        f'<text transform="scale(.1)" x="{x}" y="175" textLength="{length}"{weight}>'
        f"{_escape(text)}</text>"
    )


def social(label: str, message: str, color: str, title: str | None) -> str:  # noqa: ARG001  no colour here
    """Draw the one with a speech bubble."""
    label = _capitalized(label)
    text_width_left = _odd_width(label, Font.HELVETICA_11_BOLD)
    text_width_right = _odd_width(message, Font.HELVETICA_11_BOLD)
    left, right = text_width_left + 10, text_width_right + 8
    bubble = _bubble(left + 6, right) if message else ""
    texts = _engraved(label, _number(10 * (text_width_left / 2 + 5)), text_width_left, "")
    if message:
        center = _number(10 * (left + 6 + right / 2))
        texts += _engraved(message, center, text_width_right, ' id="rlink"')
    body = (
        f"{_SOCIAL_STYLE}"
        '<g stroke="#d5d5d5"><rect stroke="none" fill="#fcfcfc" x=".5" y=".5" '
        f'width="{left}" height="19" rx="2"/>{bubble}</g>'
        f'<g aria-hidden="true" fill="#333" text-anchor="middle" font-family="{_HELVETICA}" '
        'text-rendering="geometricPrecision" font-weight="700" font-size="110px" '
        f'line-height="14px"><rect id="llink" stroke="#d5d5d5" fill="url(#a)" x=".5" y=".5" '
        f'width="{left}" height="19" rx="2"/>{texts}</g>'
    )
    width = left + 1 + (6 + right if message else 0)
    return _svg(str(width), 20, title or _spoken(label, message), body)


_SOCIAL_STYLE = (
    "<style>a:hover #llink{fill:url(#b);stroke:#ccc}a:hover #rlink{fill:#4183c4}</style>"
    '<linearGradient id="a" x2="0" y2="100%">'
    '<stop offset="0" stop-color="#fcfcfc" stop-opacity="0"/>'
    '<stop offset="1" stop-opacity=".1"/></linearGradient>'
    '<linearGradient id="b" x2="0" y2="100%">'
    '<stop offset="0" stop-color="#ccc" stop-opacity=".1"/>'
    '<stop offset="1" stop-opacity=".1"/></linearGradient>'
)


def _capitalized(text: str) -> str:
    """Raise the first UTF-16 unit, as ECMAScript does: half of a pair has no capital."""
    return text if text[:1] > "\uffff" else text[:1].upper() + text[1:]


def _bubble(notch: int, width: int) -> str:
    return (
        f'<rect x="{notch}.5" y=".5" width="{width}" height="19" rx="2" fill="#fafafa"/>'
        f'<rect x="{notch}" y="7.5" width=".5" height="5" stroke="#fafafa"/>'
        f'<path d="M{notch}.5 6.5 l-3 3v1 l3 3" fill="#fafafa"/>'
    )


def _engraved(text: str, x: str, width: int, name: str) -> str:
    length = f'transform="scale(.1)" textLength="{10 * width}"'
    return (
        f'<text aria-hidden="true" x="{x}" y="150" fill="#fff" {length}>{_escape(text)}</text>'
        f'<text{name} x="{x}" y="140" {length}>{_escape(text)}</text>'
    )
