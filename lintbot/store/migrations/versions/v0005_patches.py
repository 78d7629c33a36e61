"""Shell: patches of safe fixes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "patch",
        sa.Column("repository_id", sa.BigInteger(), nullable=False),
        sa.Column("sha", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("patch", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("repository_id", "sha"),
    )
    op.create_index("ix_patch_saved_at", "patch", ["saved_at"])
