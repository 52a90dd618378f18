"""Every save of the hours tells all of them: weeks to come, exceptions, and the red switch.

No door ever wrote to special_day and closure. They stay for the release before this one, which
reads them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("week_save", sa.Column("later", sa.JSON(), server_default="[]", nullable=False))
    op.add_column(
        "week_save", sa.Column("exceptions", sa.JSON(), server_default="[]", nullable=False)
    )
    op.add_column("week_save", sa.Column("shut", sa.JSON(), nullable=True))


def downgrade() -> None:
    for column in ("shut", "exceptions", "later"):
        op.drop_column("week_save", column)
