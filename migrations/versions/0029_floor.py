"""What supervisors do with callbacks on the live floor, and why."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "floor_deed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("callback_id", sa.Integer(), nullable=False),
        sa.Column("deed", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_staff", sa.Integer(), nullable=False),
        sa.Column("from_staff", sa.Integer(), nullable=True),
        sa.Column("to_staff", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["callback_id"], ["callback.id"], name=op.f("fk_floor_deed_callback_id_callback")
        ),
        sa.ForeignKeyConstraint(
            ["by_staff"], ["staff.id"], name=op.f("fk_floor_deed_by_staff_staff")
        ),
        sa.ForeignKeyConstraint(
            ["from_staff"], ["staff.id"], name=op.f("fk_floor_deed_from_staff_staff")
        ),
        sa.ForeignKeyConstraint(
            ["to_staff"], ["staff.id"], name=op.f("fk_floor_deed_to_staff_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_floor_deed")),
    )
    op.create_index(op.f("ix_floor_deed_callback_id"), "floor_deed", ["callback_id"])
    op.create_index(op.f("ix_floor_deed_at"), "floor_deed", ["at"])


def downgrade() -> None:
    op.drop_table("floor_deed")
