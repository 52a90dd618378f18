"""When a visitor agreed to show earlier calls; the carrier's time of an event."""

import sqlalchemy as sa
from alembic import op

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("callback", sa.Column("earlier_calls_agreed_at", INSTANT, nullable=True))
    op.add_column("call_event", sa.Column("occurred_at", INSTANT, nullable=True))


def downgrade() -> None:
    op.drop_column("call_event", "occurred_at")
    op.drop_column("callback", "earlier_calls_agreed_at")
