"""Keyboard shortcuts of the desk, by account."""

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff", sa.Column("shortcuts", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    op.drop_column("staff", "shortcuts")
