"""Whether callbacks keep the hours that a law sets for sales calls."""

import sqlalchemy as sa
from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "service_policy",
        sa.Column("sales_hours", sa.String(length=10), server_default="ignore", nullable=False),
    )


def downgrade() -> None:
    op.drop_column("service_policy", "sales_hours")
