"""Screening of the visitor's leg; follow-ups, hand-overs and emergencies."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("attempt", sa.Column("screening", sa.String(length=10), nullable=True))
    op.add_column(
        "service_policy",
        sa.Column("wanted_grace_minutes", sa.Integer(), server_default="10", nullable=False),
    )
    with op.batch_alter_table("callback") as callback:
        callback.add_column(sa.Column("wanted_advisor", sa.Integer(), nullable=True))
        callback.add_column(sa.Column("wanted_until", sa.DateTime(timezone=True), nullable=True))
        callback.add_column(sa.Column("follow_up_of", sa.Integer(), nullable=True))
        callback.add_column(sa.Column("emergency_at", sa.DateTime(timezone=True), nullable=True))
        callback.create_foreign_key(
            op.f("fk_callback_wanted_advisor_staff"), "staff", ["wanted_advisor"], ["id"]
        )
        callback.create_foreign_key(
            op.f("fk_callback_follow_up_of_callback"), "callback", ["follow_up_of"], ["id"]
        )
        callback.create_unique_constraint(op.f("uq_callback_follow_up_of"), ["follow_up_of"])
    op.create_table(
        "hand_over",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("callback_id", sa.Integer(), nullable=False),
        sa.Column("from_staff", sa.Integer(), nullable=False),
        sa.Column("to_staff", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["callback_id"], ["callback.id"], name=op.f("fk_hand_over_callback_id_callback")
        ),
        sa.ForeignKeyConstraint(
            ["from_staff"], ["staff.id"], name=op.f("fk_hand_over_from_staff_staff")
        ),
        sa.ForeignKeyConstraint(
            ["to_staff"], ["staff.id"], name=op.f("fk_hand_over_to_staff_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_over")),
    )
    op.create_index(op.f("ix_hand_over_callback_id"), "hand_over", ["callback_id"], unique=False)


def downgrade() -> None:
    op.drop_table("hand_over")
    with op.batch_alter_table("callback") as callback:
        callback.drop_constraint(op.f("uq_callback_follow_up_of"), type_="unique")
        callback.drop_constraint(op.f("fk_callback_follow_up_of_callback"), type_="foreignkey")
        callback.drop_constraint(op.f("fk_callback_wanted_advisor_staff"), type_="foreignkey")
        for column in ("emergency_at", "follow_up_of", "wanted_until", "wanted_advisor"):
            callback.drop_column(column)
    op.drop_column("service_policy", "wanted_grace_minutes")
    op.drop_column("attempt", "screening")
