"""The network by which a request came, when its slot was chosen, and what is set aside."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

_HOLDS_A_SLOT = sa.text("status IN ('waiting', 'claimed', 'calling') AND slot_at IS NOT NULL")
_NETWORKS = ("network", "network_56", "network_48")


def upgrade() -> None:
    for each in _NETWORKS:
        op.add_column("callback", sa.Column(f"{each}_hash", sa.String(length=64), nullable=True))
    op.add_column("callback", sa.Column("booked_at", sa.DateTime(timezone=True), nullable=True))
    for each in _NETWORKS:
        op.create_index(
            f"ix_callback_{each}",
            "callback",
            [f"{each}_hash", "booked_at"],
            sqlite_where=_HOLDS_A_SLOT,
            postgresql_where=_HOLDS_A_SLOT,
        )
    op.create_table(
        "set_aside",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_staff", sa.Integer(), nullable=False),
        sa.Column("example_id", sa.Integer(), nullable=False),
        sa.Column("alike", sa.JSON(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_staff"], ["staff.id"], name=op.f("fk_set_aside_by_staff_staff")
        ),
        sa.ForeignKeyConstraint(
            ["example_id"], ["callback.id"], name=op.f("fk_set_aside_example_id_callback")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_set_aside")),
    )
    op.create_table(
        "set_aside_member",
        sa.Column("callback_id", sa.Integer(), nullable=False),
        sa.Column("set_aside_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["callback_id"],
            ["callback.id"],
            name=op.f("fk_set_aside_member_callback_id_callback"),
        ),
        sa.ForeignKeyConstraint(
            ["set_aside_id"],
            ["set_aside.id"],
            name=op.f("fk_set_aside_member_set_aside_id_set_aside"),
        ),
        sa.PrimaryKeyConstraint("callback_id", name=op.f("pk_set_aside_member")),
    )
    op.create_index(op.f("ix_set_aside_member_set_aside_id"), "set_aside_member", ["set_aside_id"])


def downgrade() -> None:
    op.drop_table("set_aside_member")
    op.drop_table("set_aside")
    for each in _NETWORKS:
        op.drop_index(f"ix_callback_{each}", table_name="callback")
    op.drop_column("callback", "booked_at")
    for each in reversed(_NETWORKS):
        op.drop_column("callback", f"{each}_hash")
