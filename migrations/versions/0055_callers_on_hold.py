"""Callers who wait on the line, and how many pass a waiting callback."""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ratio = sa.Column("live_calls_per_callback", sa.Integer(), server_default="0", nullable=False)
    op.add_column("service_policy", ratio)
    began = sa.Column("hold_began_at", sa.DateTime(timezone=True), nullable=True)
    op.add_column("inbound_call", began)


def downgrade() -> None:
    op.drop_column("inbound_call", "hold_began_at")
    op.drop_column("service_policy", "live_calls_per_callback")
