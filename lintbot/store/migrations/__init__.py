"""Shell: the schema's history, run by Alembic."""
