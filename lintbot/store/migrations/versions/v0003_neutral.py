"""Shell: the neutral profile of a lint run."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add a column; older lint runs have no profile."""
    op.add_column("lint_run", sa.Column("neutral", sa.Text(), nullable=True))
