"""Refusals of calls to an advisor for an inbound caller, who may have no callback."""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("carrier_failure") as failure:
        failure.alter_column("callback_id", existing_type=sa.Integer(), nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM carrier_failure WHERE callback_id IS NULL")
    with op.batch_alter_table("carrier_failure") as failure:
        failure.alter_column("callback_id", existing_type=sa.Integer(), nullable=False)
