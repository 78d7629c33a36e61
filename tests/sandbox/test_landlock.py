"""Everything that a Landlock version knows is taken away, from the first version to the newest."""

from __future__ import annotations

from itertools import pairwise

import pytest

from lintbot.sandbox.jail import landlock

EXPECTED = {
    # file rights, TCP rights, scopes: include/uapi/linux/landlock.h of the kernel that brought each
    1: (0x1FFF, 0, 0),
    2: (0x3FFF, 0, 0),
    3: (0x7FFF, 0, 0),
    4: (0x7FFF, 3, 0),
    5: (0xFFFF, 3, 0),
    6: (0xFFFF, 3, 3),
    7: (0xFFFF, 3, 3),
    8: (0xFFFF, 3, 3),
    9: (0x1FFFF, 3, 3),
    10: (0x1FFFF, 3, 3),
}
SIZES = {1: 8, 2: 8, 3: 8, 4: 16, 5: 16, 6: 24, 7: 24, 8: 24, 9: 24, 10: 24}


@pytest.mark.parametrize("abi", EXPECTED)
def test_every_right_is_handled(abi: int) -> None:
    assert landlock.handled(abi) == EXPECTED[abi]


@pytest.mark.parametrize("abi", SIZES)
def test_the_attribute_is_as_long_as_the_version_knows(abi: int) -> None:
    assert landlock._attribute_bytes(abi) == SIZES[abi]


def test_a_newer_version_takes_no_less() -> None:
    versions = [landlock.handled(abi) for abi in range(1, 12)]
    for older, newer in pairwise(versions):
        assert all(old & new == old for old, new in zip(older, newer, strict=True))


def test_without_landlock_the_job_does_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "read_abi", lambda: 0)
    with pytest.raises(OSError, match="no Landlock"):
        landlock.restrict([])
