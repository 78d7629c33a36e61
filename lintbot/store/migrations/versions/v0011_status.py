"""Shell: check runs by when they were completed."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add an index."""
    op.create_index("lint_run_posted", "lint_run", ["posted_at"])
