"""What an advisor has typed about a callback and not saved yet."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "note_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("callback_id", sa.Integer(), nullable=False),
        sa.Column("advisor_id", sa.Integer(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("transfer_note", sa.Text(), nullable=True),
        sa.Column("disposition", sa.String(length=20), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["advisor_id"], ["staff.id"], name=op.f("fk_note_draft_advisor_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["callback_id"], ["callback.id"], name=op.f("fk_note_draft_callback_id_callback")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note_draft")),
        sa.UniqueConstraint(
            "callback_id", "advisor_id", name=op.f("uq_note_draft_callback_id_advisor_id")
        ),
    )
    op.create_index(op.f("ix_note_draft_advisor_id"), "note_draft", ["advisor_id"])


def downgrade() -> None:
    op.drop_table("note_draft")
