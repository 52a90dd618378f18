"""The words of a text that fits no command, until a supervisor has read it."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

UNREAD = sa.text("words IS NOT NULL")


def upgrade() -> None:
    op.add_column("text_in", sa.Column("words", sa.Text(), nullable=True))
    op.create_index(
        "ix_text_in_unread",
        "text_in",
        ["received_at"],
        sqlite_where=UNREAD,
        postgresql_where=UNREAD,
    )


def downgrade() -> None:
    op.drop_index("ix_text_in_unread", table_name="text_in")
    op.drop_column("text_in", "words")
