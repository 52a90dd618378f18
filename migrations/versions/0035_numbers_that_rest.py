"""How often a number was rung, which number rests and until when, and what a day may cost."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_BOUNDS = (("most_rings_a_day", "8"), ("most_callbacks_a_day", "3"))


def upgrade() -> None:
    for name, default in _BOUNDS:
        op.add_column(
            "service_policy", sa.Column(name, sa.Integer(), nullable=False, server_default=default)
        )
    op.add_column("service_policy", sa.Column("most_cents_a_day", sa.Integer(), nullable=True))
    op.add_column(
        "service_policy",
        sa.Column("call_costs", sa.JSON(), nullable=False, server_default=sa.text("'{}'")),
    )
    op.add_column(
        "service_policy",
        sa.Column("text_costs", sa.JSON(), nullable=False, server_default=sa.text("'{}'")),
    )
    op.create_table(
        "ring",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("phone_hash", sa.String(length=64), nullable=False),
        sa.Column("callback_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["callback_id"], ["callback.id"], name=op.f("fk_ring_callback_id_callback")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ring")),
    )
    op.create_index("ix_ring_phone_hash", "ring", ["phone_hash", "at"])
    op.create_index("ix_ring_at", "ring", ["at"])
    op.create_table(
        "number_rest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("phone_hash", sa.String(length=64), nullable=True),
        sa.Column("why", sa.String(length=20), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("callback_id", sa.Integer(), nullable=True),
        sa.Column("by_staff", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["callback_id"], ["callback.id"], name=op.f("fk_number_rest_callback_id_callback")
        ),
        sa.ForeignKeyConstraint(
            ["by_staff"], ["staff.id"], name=op.f("fk_number_rest_by_staff_staff")
        ),
        sa.ForeignKeyConstraint(
            ["lifted_by"], ["staff.id"], name=op.f("fk_number_rest_lifted_by_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_rest")),
    )
    op.create_index(
        "ix_number_rest_in_force",
        "number_rest",
        ["phone_hash", "until"],
        sqlite_where=sa.text("lifted_at IS NULL"),
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.create_index("ix_number_rest_until", "number_rest", ["until"])


def downgrade() -> None:
    op.drop_table("number_rest")
    op.drop_table("ring")
    for name in ("text_costs", "call_costs", "most_cents_a_day"):
        op.drop_column("service_policy", name)
    for name, _default in reversed(_BOUNDS):
        op.drop_column("service_policy", name)
