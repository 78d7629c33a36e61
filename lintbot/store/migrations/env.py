"""Shell: Alembic runs this file; ``lintbot.store.migrate`` passes the connection."""

from __future__ import annotations

from alembic import context

from lintbot.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table="lintbot_schema",
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
