"""What the carrier allows us: pace, caller ids, refused regions."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_pace",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_call_pace_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_pace")),
    )
    op.create_table(
        "caller_id",
        sa.Column("region", sa.String(length=2), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("region", name=op.f("pk_caller_id")),
    )
    op.create_table(
        "refused_region",
        sa.Column("region", sa.String(length=2), nullable=False),
        sa.Column("code", sa.Integer(), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("region", name=op.f("pk_refused_region")),
    )


def downgrade() -> None:
    op.drop_table("refused_region")
    op.drop_table("caller_id")
    op.drop_table("call_pace")
