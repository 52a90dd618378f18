"""An index for what the text messages of a day cost."""

from alembic import op

revision = "0085"
down_revision = "0084"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_text_out_created_at", "text_out", ["created_at"])


def downgrade() -> None:
    op.drop_index("ix_text_out_created_at", table_name="text_out")
