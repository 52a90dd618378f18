"""The calls that the carrier refused, and with which code."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "carrier_failure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=32), nullable=False),
        sa.Column("leg", sa.String(length=10), nullable=False),
        sa.Column("code", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=2), nullable=True),
        sa.Column("callback_id", sa.Integer(), nullable=False),
        sa.Column("advisor_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["advisor_id"], ["staff.id"], name=op.f("fk_carrier_failure_advisor_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["callback_id"], ["callback.id"], name=op.f("fk_carrier_failure_callback_id_callback")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier_failure")),
        sa.UniqueConstraint("ref", "leg", "code", name=op.f("uq_carrier_failure_ref_leg_code")),
    )
    op.create_index("ix_carrier_failure_code", "carrier_failure", ["code", "at"])


def downgrade() -> None:
    op.drop_index("ix_carrier_failure_code", table_name="carrier_failure")
    op.drop_table("carrier_failure")
