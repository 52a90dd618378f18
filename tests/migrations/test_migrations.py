"""The migrations lead from nothing to the models and back, one numbered step after another."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import op
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from flask_migrate import check

from tests.support import programs
from tests.support.database import PostgresDatabases, SqliteDatabases, writing
from tools.check_migrations import ROOT, bare_app, differences, import_all_models, migrated


@pytest.fixture
def empty_url(databases: SqliteDatabases | PostgresDatabases) -> str:
    """A database without any table, of the same kind as ``database_url``."""
    return databases.empty()


def tables(engine: sa.Engine) -> set[str]:
    return set(sa.inspect(engine).get_table_names())


def scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def step(migrations: ScriptDirectory, steps: Callable[..., Any]) -> None:
    """Take steps up or down, as Alembic's own commands do, with migrations that are read once."""
    config = Config(attributes={"configure_logger": False})
    with EnvironmentContext(config, migrations, fn=lambda revision, _context: steps(revision)):
        migrations.run_env()


def test_the_migrations_make_what_the_models_say(database_url: str, empty_url: str) -> None:
    assert differences(database_url, empty_url) == []


def test_flask_db_check_finds_nothing_to_migrate(database_url: str) -> None:
    import_all_models()
    with bare_app(database_url) as engine:
        check()
        with engine.begin() as connection:
            connection.execute(sa.text("ALTER TABLE shift RENAME TO former_shift"))
        with pytest.raises(SystemExit):
            check()


def test_a_difference_is_noticed(database_url: str, empty_url: str) -> None:
    """Of the kind that Alembic's own comparison does not see: the condition of an index."""
    with bare_app(database_url) as engine, writing(engine).begin() as connection:
        connection.execute(sa.text("DROP INDEX uq_callback_open_number"))
        connection.execute(
            sa.text(
                "CREATE UNIQUE INDEX uq_callback_open_number ON callback (phone_hash) "
                "WHERE status IN ('waiting')"
            )
        )
    found = differences(database_url, empty_url)
    assert len(found) == 1
    assert found[0].startswith("callback, indexes")


def test_every_step_goes_down_and_all_go_up_again(empty_url: str) -> None:
    before: list[set[str]] = []
    with bare_app(empty_url) as engine:
        migrations = scripts()  # read once for all steps
        revisions = [each.revision for each in reversed(list(migrations.walk_revisions()))]
        for revision in revisions:
            before.append(tables(engine))
            step(migrations, partial(migrations._upgrade_revs, revision))
        for left in reversed(before):
            step(migrations, partial(migrations._downgrade_revs, "-1"))
            assert tables(engine) == left | {"alembic_version"}
    assert before[0] == set()
    migrated(empty_url)


def test_a_migration_that_fails_leaves_nothing_behind(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite too, where a table is made inside the transaction only since we begin it."""

    def failing(*_args: object, **_more: object) -> None:
        raise OSError("the power went")

    monkeypatch.setattr(op, "create_index", failing)
    with pytest.raises(OSError, match="the power went"):
        migrated(empty_url)
    with bare_app(empty_url) as engine:
        assert tables(engine) == set()


def test_the_steps_are_numbered_and_stand_in_one_line() -> None:
    steps = list(scripts().walk_revisions())
    numbers = [f"{number:04}" for number in range(len(steps), 0, -1)]
    assert [each.revision for each in steps] == numbers
    assert [each.down_revision for each in steps] == [*numbers[1:], None]
    assert all(f"/{each.revision}_" in each.path for each in steps)


def test_those_who_migrate_at_once_do_it_one_after_the_other(empty_url: str) -> None:
    """As when several machines are started together."""
    started = [programs.call(migrated, empty_url) for _ in range(3)]
    assert [process.wait(60) for process in started] == [0, 0, 0]
