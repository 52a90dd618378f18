"""The state of a crisis line, and where a visitor in an emergency is."""

import sqlalchemy as sa
from alembic import op

revision = "0080"
down_revision = "0079"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("crisis_line", sa.Column("state", sa.String(length=6), nullable=True))
    op.add_column("callback", sa.Column("located_in", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("callback", "located_in")
    op.drop_column("crisis_line", "state")
