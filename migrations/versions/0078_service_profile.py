"""Name of the service, what phones show and spoken languages, as admins save them."""

import sqlalchemy as sa
from alembic import op

revision = "0078"
down_revision = "0077"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "service_profile",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("phone_shows_name", sa.String(length=80), nullable=False),
        sa.Column("spoken_languages", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_profile")),
        sa.UniqueConstraint("version", name=op.f("uq_service_profile_version")),
    )


def downgrade() -> None:
    op.drop_table("service_profile")
