"""The list of outcomes, and risk notes."""

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outcome_list",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("outcomes", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["saved_by"], ["staff.id"], name=op.f("fk_outcome_list_saved_by_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcome_list")),
        sa.UniqueConstraint("version", name=op.f("uq_outcome_list_version")),
    )
    op.add_column("attempt", sa.Column("risk_note", sa.Text(), nullable=True))
    op.add_column("note_draft", sa.Column("risk_note", sa.Text(), nullable=True))
    op.add_column("note_draft", sa.Column("outcome", sa.String(length=20), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("note_draft") as draft:
        draft.drop_column("outcome")
        draft.drop_column("risk_note")
    with op.batch_alter_table("attempt") as attempt:
        attempt.drop_column("risk_note")
    op.drop_table("outcome_list")
