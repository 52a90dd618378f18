"""Entries of a directory have a version, and notes in each language."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "crisis_line", sa.Column("version", sa.Integer(), server_default="1", nullable=False)
    )
    op.add_column(
        "crisis_line",
        sa.Column("notes_by_language", sa.JSON(), nullable=True),
    )


def downgrade() -> None:
    with op.batch_alter_table("crisis_line") as table:
        table.drop_column("notes_by_language")
        table.drop_column("version")
