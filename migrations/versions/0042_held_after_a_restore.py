"""Since when a callback is held after a restore, until a supervisor has looked at it."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

_HELD = sa.text("held_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("callback", sa.Column("held_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_callback_held", "callback", ["held_at"], sqlite_where=_HELD, postgresql_where=_HELD
    )


def downgrade() -> None:
    op.drop_index("ix_callback_held", table_name="callback")
    op.drop_column("callback", "held_at")
