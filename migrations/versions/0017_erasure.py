"""What is erased has no number; and how long each kind is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

KEPT = sa.text("erased_at IS NULL AND ended_at IS NOT NULL")
HAS_NUMBER = "erased_at IS NOT NULL OR (phone IS NOT NULL AND phone_hash IS NOT NULL)"
ERASED = (
    "erased_at IS NULL OR (ended_at IS NOT NULL AND name IS NULL AND phone IS NULL "
    "AND phone_hash IS NULL AND note IS NULL)"
)


def upgrade() -> None:
    with op.batch_alter_table("callback") as callback:
        callback.add_column(sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
        callback.alter_column("phone", existing_type=sa.Text(), nullable=True)
        callback.alter_column("phone_hash", existing_type=sa.String(length=64), nullable=True)
        callback.create_check_constraint(op.f("ck_callback_has_number"), HAS_NUMBER)
        callback.create_check_constraint(op.f("ck_callback_erased"), ERASED)
    op.create_index(
        "ix_callback_kept",
        "callback",
        ["ended_at"],
        sqlite_where=KEPT,
        postgresql_where=KEPT,
    )
    for table in ("text_out", "text_in"):
        with op.batch_alter_table(table) as text:
            text.alter_column("phone_hash", existing_type=sa.String(length=64), nullable=True)


def downgrade() -> None:
    """What was erased stays so: an empty number stands for none, which nobody can ring."""
    op.drop_index("ix_callback_kept", table_name="callback")
    for table in ("text_out", "text_in"):
        op.execute(sa.text(f"UPDATE {table} SET phone_hash = '' WHERE phone_hash IS NULL"))  # noqa: S608
        with op.batch_alter_table(table) as text:
            text.alter_column("phone_hash", existing_type=sa.String(length=64), nullable=False)
    with op.batch_alter_table("callback") as callback:
        callback.drop_constraint(op.f("ck_callback_erased"), type_="check")
        callback.drop_constraint(op.f("ck_callback_has_number"), type_="check")
    op.execute("UPDATE callback SET phone = '', phone_hash = '' WHERE erased_at IS NOT NULL")
    with op.batch_alter_table("callback") as callback:
        callback.alter_column("phone_hash", existing_type=sa.String(length=64), nullable=False)
        callback.alter_column("phone", existing_type=sa.Text(), nullable=False)
        callback.drop_column("erased_at")
