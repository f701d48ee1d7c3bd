"""Users, tokens, the usage log, and links to Discord users."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _now(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime, nullable=False, server_default=sa.func.current_timestamp())


def upgrade() -> None:
    """Create the first tables."""
    op.create_table(
        "users",
        sa.Column("id", sa.Integer),
        sa.Column("name", sa.String(200), nullable=False),
        _now("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("name", name="uq_users_name"),
    )
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.String(12)),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("tier", sa.String(40), nullable=False),
        sa.Column("scopes", sa.String(400), nullable=False),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("pepper_id", sa.String(8), nullable=False),
        sa.Column("credits_daily_limit", sa.Integer, nullable=False),
        sa.Column("credits_daily_used", sa.Integer, nullable=False, server_default="0"),
        sa.Column("requests_daily_used", sa.Integer, nullable=False, server_default="0"),
        sa.Column("max_rpm", sa.Integer, nullable=False),
        sa.Column("max_rpd", sa.Integer, nullable=False),
        sa.Column("last_reset_at", sa.Date, nullable=False),
        sa.Column("active", sa.Boolean(create_constraint=False), nullable=False),
        _now("created_at"),
        sa.Column("revoked_at", sa.DateTime),
        sa.PrimaryKeyConstraint("id", name="pk_api_tokens"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_api_tokens_user_id"),
        sa.UniqueConstraint("key_hash", name="uq_api_tokens_key_hash"),
        sa.CheckConstraint("credits_daily_used >= 0", name=op.f("ck_api_tokens_credits_used")),
        sa.CheckConstraint("requests_daily_used >= 0", name=op.f("ck_api_tokens_requests_used")),
        sa.CheckConstraint("credits_daily_limit >= 0", name=op.f("ck_api_tokens_credits_limit")),
    )
    op.create_index("ix_api_tokens_user_id", "api_tokens", ["user_id"])
    op.create_table(
        "usage_log",
        sa.Column("id", sa.Integer),
        sa.Column("token_id", sa.String(12), nullable=False),
        _now("at"),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("route", sa.String(100), nullable=False),
        sa.Column("credits", sa.Integer, nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("refund_of", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="pk_usage_log"),
        sa.ForeignKeyConstraint(["token_id"], ["api_tokens.id"], name="fk_usage_log_token_id"),
        sa.ForeignKeyConstraint(["refund_of"], ["usage_log.id"], name="fk_usage_log_refund_of"),
        sa.UniqueConstraint("refund_of", name="uq_usage_log_refund_of"),
    )
    op.create_index("ix_usage_log_token_id_day", "usage_log", ["token_id", "day"])
    op.create_table(
        "discord_links",
        sa.Column("discord_user_id", sa.String(20)),
        sa.Column("token_id", sa.String(12), nullable=False),
        _now("created_at"),
        sa.PrimaryKeyConstraint("discord_user_id", name="pk_discord_links"),
        sa.ForeignKeyConstraint(["token_id"], ["api_tokens.id"], name="fk_discord_links_token_id"),
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("discord_links", "usage_log", "api_tokens", "users"):
        op.drop_table(table)
