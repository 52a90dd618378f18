"""The extension behind a visitor's phone number."""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("callback", sa.Column("phone_extension", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("callback") as callback:
        callback.drop_column("phone_extension")
