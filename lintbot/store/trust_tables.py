"""Shell: the tables of trust reports and of the dependency watch."""

from __future__ import annotations

import sqlalchemy as sa

from lintbot.store.tables import UtcTime, metadata

trust = sa.Table(
    "trust",
    metadata,
    sa.Column("repository_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("sha", sa.Text, nullable=False),
    sa.Column("letter", sa.Text, nullable=False),
    sa.Column("due_at", UtcTime, nullable=False),
    sa.Column("claimed_until", UtcTime),
    sa.Column("report", sa.LargeBinary),
)
"""The newest report of each repository, compressed JSON; null until there is one."""

watched = sa.Table(
    "watched",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("repository_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Index("watched_by_repository", "repository_id"),
)
"""Which repository has which package watched. Names of private repositories are in here only
where their owner agreed."""

package = sa.Table(
    "package",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("presence", sa.Text, nullable=False),
    sa.Column("due_at", UtcTime, nullable=False, index=True),
    sa.Column("observation", sa.LargeBinary, nullable=False),
)
"""What was seen of each package, compressed JSON, once for all repositories."""

package_event = sa.Table(
    "package_event",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("advisory", sa.Text, nullable=False, server_default=""),
    sa.Column("at", UtcTime, nullable=False, index=True),
    sa.Index("package_event_by_name", "name", "at"),
)
"""What happened to packages, for the feeds."""

advisory = sa.Table(
    "advisory",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
)
"""Which advisories of which packages, watched or not, were in the data once: they are no news."""

package_report = sa.Table(
    "package_report",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("asked_at", UtcTime, nullable=False, index=True),
    sa.Column("first_asked_at", UtcTime),
    sa.Column("computed_at", UtcTime),
    sa.Column("claimed_until", UtcTime),
    sa.Column("trouble", sa.Text, nullable=False),
    sa.Column("report", sa.LargeBinary),
)
"""Reports of packages that people asked for; ``computed_at`` null: somebody waits. What was seen
before ``first_asked_at`` may be known because of private repositories only."""
