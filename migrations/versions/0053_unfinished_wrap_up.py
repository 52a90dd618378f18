"""Since when an attempt waits for its advisor to finish the wrap-up."""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

UNFINISHED = sa.text("unfinished_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("attempt", sa.Column("unfinished_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_attempt_unfinished",
        "attempt",
        ["advisor_id", "unfinished_at"],
        sqlite_where=UNFINISHED,
        postgresql_where=UNFINISHED,
    )


def downgrade() -> None:
    op.drop_index("ix_attempt_unfinished", table_name="attempt")
    op.drop_column("attempt", "unfinished_at")
