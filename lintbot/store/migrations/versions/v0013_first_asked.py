"""Shell: since when somebody asks for the report of a package."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the column; of reports that exist only the last time is known."""
    moment = sa.DateTime(timezone=True)
    op.add_column("package_report", sa.Column("first_asked_at", moment, nullable=True))
    report = sa.table("package_report", sa.column("asked_at"), sa.column("first_asked_at"))
    op.execute(report.update().values(first_asked_at=report.c.asked_at))
