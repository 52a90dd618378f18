"""How late a worker's round began; attempts by when they ended."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "worker_heartbeat",
        sa.Column("late_ms", sa.Integer(), server_default="0", nullable=False),
    )
    op.create_index(op.f("ix_attempt_ended_at"), "attempt", ["ended_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_attempt_ended_at"), table_name="attempt")
    op.drop_column("worker_heartbeat", "late_ms")
