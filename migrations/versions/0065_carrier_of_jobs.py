"""Which carrier does a job, and room for the longer ids of other carriers."""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None

IDS = {
    "attempt": ("advisor_call", "visitor_call"),
    "call_event": ("call",),
    "carrier_failure": (),
    "inbound_call": ("sid", "advisor_call"),
    "number_on_line": ("call",),
    "offer": ("call",),
    "presence": ("call_in",),
    "text_in": ("carrier_id",),
    "text_out": ("carrier_id",),
    "voice_message": ("recording",),
}
WITH_CARRIER = ("attempt", "carrier_failure", "inbound_call", "offer", "text_out")
SHORT, LONG = sa.String(length=34), sa.String(length=64)


def upgrade() -> None:
    for table, columns in IDS.items():
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.alter_column(column, existing_type=SHORT, type_=LONG)
            if table in WITH_CARRIER:
                batch.add_column(
                    sa.Column(
                        "carrier", sa.String(length=16), server_default="twilio", nullable=False
                    )
                )


def downgrade() -> None:
    for table, columns in IDS.items():
        with op.batch_alter_table(table) as batch:
            if table in WITH_CARRIER:
                batch.drop_column("carrier")
            for column in columns:
                batch.alter_column(column, existing_type=LONG, type_=SHORT)
