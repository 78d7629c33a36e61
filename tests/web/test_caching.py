"""Entity tags and If-None-Match."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintbot.web.caching import has_it, make_etag


@given(st.binary(), st.binary())
def test_same_bytes_same_tag(one: bytes, two: bytes) -> None:
    assert (make_etag(one) == make_etag(two)) == (one == two)
    assert make_etag(one).startswith('"')
    assert make_etag(one).endswith('"')


@pytest.mark.parametrize(
    ("header", "known"),
    [
        ('"a"', True),
        ('W/"a"', True),
        ('"b", "a"', True),
        ("*", True),
        ("", False),
        ('"b"', False),
        ("a", False),
    ],
)
def test_if_none_match(header: str, known: bool) -> None:
    assert has_it(header, '"a"') is known
