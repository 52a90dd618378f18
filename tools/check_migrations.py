"""Check that the migrations lead to the models (``make lint``).

Alembic's own comparison ignores check constraints and the conditions of partial indexes, which
matter much here. So the tables that the migrations create are compared, as the database reports
them, with the tables that the models create.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import Migrate, upgrade

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from helpline.db import LEFT_FOR_THE_RELEASE_BEFORE, Base, db  # noqa: E402


def import_all_models() -> None:
    """So that the metadata knows every table, also one that the factory forgot."""
    for file in sorted((ROOT / "helpline").rglob("models.py")):
        importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))


@contextmanager
def bare_app(url: str) -> Iterator[sa.Engine]:
    """Return the least application that migrations need: a database without routes or secrets."""
    app = Flask("helpline")
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    db.init_app(app)
    Migrate(app, db, directory=str(ROOT / "migrations"))
    with app.app_context():
        yield db.engine
        db.engine.dispose()


def migrated(url: str) -> None:
    """Brings a database to head."""
    with bare_app(url):
        upgrade()


def differences(migrated_url: str, empty_url: str) -> list[str]:
    """What the models say otherwise than the migrated database.

    Args:
        migrated_url: a database at head.
        empty_url: an empty one, in which the models' tables are made for comparison.
    """
    import_all_models()
    with bare_app(migrated_url) as engine, engine.connect() as connection:
        options = {
            "compare_type": True,
            # Defaults are compared below, as text: PostgreSQL has no = for JSON.
            "compare_server_default": False,
            "include_name": lambda name, _kind, _of: name not in LEFT_FOR_THE_RELEASE_BEFORE,
        }
        context = MigrationContext.configure(connection, opts=options)
        found = [f"alembic: {each}" for each in compare_metadata(context, Base.metadata)]
        by_migrations = tables_of(connection)
    with bare_app(empty_url) as engine, engine.begin() as connection:
        Base.metadata.create_all(connection)
        by_models = tables_of(connection)
    for table in sorted(by_migrations.keys() | by_models.keys()):
        ours, theirs = by_migrations.get(table, {}), by_models.get(table, {})
        found += [
            f"{table}, {part}:\n  migrations: {ours.get(part)}\n  models:     {theirs.get(part)}"
            for part in sorted(ours.keys() | theirs.keys())
            if ours.get(part) != theirs.get(part)
        ]
    return found


def tables_of(connection: sa.Connection) -> Mapping[str, Mapping[str, Any]]:
    """Return every table as the database reports it."""
    inspector = sa.inspect(connection)
    triggers = triggers_of(connection)
    return {
        name: {
            "columns": sorted(
                (each["name"], str(each["type"]), each["nullable"], each["default"])
                for each in inspector.get_columns(name)
            ),
            "primary key": inspector.get_pk_constraint(name),
            "foreign keys": _sorted(inspector.get_foreign_keys(name)),
            "unique": _sorted(inspector.get_unique_constraints(name)),
            "checks": _sorted(inspector.get_check_constraints(name)),
            "indexes": _sorted(inspector.get_indexes(name)),
            "triggers": sorted(triggers.get(name, ())),
        }
        for name in inspector.get_table_names()
        if name not in {"alembic_version", *LEFT_FOR_THE_RELEASE_BEFORE}
    }


def triggers_of(connection: sa.Connection) -> Mapping[str, list[str]]:
    """What the database does by itself, by table, in its own words."""
    told = (
        "SELECT tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"
        if connection.dialect.name == "sqlite"
        else "SELECT c.relname, pg_get_triggerdef(t.oid) || p.prosrc FROM pg_trigger t "
        "JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
        "WHERE NOT t.tgisinternal"
    )
    found: dict[str, list[str]] = {}
    for table, words in connection.execute(sa.text(told)):
        found.setdefault(table, []).append(words)
    return found


def _sorted(found: Any) -> list[str]:
    """As text, since a condition comes as an expression that equals nothing but itself."""
    return sorted(str(_told(each)) for each in found)


def _told(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _told(each) for key, each in sorted(value.items())}
    return value if isinstance(value, list | bool | None) else str(value)


def main() -> int:
    """Checks on SQLite; the tests check on PostgreSQL too."""
    with tempfile.TemporaryDirectory() as folder:
        first, second = (f"sqlite:///{folder}/{name}.sqlite3" for name in ("migrated", "models"))
        migrated(first)
        found = differences(first, second)
    if found:
        print("The migrations do not match the models:", *found, sep="\n- ")
        return 1
    print("The migrations match the models.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
