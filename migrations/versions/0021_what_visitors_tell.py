"""What a visitor may tell besides: the quiet questions, the number as typed, a call that drops."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("callback") as callback:
        callback.add_column(
            sa.Column("may_ring_back", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        callback.add_column(sa.Column("phone_as_typed", sa.Text(), nullable=True))
        callback.add_column(sa.Column("answers", sa.Text(), nullable=True))
        callback.add_column(sa.Column("again_of", sa.Integer(), nullable=True))
        callback.create_foreign_key(
            op.f("fk_callback_again_of_callback"), "callback", ["again_of"], ["id"]
        )
        callback.create_unique_constraint(op.f("uq_callback_again_of"), ["again_of"])


def downgrade() -> None:
    with op.batch_alter_table("callback") as callback:
        callback.drop_constraint(op.f("uq_callback_again_of"), type_="unique")
        callback.drop_constraint(op.f("fk_callback_again_of_callback"), type_="foreignkey")
        for column in ("again_of", "answers", "phone_as_typed", "may_ring_back"):
            callback.drop_column(column)
