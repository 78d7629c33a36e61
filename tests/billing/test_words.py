from __future__ import annotations

import pytest

from lintbot.billing.words import explain
from lintbot.model.plans import ENTITLED, Entitlement, Reason

URL = "https://lint.example/accounts/ann/plan"


@pytest.mark.parametrize("reason", sorted(set(Reason) - ENTITLED))
def test_every_refusal_says_why_and_where_to_go(reason: Reason):
    words = explain(Entitlement(reason=reason), URL)
    assert "nothing was fetched" in words
    assert URL in words


@pytest.mark.parametrize("reason", sorted(ENTITLED))
def test_there_is_nothing_to_say_about_the_others(reason: Reason):
    with pytest.raises(ValueError, match="nothing to explain"):
        explain(Entitlement(reason=reason), URL)
