"""Whose numbers are on the phone with us, so that they are not called at that moment."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "number_on_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call", sa.String(length=34), nullable=False),
        sa.Column("phone_hash", sa.String(length=64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_on_line")),
        sa.UniqueConstraint("call", name=op.f("uq_number_on_line_call")),
    )
    op.create_index("ix_number_on_line_phone_hash", "number_on_line", ["phone_hash", "until"])
    op.create_index("ix_number_on_line_until", "number_on_line", ["until"])


def downgrade() -> None:
    op.drop_index("ix_number_on_line_until", "number_on_line")
    op.drop_index("ix_number_on_line_phone_hash", "number_on_line")
    op.drop_table("number_on_line")
