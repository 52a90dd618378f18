"""Texts to visitors."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "text_out",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=32), nullable=False),
        sa.Column("callback_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("once", sa.String(length=40), nullable=False),
        sa.Column("phone_hash", sa.String(length=64), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("good_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("carrier_id", sa.String(length=34), nullable=True),
        sa.Column("error_code", sa.Integer(), nullable=True),
        sa.Column("problem", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(
            ["callback_id"], ["callback.id"], name=op.f("fk_text_out_callback_id_callback")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_out")),
        sa.UniqueConstraint("carrier_id", name=op.f("uq_text_out_carrier_id")),
        sa.UniqueConstraint(
            "callback_id", "kind", "once", name=op.f("uq_text_out_callback_id_kind_once")
        ),
        sa.UniqueConstraint("ref", name=op.f("uq_text_out_ref")),
    )
    op.create_index(
        "ix_text_out_phone_hash", "text_out", ["phone_hash", "created_at"], unique=False
    )
    op.create_index(
        "ix_text_out_asked",
        "text_out",
        ["looked_at"],
        unique=False,
        sqlite_where=sa.text("status = 'asked'"),
        postgresql_where=sa.text("status = 'asked'"),
    )
    op.create_index(
        "ix_text_out_under_way",
        "text_out",
        ["heard_at"],
        unique=False,
        sqlite_where=sa.text("status IN ('accepted', 'sent')"),
        postgresql_where=sa.text("status IN ('accepted', 'sent')"),
    )


def downgrade() -> None:
    op.drop_table("text_out")
