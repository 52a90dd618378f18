"""The zone of a crisis line's hours, how sure its sources are, WhatsApp and chat."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

_COLUMNS = (("time_zone", 64), ("confidence", 200), ("whatsapp", 40), ("chat", 200))


def upgrade() -> None:
    for name, length in _COLUMNS:
        op.add_column("crisis_line", sa.Column(name, sa.String(length=length), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("crisis_line") as table:
        for name, _length in reversed(_COLUMNS):
            table.drop_column(name)
