"""Shell: since when an account has the plan that it has."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the column; of plans that exist only the last answer's time is known."""
    moment = sa.DateTime(timezone=True)
    op.add_column("account_plan", sa.Column("plan_since", moment, nullable=True))
    plan = sa.table("account_plan", sa.column("read_at"), sa.column("plan_since"))
    op.execute(plan.update().values(plan_since=plan.c.read_at))
