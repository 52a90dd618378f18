"""References: the way back to a request without its link. The worker gives older requests one."""

import sqlalchemy as sa
from alembic import op

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None

TO_DO = sa.text("(reference IS NULL) = (erased_at IS NULL)")
COLUMNS = {"reference": 6, "reference_hash": 64, "reference_token_hash": 64}


def upgrade() -> None:
    for name, length in COLUMNS.items():
        op.add_column("callback", sa.Column(name, sa.String(length=length), nullable=True))
        op.create_index(f"uq_callback_{name}", "callback", [name], unique=True)
    op.create_index(
        "ix_callback_reference_to_do",
        "callback",
        ["id"],
        sqlite_where=TO_DO,
        postgresql_where=TO_DO,
    )


def downgrade() -> None:
    op.execute("UPDATE callback SET channel = 'phone' WHERE channel = 'staff'")
    op.drop_index("ix_callback_reference_to_do", "callback")
    for name in COLUMNS:
        op.drop_index(f"uq_callback_{name}", "callback")
        op.drop_column("callback", name)
