"""Calls to the helpline's number, and the advisor's line that one takes."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("presence", sa.Column("call_in", sa.String(length=34), nullable=True))
    op.add_column(
        "presence", sa.Column("call_in_ended_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_table(
        "inbound_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sid", sa.String(length=34), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("phone_hash", sa.String(length=64), nullable=True),
        sa.Column("region", sa.String(length=2), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=True),
        sa.Column("asked", sa.String(length=20), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("asked_times", sa.Integer(), nullable=False),
        sa.Column("for_message", sa.Boolean(), nullable=False),
        sa.Column("typed_phone", sa.Text(), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("advisor_id", sa.Integer(), nullable=True),
        sa.Column("advisor_call", sa.String(length=34), nullable=True),
        sa.Column("rung", sa.JSON(), nullable=False),
        sa.Column("talked_with", sa.Integer(), nullable=True),
        sa.Column("talked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("callback_id", sa.Integer(), nullable=True),
        sa.Column("attempt_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["advisor_id"], ["staff.id"], name=op.f("fk_inbound_call_advisor_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.id"], name=op.f("fk_inbound_call_attempt_id_attempt")
        ),
        sa.ForeignKeyConstraint(
            ["callback_id"], ["callback.id"], name=op.f("fk_inbound_call_callback_id_callback")
        ),
        sa.ForeignKeyConstraint(
            ["talked_with"], ["staff.id"], name=op.f("fk_inbound_call_talked_with_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_call")),
        sa.UniqueConstraint("advisor_id", name=op.f("uq_inbound_call_advisor_id")),
        sa.UniqueConstraint("attempt_id", name=op.f("uq_inbound_call_attempt_id")),
        sa.UniqueConstraint("sid", name=op.f("uq_inbound_call_sid")),
    )
    op.create_index(op.f("ix_inbound_call_callback_id"), "inbound_call", ["callback_id"])
    op.create_index(op.f("ix_inbound_call_phone_hash"), "inbound_call", ["phone_hash"])
    op.create_index(
        "ix_inbound_call_silent",
        "inbound_call",
        ["heard_at"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "inbound_reply",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["inbound_call.id"], name=op.f("fk_inbound_reply_call_id_inbound_call")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_reply")),
        sa.UniqueConstraint("call_id", "turn", name=op.f("uq_inbound_reply_call_id_turn")),
    )


def downgrade() -> None:
    op.drop_table("inbound_reply")
    op.drop_table("inbound_call")
    with op.batch_alter_table("presence") as presence:
        presence.drop_column("call_in_ended_at")
        presence.drop_column("call_in")
