"""Alembic's scripts; run by `api.accounts.migrate`, never by hand."""
