"""The rota, places by language, and whether the rota says how many places there are."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# What is over has had its place; only open callbacks may give one back.
_COUNT_WHAT_IS_BOOKED = """
    INSERT INTO slot_language (starts_at, language, capacity, booked)
    SELECT slot_at, language, count(*), count(*) FROM callback
    WHERE slot_at IS NOT NULL AND status IN ('waiting', 'claimed', 'calling')
    GROUP BY slot_at, language
"""


def upgrade() -> None:
    op.add_column(
        "service_policy",
        sa.Column("capacity_mode", sa.String(length=10), server_default="fixed", nullable=False),
    )
    op.add_column(
        "service_policy",
        sa.Column("shift_share_percent", sa.Integer(), server_default="50", nullable=False),
    )
    op.create_table(
        "slot_language",
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("booked", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "booked >= 0 AND booked <= capacity", name=op.f("ck_slot_language_capacity")
        ),
        sa.PrimaryKeyConstraint("starts_at", "language", name=op.f("pk_slot_language")),
    )
    op.execute(_COUNT_WHAT_IS_BOOKED)
    op.create_table(
        "rota_version",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_rota_version_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_rota_version")),
    )
    op.create_table(
        "shift",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("start_minute", sa.Integer(), nullable=False),
        sa.Column("end_minute", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_shift_weekday")),
        sa.CheckConstraint("start_minute < end_minute", name=op.f("ck_shift_order")),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_from <= valid_until", name=op.f("ck_shift_dates")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_shift_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift")),
    )
    op.create_index(op.f("ix_shift_staff_id"), "shift", ["staff_id"])
    op.create_table(
        "shift_exception",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("start_minute", sa.Integer(), nullable=True),
        sa.Column("end_minute", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'off') = (start_minute IS NULL) AND (kind = 'off') = (end_minute IS NULL)",
            name=op.f("ck_shift_exception_hours"),
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_shift_exception_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift_exception")),
    )
    off = sa.text("kind = 'off'")
    op.create_index(
        "uq_shift_exception_off",
        "shift_exception",
        ["staff_id", "day"],
        unique=True,
        sqlite_where=off,
        postgresql_where=off,
    )
    op.create_index("ix_shift_exception_staff_day", "shift_exception", ["staff_id", "day"])


def downgrade() -> None:
    op.drop_table("shift_exception")
    op.drop_table("shift")
    op.drop_table("rota_version")
    op.drop_table("slot_language")
    op.drop_column("service_policy", "shift_share_percent")
    op.drop_column("service_policy", "capacity_mode")
