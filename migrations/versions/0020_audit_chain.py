"""The audit log: only ever added to, and chained."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

UNSEALED = sa.text("seq IS NULL")
SQLITE = (
    "CREATE TRIGGER audit_entry_kept BEFORE DELETE ON audit_entry "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
    "CREATE TRIGGER audit_entry_unchanged BEFORE UPDATE ON audit_entry "
    "WHEN OLD.seq IS NOT NULL OR NEW.seq IS NULL OR NEW.id IS NOT OLD.id "
    "OR NEW.at IS NOT OLD.at OR NEW.actor IS NOT OLD.actor OR NEW.deed IS NOT OLD.deed "
    "OR NEW.subject IS NOT OLD.subject OR NEW.detail IS NOT OLD.detail "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
)
POSTGRESQL = (
    "CREATE OR REPLACE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the audit log is append-only' "
    "USING ERRCODE = 'integrity_constraint_violation'; END $$",
    "CREATE TRIGGER audit_entry_kept BEFORE DELETE ON audit_entry "
    "FOR EACH ROW EXECUTE FUNCTION audit_entry_refuse()",
    "CREATE TRIGGER audit_entry_not_emptied BEFORE TRUNCATE ON audit_entry "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_refuse()",
    "CREATE TRIGGER audit_entry_unchanged BEFORE UPDATE ON audit_entry FOR EACH ROW "
    "WHEN (OLD.seq IS NOT NULL OR NEW.seq IS NULL OR NEW.id IS DISTINCT FROM OLD.id "
    "OR NEW.at IS DISTINCT FROM OLD.at OR NEW.actor IS DISTINCT FROM OLD.actor "
    "OR NEW.deed IS DISTINCT FROM OLD.deed OR NEW.subject IS DISTINCT FROM OLD.subject "
    "OR NEW.detail::text IS DISTINCT FROM OLD.detail::text) "
    "EXECUTE FUNCTION audit_entry_refuse()",
)


def upgrade() -> None:
    op.add_column("audit_entry", sa.Column("seq", sa.Integer(), nullable=True))
    op.add_column("audit_entry", sa.Column("prev_hash", sa.String(length=64), nullable=True))
    op.add_column("audit_entry", sa.Column("hash", sa.String(length=64), nullable=True))
    op.create_index("uq_audit_entry_seq", "audit_entry", ["seq"], unique=True)
    op.create_index(
        "ix_audit_entry_unsealed",
        "audit_entry",
        ["id"],
        sqlite_where=UNSEALED,
        postgresql_where=UNSEALED,
    )
    op.create_index(op.f("ix_audit_entry_at"), "audit_entry", ["at"])
    op.create_index(op.f("ix_audit_entry_deed"), "audit_entry", ["deed"])
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    names = ["audit_entry_kept", "audit_entry_unchanged"]
    for name in [*names, "audit_entry_not_emptied"] if on_postgresql else names:
        op.execute(f"DROP TRIGGER {name}" + (" ON audit_entry" if on_postgresql else ""))
    if on_postgresql:
        op.execute("DROP FUNCTION audit_entry_refuse()")
    op.drop_table("audit_head")
    for index in (
        op.f("ix_audit_entry_deed"),
        op.f("ix_audit_entry_at"),
        "ix_audit_entry_unsealed",
        "uq_audit_entry_seq",
    ):
        op.drop_index(index, table_name="audit_entry")
    for column in ("hash", "prev_hash", "seq"):
        op.drop_column("audit_entry", column)
