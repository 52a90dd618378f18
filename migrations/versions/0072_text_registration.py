"""Registration of text messages, and the wording of each that is sent."""

import sqlalchemy as sa
from alembic import op

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "text_registration",
        sa.Column("region", sa.String(length=2), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("entity_id", sa.String(length=40), nullable=False),
        sa.Column("header", sa.String(length=20), nullable=False),
        sa.Column("templates", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("region", name=op.f("pk_text_registration")),
    )
    op.add_column("text_out", sa.Column("template", sa.String(length=40), nullable=True))
    op.add_column("text_out", sa.Column("wording_hash", sa.String(length=64), nullable=True))


def downgrade() -> None:
    op.drop_column("text_out", "wording_hash")
    op.drop_column("text_out", "template")
    op.drop_table("text_registration")
