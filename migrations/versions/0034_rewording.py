"""What admins say to visitors in other words than ours."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rewording",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("word_id", sa.String(length=32), nullable=False),
        sa.Column("context", sa.String(length=12), nullable=False),
        sa.Column("ours", sa.Text(), nullable=False),
        sa.Column("theirs", sa.JSON(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["saved_by"], ["staff.id"], name=op.f("fk_rewording_saved_by_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rewording")),
        sa.UniqueConstraint("language", "word_id", name=op.f("uq_rewording_language_word_id")),
    )


def downgrade() -> None:
    op.drop_table("rewording")
