"""What the measures go by: when a callback was due at each step, the target, and days counted."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_INDEXES = (
    ("ix_callback_requested_at", "callback", ["requested_at", "id"]),
    ("ix_callback_ended_at", "callback", ["ended_at"]),
    ("ix_attempt_created_at", "attempt", ["created_at"]),
    ("ix_inbound_call_began_at", "inbound_call", ["began_at"]),
)


def upgrade() -> None:
    op.add_column("callback_event", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    for name, default in (("service_level_minutes", "20"), ("service_level_percent", "80")):
        op.add_column(
            "service_policy", sa.Column(name, sa.Integer(), nullable=False, server_default=default)
        )
    for name, table, columns in _INDEXES:
        op.create_index(name, table, columns)
    op.create_table(
        "counted_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("counting", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_counted_day")),
    )
    op.create_table(
        "tally",
        sa.Column("measure", sa.String(length=30), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("part", sa.String(length=300), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("measure", "day", "part", name=op.f("pk_tally")),
    )
    op.create_index("ix_tally_day", "tally", ["day"])


def downgrade() -> None:
    op.drop_table("tally")
    op.drop_table("counted_day")
    for name, table, _columns in reversed(_INDEXES):
        op.drop_index(name, table)
    op.drop_column("service_policy", "service_level_percent")
    op.drop_column("service_policy", "service_level_minutes")
    op.drop_column("callback_event", "due_at")
