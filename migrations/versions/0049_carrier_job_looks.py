"""When a carrier job that may not have been made, or an inbound call, is looked up next."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("attempt", "offer", "text_out"):
        op.add_column(table, sa.Column("look_at", sa.DateTime(timezone=True), nullable=True))
    at = sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True)
    op.add_column("inbound_call", at)


def downgrade() -> None:
    op.drop_column("inbound_call", "looked_at")
    for table in ("text_out", "offer", "attempt"):
        op.drop_column(table, "look_at")
