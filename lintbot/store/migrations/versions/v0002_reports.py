"""Shell: what the pages show: overviews, excerpts of source, explanations of rules."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns and tables."""
    op.add_column("lint_run", sa.Column("overview", sa.LargeBinary(), nullable=True))
    op.add_column("lint_run", sa.Column("versions", sa.Text(), nullable=True))
    op.create_index("repository_by_owner", "repository", [sa.text("lower(owner)")])
    op.create_table(
        "excerpt",
        sa.Column("repository_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sha", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lines", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("repository_id", "sha"),
    )
    op.create_index("ix_excerpt_saved_at", "excerpt", ["saved_at"])
    op.create_table(
        "explanation",
        sa.Column("tool", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("markdown", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tool", "code", "version"),
    )
