"""Supervisors who listen in to calls."""

import sqlalchemy as sa
from alembic import op

revision = "0083"
down_revision = "0082"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
LIVE = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "listener",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(32), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("supervisor_id", sa.Integer(), nullable=False),
        sa.Column("carrier", sa.String(16), server_default="twilio", nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("problem", sa.String(60), nullable=True),
        sa.Column("request", sa.String(10), nullable=True),
        sa.Column("requested_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("placing_at", INSTANT, nullable=True),
        sa.Column("heard_at", INSTANT, nullable=False),
        sa.Column("look_at", INSTANT, nullable=True),
        sa.Column("listening_at", INSTANT, nullable=True),
        sa.Column("joined_at", INSTANT, nullable=True),
        sa.Column("leave_at", INSTANT, nullable=True),
        sa.Column("end_asked_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("call", sa.String(64), nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.id"], name=op.f("fk_listener_attempt_id_attempt")
        ),
        sa.ForeignKeyConstraint(
            ["supervisor_id"], ["staff.id"], name=op.f("fk_listener_supervisor_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listener")),
        sa.UniqueConstraint("call", name=op.f("uq_listener_call")),
        sa.UniqueConstraint("ref", name=op.f("uq_listener_ref")),
    )
    op.create_index(op.f("ix_listener_attempt_id"), "listener", ["attempt_id"])
    for name in ("attempt", "supervisor"):
        op.create_index(
            f"uq_listener_live_{name}",
            "listener",
            [f"{name}_id"],
            unique=True,
            sqlite_where=LIVE,
            postgresql_where=LIVE,
        )
    for name in ("move_asked_at", "moved_at"):
        op.add_column("attempt", sa.Column(name, INSTANT, nullable=True))
    op.add_column(
        "service_policy",
        sa.Column(
            "supervisors_may_listen", sa.Boolean(), server_default=sa.false(), nullable=False
        ),
    )


def downgrade() -> None:
    op.drop_column("service_policy", "supervisors_may_listen")
    op.drop_column("attempt", "moved_at")
    op.drop_column("attempt", "move_asked_at")
    op.drop_table("listener")
