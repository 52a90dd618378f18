"""A pause of dispatch, with its reason."""

import sqlalchemy as sa
from alembic import op

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dispatch_pause",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_staff", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_dispatch_pause_single")),
        sa.ForeignKeyConstraint(
            ["by_staff"], ["staff.id"], name=op.f("fk_dispatch_pause_by_staff_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatch_pause")),
    )


def downgrade() -> None:
    op.drop_table("dispatch_pause")
