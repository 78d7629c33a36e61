"""Shell: what accounts have bought, and runs that were withheld for want of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the accounts' plans."""
    op.create_table(
        "account_plan",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subscription", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.add_column(
        "lint_run",
        sa.Column("withheld", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_index(
        "lint_run_withheld",
        "lint_run",
        ["repository_id"],
        sqlite_where=sa.text("withheld"),
        postgresql_where=sa.text("withheld"),
    )
