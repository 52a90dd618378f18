"""Text messages by the advisor who sent them: each desk asks for its own every two seconds."""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None

BY_ADVISOR = sa.text("sent_by IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_text_out_sent_by",
        "text_out",
        ["sent_by", "created_at"],
        sqlite_where=BY_ADVISOR,
        postgresql_where=BY_ADVISOR,
    )


def downgrade() -> None:
    op.drop_index("ix_text_out_sent_by", "text_out")
