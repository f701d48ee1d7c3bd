"""Alembic's entry: runs the migrations inside the transaction it is handed."""

from __future__ import annotations

from alembic import context

from api.accounts.tables import metadata

if __name__ == "env_py":  # the name Alembic loads this file under; importing it does nothing
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        render_as_batch=True,
    )
    context.run_migrations()
