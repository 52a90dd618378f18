"""Wrong codes counted by sign-in and by account, and links for a new password."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "staff_session",
        sa.Column("wrong_codes", sa.Integer(), server_default="0", nullable=False),
    )
    op.add_column(
        "staff", sa.Column("wrong_codes", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("staff", sa.Column("guessed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("staff", sa.Column("password_void_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "password_link",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["staff.id"], name=op.f("fk_password_link_created_by_staff")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_password_link_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_password_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_password_link_token_hash")),
    )


def downgrade() -> None:
    op.drop_table("password_link")
    op.drop_column("staff", "password_void_at")
    op.drop_column("staff", "guessed_at")
    op.drop_column("staff", "wrong_codes")
    op.drop_column("staff_session", "wrong_codes")
