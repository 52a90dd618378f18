"""An index of the callbacks that want an advisor, so that a claim finds its own at once."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_WANTS_SOMEBODY = sa.text("status = 'waiting' AND wanted_advisor IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_callback_wanted",
        "callback",
        ["wanted_advisor"],
        sqlite_where=_WANTS_SOMEBODY,
        postgresql_where=_WANTS_SOMEBODY,
    )


def downgrade() -> None:
    op.drop_index("ix_callback_wanted", table_name="callback")
