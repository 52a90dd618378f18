"""Whether text messages are on, as an admin decides."""

import sqlalchemy as sa
from alembic import op

revision = "0081"
down_revision = "0080"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("service_profile", sa.Column("sends_texts", sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column("service_profile", "sends_texts")
