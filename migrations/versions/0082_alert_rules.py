"""When advisors are alerted, and whether the duty phone hears of emergencies."""

import sqlalchemy as sa
from alembic import op

revision = "0082"
down_revision = "0081"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "service_policy",
        sa.Column("alert_after_minutes", sa.Integer(), nullable=False, server_default="1"),
    )
    op.add_column(
        "service_policy",
        sa.Column("emergency_texts", sa.Boolean(), nullable=False, server_default=sa.true()),
    )


def downgrade() -> None:
    op.drop_column("service_policy", "emergency_texts")
    op.drop_column("service_policy", "alert_after_minutes")
