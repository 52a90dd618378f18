"""When X-Forwarded-For last arrived though no proxy is trusted."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "preflight_report", sa.Column("forwarded_at", sa.DateTime(timezone=True), nullable=True)
    )


def downgrade() -> None:
    op.drop_column("preflight_report", "forwarded_at")
