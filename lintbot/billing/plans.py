"""Pure: the plans, as data. Documented in docs/plans.md; a test compares the two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from lintbot.model.plans import PriceModel, Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What a plan allows. Public repositories need none, and count for ``share`` only.

    Attributes:
        private_repositories: how many; None for all of the account's.
        per_unit: ``private_repositories`` counts for each unit that was bought.
        share: of the server's slots, for lint runs at the same time.
        history_days: so long lint runs of private repositories are kept, 1 or more; None: as long
            as those of public ones.
    """

    private_repositories: int | None
    per_unit: bool = False
    share: Share = Share.SINGLE
    history_days: int | None = None

    def private_limit(self, unit_count: int) -> int | None:
        """Return how many private repositories so many units allow; None for all."""
        if self.private_repositories is None or not self.per_unit:
            return self.private_repositories
        return self.private_repositories * unit_count


ALLOWANCES: Final[Mapping[PriceModel, Allowance]] = MappingProxyType(
    {
        PriceModel.FREE: Allowance(private_repositories=0),
        PriceModel.FLAT_RATE: Allowance(private_repositories=None, share=Share.DOUBLE),
        PriceModel.PER_UNIT: Allowance(
            private_repositories=1, per_unit=True, share=Share.DOUBLE, history_days=365
        ),
    }
)
"""By price model and not by name: the operator names and prices the plans of the listing, and
whatever a customer pays for must work from the first minute."""
