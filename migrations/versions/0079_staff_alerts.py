"""Text messages to staff: alerts where no advisor is available, and reminders of shifts."""

import sqlalchemy as sa
from alembic import op

revision = "0079"
down_revision = "0078"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
TO_STAFF = sa.text("callback_id IS NULL")


def upgrade() -> None:
    op.create_table(
        "staff_alert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("since", INSTANT, nullable=True),
        sa.Column("shift_alerted_at", INSTANT, nullable=True),
        sa.Column("duty_alerted_at", INSTANT, nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_staff_alert_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_alert")),
    )
    with op.batch_alter_table("text_out") as batch:
        batch.alter_column("callback_id", existing_type=sa.Integer(), nullable=True)
    op.create_index(
        "uq_text_out_to_staff",
        "text_out",
        ["kind", "once"],
        unique=True,
        sqlite_where=TO_STAFF,
        postgresql_where=TO_STAFF,
    )
    for name in ("alert_texts", "reminder_texts"):
        op.add_column(
            "staff", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.add_column("service_policy", sa.Column("duty_phone", sa.Text(), nullable=True))
    for name, default in (("duty_after_minutes", "5"), ("shift_reminder_minutes", "30")):
        op.add_column(
            "service_policy",
            sa.Column(name, sa.Integer(), nullable=False, server_default=default),
        )


def downgrade() -> None:
    op.drop_column("service_policy", "shift_reminder_minutes")
    op.drop_column("service_policy", "duty_after_minutes")
    op.drop_column("service_policy", "duty_phone")
    op.drop_column("staff", "reminder_texts")
    op.drop_column("staff", "alert_texts")
    op.drop_index("uq_text_out_to_staff", table_name="text_out")
    op.execute("DELETE FROM text_out WHERE callback_id IS NULL")
    with op.batch_alter_table("text_out") as batch:
        batch.alter_column("callback_id", existing_type=sa.Integer(), nullable=False)
    op.drop_table("staff_alert")
