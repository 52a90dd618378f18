"""Who signed which safety fact."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "safety_signature",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fact", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("signed_by", sa.Integer(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["signed_by"], ["staff.id"], name=op.f("fk_safety_signature_signed_by_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_safety_signature")),
        sa.UniqueConstraint("fact", "digest", name="uq_safety_signature_words"),
    )


def downgrade() -> None:
    op.drop_table("safety_signature")
