from __future__ import annotations

import pytest

from lintbot.billing.words import explain
from lintbot.model.plans import ENTITLED, Entitlement, Reason


@pytest.mark.parametrize("reason", sorted(set(Reason) - ENTITLED))
def test_every_refusal_says_in_one_sentence_why_and_what_to_do(reason: Reason):
    words = explain(Entitlement(reason=reason))
    assert "nothing was fetched" in words
    assert "with a plan" in words
    assert words.count(".") == 1


@pytest.mark.parametrize("reason", sorted(ENTITLED))
def test_there_is_nothing_to_say_about_the_others(reason: Reason):
    with pytest.raises(ValueError, match="nothing to explain"):
        explain(Entitlement(reason=reason))
