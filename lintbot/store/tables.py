"""Shell: the tables. Ids are GitHub's numbers; names may change, numbers do not."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

metadata = sa.MetaData()


class UtcTime(sa.types.TypeDecorator[datetime]):
    """An aware UTC time, also on SQLite, which forgets zones."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Store UTC; on SQLite without the zone, so that times sort as text."""
        if value is None:
            return None
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Return an aware time."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


delivery = sa.Table(
    "delivery",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("received_at", UtcTime, nullable=False, index=True),
)
"""Deliveries seen, so that none counts twice."""

installation = sa.Table(
    "installation",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("account_id", sa.BigInteger, nullable=False),
    sa.Column("login", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
)

repository = sa.Table(
    "repository",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("installation_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("account_id", sa.BigInteger, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("private", sa.Boolean, nullable=False),
    sa.Column("default_branch", sa.Text, nullable=False),
    sa.Column("size_kib", sa.BigInteger, nullable=False),
    sa.Column("described_at", UtcTime),
    sa.Column("compared_at", UtcTime),
    sa.Column("pushed_at", UtcTime),
    sa.Column("removed_at", UtcTime),
    sa.Column("lapsed_at", UtcTime),
)
"""``described_at``: when GitHub last changed what is said here, by its own clock;
``compared_at``: when its branches were last compared with GitHub's, which said ``pushed_at`` then;
``removed_at``: since when it is out of our reach;
``lapsed_at``: since when it is private and no plan covers it."""

sa.Index("repository_by_owner", sa.func.lower(repository.c.owner))

alias = sa.Table(
    "alias",
    metadata,
    sa.Column("full_name", sa.Text, primary_key=True),
    sa.Column("repository_id", sa.BigInteger, nullable=False, index=True),
)
"""Every ``owner/name`` (lower case) that a repository has or had: old addresses keep working."""

branch_head = sa.Table(
    "branch_head",
    metadata,
    sa.Column("repository_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("branch", sa.Text, primary_key=True),
    sa.Column("sha", sa.Text, nullable=False),
    sa.Column("before", sa.Text),
)
"""``before``: the commit that the last push replaced; it tells a late delivery."""

lint_run = sa.Table(
    "lint_run",
    metadata,
    sa.Column("run_id", sa.Text, primary_key=True),
    sa.Column("repository_id", sa.BigInteger, nullable=False),
    sa.Column("account_id", sa.BigInteger, nullable=False),
    sa.Column("installation_id", sa.BigInteger, nullable=False),
    sa.Column("head_sha", sa.Text, nullable=False),
    sa.Column("branch", sa.Text),
    sa.Column("before", sa.Text),
    sa.Column("pull_number", sa.BigInteger),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("trigger", sa.Text, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("received_at", UtcTime, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("started_at", UtcTime),
    sa.Column("check_run_id", sa.BigInteger),
    sa.Column("conclusion", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("reference", sa.Text),
    sa.Column("completed_at", UtcTime),
    sa.Column("posted_at", UtcTime),
    sa.Column("score", sa.Text),
    sa.Column("neutral", sa.Text),
    sa.Column("new_count", sa.Integer),
    sa.Column("fixed_count", sa.Integer),
    sa.Column("judgement", sa.LargeBinary),
    sa.Column("overview", sa.LargeBinary),
    sa.Column("versions", sa.Text),
    sa.Column("withheld", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index("lint_run_by_commit", "repository_id", "head_sha"),
    sa.Index("lint_run_by_branch", "repository_id", "branch", "received_at"),
    sa.Index("lint_run_by_time", "repository_id", "received_at"),
)
"""The job, how far it came, and the verdict. ``conclusion`` is null until it is decided.

``score`` and ``neutral`` are JSON, for lists, and so are the tools' ``versions``; ``judgement``
is all findings, ``overview`` all but the findings, compressed JSON.
``withheld``: nothing was fetched, for the repository is private and has no plan.
"""

sa.Index(
    "lint_run_open",
    lint_run.c.received_at,
    sqlite_where=lint_run.c.conclusion.is_(None),
    postgresql_where=lint_run.c.conclusion.is_(None),
)
_unposted = sa.and_(lint_run.c.conclusion.is_not(None), lint_run.c.posted_at.is_(None))
sa.Index(
    "lint_run_unposted",
    lint_run.c.completed_at,
    sqlite_where=_unposted,
    postgresql_where=_unposted,
)

sa.Index(
    "lint_run_withheld",
    lint_run.c.repository_id,
    sqlite_where=lint_run.c.withheld,
    postgresql_where=lint_run.c.withheld,
)

sa.Index("lint_run_posted", lint_run.c.posted_at)

lint_result = sa.Table(
    "lint_result",
    metadata,
    sa.Column("repository_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("sha", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("saved_at", UtcTime, nullable=False, index=True),
    sa.Column("result", sa.LargeBinary, nullable=False),
)
"""Results of linting one commit with one set of tools, compressed JSON."""

excerpt = sa.Table(
    "excerpt",
    metadata,
    sa.Column("repository_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("sha", sa.Text, primary_key=True),
    sa.Column("saved_at", UtcTime, nullable=False, index=True),
    sa.Column("lines", sa.LargeBinary, nullable=False),
)
"""Lines of source around the findings of one commit, compressed JSON."""

explanation = sa.Table(
    "explanation",
    metadata,
    sa.Column("tool", sa.Text, primary_key=True),
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("version", sa.Text, primary_key=True),
    sa.Column("saved_at", UtcTime, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("markdown", sa.Boolean, nullable=False),
)
"""What each version of a tool says of its rules."""

accepted_baseline = sa.Table(
    "accepted_baseline",
    metadata,
    sa.Column("run_id", sa.Text, primary_key=True),
    sa.Column("repository_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("sha", sa.Text, nullable=False),
    sa.Column("accepted_by", sa.BigInteger, nullable=False),
    sa.Column("accepted_at", UtcTime, nullable=False),
    sa.Column("fingerprints", sa.LargeBinary, nullable=False),
    sa.Column("revoked_by", sa.BigInteger),
    sa.Column("revoked_at", UtcTime),
)
"""Findings that somebody accepted, compressed JSON; the newest that is not revoked counts."""

account_plan = sa.Table(
    "account_plan",
    metadata,
    sa.Column("account_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("subscription", sa.Text),
    sa.Column("plan_since", UtcTime),
    sa.Column("ended_at", UtcTime),
    sa.Column("read_at", UtcTime, nullable=False),
)
"""What an account has bought: the last subscription as JSON, since when it is that plan, and since
when it is over."""

patch = sa.Table(
    "patch",
    metadata,
    sa.Column("repository_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("sha", sa.Text, primary_key=True),
    sa.Column("saved_at", UtcTime, nullable=False, index=True),
    sa.Column("patch", sa.LargeBinary, nullable=False),
)
"""Safe fixes for one commit, compressed JSON."""

chore = sa.Table(
    "chore",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("claimed_at", UtcTime, nullable=False),
    sa.Column("finished_at", UtcTime),
)
"""What one process does for all, now and then; ``finished_at``: when that was begun that ended."""

missed_delivery = sa.Table(
    "missed_delivery",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("attempt", sa.BigInteger, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("delivered_at", UtcTime, nullable=False),
    sa.Column("found_at", UtcTime, nullable=False, index=True),
    sa.Column("redeliveries", sa.Integer, nullable=False),
    sa.Column("due_at", UtcTime, nullable=False),
    sa.Column("recovered_at", UtcTime),
)
"""Deliveries that failed as GitHub's log has it; ``attempt``: the last one's number there."""

badge_token = sa.Table(
    "badge_token",
    metadata,
    sa.Column("repository_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("made_by", sa.BigInteger, nullable=False),
    sa.Column("made_at", UtcTime, nullable=False),
)
"""What shows the badge of a private repository; the token itself is not stored."""

person = sa.Table(
    "person",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("login", sa.Text, nullable=False),
    sa.Column("tokens", sa.LargeBinary, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
    sa.Column("refreshing_until", UtcTime),
)
"""Who is signed in. ``tokens`` is sealed; ``expires_at`` is when the access token does.

``refreshing_until``: a process has the right to refresh the tokens until then.
"""

session = sa.Table(
    "session",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("person_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("expires_at", UtcTime, nullable=False, index=True),
)
"""Browsers that are signed in; the cookie itself is not stored."""

executor = sa.Table(
    "executor",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("seen", sa.Double, nullable=False),
)
"""When each worker was last alive: seconds since 1970 by the database's clock."""
