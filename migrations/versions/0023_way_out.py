"""Where the way out leads, and what a visitor's page calls itself."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "safety_save",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("neutral_site", sa.String(length=200), nullable=False),
        sa.Column("page_title", sa.String(length=60), nullable=False),
        sa.Column("page_icon", sa.String(length=20), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_safety_save")),
        sa.UniqueConstraint("version", name=op.f("uq_safety_save_version")),
    )


def downgrade() -> None:
    op.drop_table("safety_save")
