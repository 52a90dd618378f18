"""Proof of consent, and how long it is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consent_proof",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number_hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("texts", sa.Boolean(), nullable=False),
        sa.Column("voicemail", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_proof")),
    )
    op.create_index("ix_consent_proof_number_hash", "consent_proof", ["number_hash", "at"])
    op.create_index("ix_consent_proof_at", "consent_proof", ["at"])
    op.add_column(
        "retention_policy",
        sa.Column("consent_days", sa.Integer(), server_default="365", nullable=False),
    )


def downgrade() -> None:
    op.drop_column("retention_policy", "consent_days")
    op.drop_table("consent_proof")
