"""Websites that may carry the panel; the way by which a request came, and from which article."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "website_save",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("websites", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_website_save")),
        sa.UniqueConstraint("version", name=op.f("uq_website_save_version")),
    )
    op.add_column(
        "callback",
        sa.Column("channel", sa.String(length=20), server_default="web", nullable=False),
    )
    op.add_column("callback", sa.Column("source_page", sa.String(length=300), nullable=True))
    op.add_column("callback", sa.Column("source_title", sa.Text(), nullable=True))
    op.add_column("callback", sa.Column("request_hash", sa.String(length=64), nullable=True))


def downgrade() -> None:
    for column in ("request_hash", "source_title", "source_page", "channel"):
        op.drop_column("callback", column)
    op.drop_table("website_save")
