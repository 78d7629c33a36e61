"""Shell: when GitHub last changed what it says of a repository."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add a column; what is known already gives way to the next description."""
    op.add_column("repository", sa.Column("described_at", sa.DateTime(timezone=True)))
