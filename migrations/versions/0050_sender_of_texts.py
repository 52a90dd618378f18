"""The advisor who sent a text by a button."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("text_out") as batch:
        batch.add_column(sa.Column("sent_by", sa.Integer(), nullable=True))
        batch.create_foreign_key(batch.f("fk_text_out_sent_by_staff"), "staff", ["sent_by"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("text_out") as batch:
        batch.drop_constraint(batch.f("fk_text_out_sent_by_staff"), type_="foreignkey")
        batch.drop_column("sent_by")
