"""Automatic dispatch: offers, rounds, misses, notices, its policy; and the last preflight."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_LIVE = sa.text("ended_at IS NULL")
_OPEN = sa.text("dismissed_at IS NULL")


def _columns() -> tuple[tuple[str, sa.Column[Any]], ...]:
    policy, presence = "service_policy", "presence"
    return (
        (policy, _column("dispatch", "pull", sa.String(length=10))),
        (policy, _column("push_ring_at_once", "1")),
        (policy, _column("misses_until_away", "3")),
        (policy, _column("hand_deadline_minutes", "15")),
        (presence, _column("missed_offers", "0")),
        (presence, _column("away_by_misses", sa.false(), sa.Boolean())),
    )


def _column(name: str, standing: Any, kind: Any = None) -> sa.Column[Any]:
    return sa.Column(name, kind or sa.Integer(), server_default=standing, nullable=False)


def upgrade() -> None:
    for table, column in _columns():
        op.add_column(table, column)
    op.create_table(
        "offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=32), nullable=False),
        sa.Column("callback_id", sa.Integer(), nullable=False),
        sa.Column("advisor_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("result", sa.String(length=20), nullable=True),
        sa.Column("problem", sa.String(length=60), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placing_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("call", sa.String(length=34), nullable=True),
        sa.Column("end_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["callback_id"], ["callback.id"], name=op.f("fk_offer_callback_id_callback")
        ),
        sa.ForeignKeyConstraint(
            ["advisor_id"], ["staff.id"], name=op.f("fk_offer_advisor_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint("call", name=op.f("uq_offer_call")),
        sa.UniqueConstraint("ref", name=op.f("uq_offer_ref")),
    )
    op.create_index(op.f("ix_offer_callback_id"), "offer", ["callback_id"], unique=False)
    op.create_index(
        "uq_offer_live_advisor",
        "offer",
        ["advisor_id"],
        unique=True,
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    )
    op.create_table(
        "dispatch_round",
        sa.Column("callback_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("passed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["callback_id"], ["callback.id"], name=op.f("fk_dispatch_round_callback_id_callback")
        ),
        sa.PrimaryKeyConstraint("callback_id", name=op.f("pk_dispatch_round")),
    )
    _notices_and_findings()


def _notices_and_findings() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dismissed_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["dismissed_by"], ["staff.id"], name=op.f("fk_notice_dismissed_by_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index(
        "uq_notice_open",
        "notice",
        ["kind", "subject"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_table(
        "preflight_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_preflight_report_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_preflight_report")),
    )


def downgrade() -> None:
    for table in ("preflight_report", "notice", "dispatch_round", "offer"):
        op.drop_table(table)
    for table, column in _columns():
        op.drop_column(table, column.name)
