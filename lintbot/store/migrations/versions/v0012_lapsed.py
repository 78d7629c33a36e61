"""Shell: since when no plan covers a private repository."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the column."""
    op.add_column("repository", sa.Column("lapsed_at", sa.DateTime(timezone=True), nullable=True))
