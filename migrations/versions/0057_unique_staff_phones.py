"""The phones of active staff are unique, by their keyed hash.

The hash needs the deployment's key, so the rows from before are filled by "set-up" after this.
"""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff", sa.Column("phone_hash", sa.String(length=64), nullable=True))
    op.create_index("uq_staff_phone_hash", "staff", ["phone_hash"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_staff_phone_hash", table_name="staff")
    op.drop_column("staff", "phone_hash")
