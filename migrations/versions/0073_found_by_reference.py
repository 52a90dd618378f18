"""The request whose reference a caller entered."""

import sqlalchemy as sa
from alembic import op

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None

NAME = "fk_inbound_call_found_id_callback"


def upgrade() -> None:
    with op.batch_alter_table("inbound_call") as table:
        table.add_column(sa.Column("found_id", sa.Integer(), nullable=True))
        table.create_foreign_key(NAME, "callback", ["found_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("inbound_call") as table:
        table.drop_constraint(NAME, type_="foreignkey")
        table.drop_column("found_id")
