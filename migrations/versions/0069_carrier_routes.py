"""Which carrier calls which region; the pace and the rejected regions of each carrier."""

import sqlalchemy as sa
from alembic import op

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None


def _carrier() -> sa.Column[str]:
    return sa.Column("carrier", sa.String(length=16), server_default="twilio", nullable=False)


def upgrade() -> None:
    op.create_table(
        "carrier_pace",
        sa.Column("carrier", sa.String(length=16), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("carrier", name=op.f("pk_carrier_pace")),
    )
    op.add_column("caller_id", _carrier())
    with op.batch_alter_table("refused_region") as refused:
        refused.add_column(_carrier())
        refused.drop_constraint(op.f("pk_refused_region"), type_="primary")
        refused.create_primary_key(op.f("pk_refused_region"), ["region", "carrier"])


def downgrade() -> None:
    op.execute("DELETE FROM refused_region WHERE carrier <> 'twilio'")
    op.execute("DELETE FROM caller_id WHERE carrier <> 'twilio' OR number = ''")
    with op.batch_alter_table("refused_region") as refused:
        refused.drop_constraint(op.f("pk_refused_region"), type_="primary")
        refused.create_primary_key(op.f("pk_refused_region"), ["region"])
        refused.drop_column("carrier")
    with op.batch_alter_table("caller_id") as caller_id:
        caller_id.drop_column("carrier")
    op.drop_table("carrier_pace")
