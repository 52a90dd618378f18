"""Until when a visitor may be called, and what they want if they do not answer."""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

ENDS = sa.text("status = 'waiting' AND call_until IS NOT NULL")


def upgrade() -> None:
    op.add_column("callback", sa.Column("if_missed", sa.String(length=10), nullable=True))
    op.add_column("callback", sa.Column("call_until", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_callback_call_until",
        "callback",
        ["call_until"],
        sqlite_where=ENDS,
        postgresql_where=ENDS,
    )


def downgrade() -> None:
    op.drop_index("ix_callback_call_until", table_name="callback")
    op.drop_column("callback", "call_until")
    op.drop_column("callback", "if_missed")
