"""What counts as proof that nothing is left of an account."""

from __future__ import annotations

import pytest

from lintbot.model.erasure import Erasure, Holding
from lintbot.model.ids import AccountId


@pytest.mark.parametrize(
    ("left", "folders_left", "complete"),
    [({}, 0, True), ({"lint_run": 1}, 0, False), ({}, 1, False)],
)
def test_it_is_complete_when_a_second_look_finds_nothing(
    left: dict[str, int], folders_left: int, *, complete: bool
) -> None:
    holding = Holding(account_id=AccountId(1), repositories=(), installations=(), installed=False)
    erasure = Erasure(
        holding=holding, rows={"lint_run": 2}, left=left, folders=1, folders_left=folders_left
    )
    assert erasure.complete == complete
