"""An index that finds the last step of an advisor: since when they have been available."""

from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_callback_event_actor", "callback_event", ["actor", "at"])


def downgrade() -> None:
    op.drop_index("ix_callback_event_actor", table_name="callback_event")
