"""Indexes with which one read tells what a worker has to do."""

import sqlalchemy as sa
from alembic import op

revision = "0084"
down_revision = "0083"
branch_labels = None
depends_on = None

_INDEXES = (
    ("ix_outbox_in_hand", "outbox", "taken_at", "state = 'in_hand'"),
    ("ix_text_out_waiting", "text_out", "good_until", "status = 'waiting'"),
    ("ix_voice_message_at_carrier", "voice_message", "left_at", "state = 'at_carrier'"),
    ("ix_number_rest_to_erase", "number_rest", "until", "phone_hash IS NOT NULL"),
)


def upgrade() -> None:
    for name, table, column, condition in _INDEXES:
        where = sa.text(condition)
        op.create_index(name, table, [column], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for name, table, _column, _condition in _INDEXES:
        op.drop_index(name, table_name=table)
