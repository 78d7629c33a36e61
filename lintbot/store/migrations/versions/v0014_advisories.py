"""Shell: which advisories are known, so that a new one is told once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Create the table, and add the column of an event's advisory."""
    op.create_table(
        "advisory",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", "id"),
    )
    of_event = sa.Column("advisory", sa.Text(), nullable=False, server_default="")
    op.add_column("package_event", of_event)
