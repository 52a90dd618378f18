"""The language of the page on which a callback was asked for, in which texts are written."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("callback", sa.Column("reads", sa.String(length=12), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("callback") as table:
        table.drop_column("reads")
