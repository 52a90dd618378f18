"""The language of staff pages, by account."""

import sqlalchemy as sa
from alembic import op

revision = "0076"
down_revision = "0075"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "staff",
        sa.Column("page_language", sa.String(length=35), server_default="en", nullable=False),
    )


def downgrade() -> None:
    op.drop_column("staff", "page_language")
