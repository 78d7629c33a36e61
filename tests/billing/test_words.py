from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lintbot.billing.words import explain, foretell
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


NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def test_after_a_plan_the_day_of_the_deletion_is_named():
    ended = Entitlement(reason=Reason.PLAN_ENDED, since=NOW)
    assert "is deleted on 2026-12-25." in explain(ended, NOW)
    never = Entitlement(reason=Reason.NO_PLAN)
    assert "deleted" not in explain(never, NOW)


def test_the_end_is_foretold_a_month_before():
    ends = Entitlement(reason=Reason.PLAN, until=NOW + timedelta(days=30))
    (sentence,) = foretell(ends, NOW)
    assert "until 2026-12-25;" in sentence
    assert "deleted on 2027-01-24." in sentence
    assert foretell(ends, NOW - timedelta(seconds=1)) == ()
    assert foretell(Entitlement(reason=Reason.PLAN), NOW) == ()
