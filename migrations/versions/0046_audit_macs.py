"""A MAC for each entry of the audit log and for its end, and when it was checked last."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

SAME = ("id", "at", "actor", "deed", "subject", "detail")
NEW = (*SAME, "uid", "mac")


def upgrade() -> None:
    op.add_column("audit_entry", sa.Column("uid", sa.String(length=32), nullable=True))
    op.add_column("audit_entry", sa.Column("mac", sa.String(length=64), nullable=True))
    op.create_index("uq_audit_entry_uid", "audit_entry", ["uid"], unique=True)
    op.add_column("audit_head", sa.Column("mac", sa.String(length=64), nullable=True))
    op.create_table(
        "audit_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("findings", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_check_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_check")),
    )
    _replace_trigger(NEW)


def downgrade() -> None:
    _replace_trigger(SAME)
    op.drop_table("audit_check")
    op.drop_column("audit_head", "mac")
    op.drop_index("uq_audit_entry_uid", table_name="audit_entry")
    op.drop_column("audit_entry", "mac")
    op.drop_column("audit_entry", "uid")


def _replace_trigger(unchanged: tuple[str, ...]) -> None:
    """An entry may be given its place in the chain, once; nothing else of it changes."""
    if op.get_bind().dialect.name == "sqlite":
        changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in unchanged)
        op.execute("DROP TRIGGER audit_entry_unchanged")
        op.execute(
            "CREATE TRIGGER audit_entry_unchanged BEFORE UPDATE ON audit_entry "
            f"WHEN OLD.seq IS NOT NULL OR NEW.seq IS NULL OR {changed} "
            "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
        )
        return
    parts = [f"{name}::text" if name == "detail" else name for name in unchanged]
    changed = " OR ".join(f"NEW.{part} IS DISTINCT FROM OLD.{part}" for part in parts)
    op.execute("DROP TRIGGER audit_entry_unchanged ON audit_entry")
    op.execute(
        "CREATE TRIGGER audit_entry_unchanged BEFORE UPDATE ON audit_entry FOR EACH ROW "
        f"WHEN (OLD.seq IS NOT NULL OR NEW.seq IS NULL OR {changed}) "
        "EXECUTE FUNCTION audit_entry_refuse()"
    )
