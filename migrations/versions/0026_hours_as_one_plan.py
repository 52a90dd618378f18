"""Every save of the hours tells all of them: weeks to come, exceptions, and the red switch.

No door ever wrote to special_day and closure. They stay for the release before this one, which
reads them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in ("later", "exceptions", "shut"):
        op.add_column("week_save", sa.Column(column, sa.JSON(), nullable=True))


def downgrade() -> None:
    for column in ("shut", "exceptions", "later"):
        op.drop_column("week_save", column)
