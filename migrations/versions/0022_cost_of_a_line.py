"""What it costs to ring a crisis line, where a source says so."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("crisis_line", sa.Column("cost", sa.String(length=20), nullable=True))


def downgrade() -> None:
    op.drop_column("crisis_line", "cost")
