"""Messages that callers leave, to be heard by the advisor who holds the callback."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "voice_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recording", sa.String(length=34), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("callback_id", sa.Integer(), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sound", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["call_id"], ["inbound_call.id"], name=op.f("fk_voice_message_call_id_inbound_call")
        ),
        sa.ForeignKeyConstraint(
            ["callback_id"], ["callback.id"], name=op.f("fk_voice_message_callback_id_callback")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voice_message")),
        sa.UniqueConstraint("recording", name=op.f("uq_voice_message_recording")),
    )
    op.create_index(op.f("ix_voice_message_call_id"), "voice_message", ["call_id"])
    op.create_index(op.f("ix_voice_message_callback_id"), "voice_message", ["callback_id"])


def downgrade() -> None:
    op.drop_table("voice_message")
