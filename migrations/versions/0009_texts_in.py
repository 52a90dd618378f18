"""Texts from visitors, and who wants none of ours."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "text_stop",
        sa.Column("phone_hash", sa.String(length=64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("phone_hash", name=op.f("pk_text_stop")),
    )
    op.create_table(
        "text_hint",
        sa.Column("phone_hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("phone_hash", name=op.f("pk_text_hint")),
    )
    op.create_table(
        "text_in",
        sa.Column("carrier_id", sa.String(length=34), nullable=False),
        sa.Column("phone_hash", sa.String(length=64), nullable=False),
        sa.Column("command", sa.String(length=20), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("carrier_id", name=op.f("pk_text_in")),
    )
    op.create_index(op.f("ix_text_in_phone_hash"), "text_in", ["phone_hash"], unique=False)


def downgrade() -> None:
    op.drop_table("text_in")
    op.drop_table("text_hint")
    op.drop_table("text_stop")
