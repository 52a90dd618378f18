"""The database: the base of all models, shared column types, and transaction()."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import fields
from datetime import UTC, datetime
from enum import StrEnum
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Bundle, DeclarativeBase, Session, SessionTransactionOrigin
from sqlalchemy.sql import operators
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator

from helpline import wakeups, write_queue
from helpline.domain.errors import HelplineError

AUTOCOMMIT, READ_COMMITTED, REPEATABLE_READ = "AUTOCOMMIT", "READ COMMITTED", "REPEATABLE READ"
"""Isolation levels on PostgreSQL. Reads begin no transaction: each statement would have its own
snapshot anyway, and it saves two round trips. ``transaction()`` begins one to write."""
LEFT_FOR_THE_RELEASE_BEFORE = frozenset({"special_day", "closure", "call_pace"})
"""Tables that only the release before this one uses. The next release drops them."""
P = ParamSpec("P")
T = TypeVar("T")
_DEADLOCK_DETECTED = "40P01"
_DEADLOCK_RETRIES, _DEADLOCK_PAUSE_SECONDS = 2, 0.05
MAX_WAL_BYTES = 16 * 2**20
"""Size to which SQLite's write-ahead log is truncated when it restarts."""
LOCK_SECONDS = 15
"""How long SQLite waits for a lock."""
_PRIMARY_CODE = 0xFF  # of an extended result code: https://www.sqlite.org/rescode.html
_WAL_RETRY_SECONDS = 0.01
SQLITE_ENDINGS = ("-wal", "-shm", "-queue", "-wake")
"""Of the files beside a SQLite file while it is in use."""
_WAKES = "wakes_workers"


class Base(DeclarativeBase):
    """The base of all models. Constraint names are fixed, so that migrations can name them."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


NO_KEY_UPDATE: Any = {"key_share": True}
"""FOR NO KEY UPDATE on PostgreSQL: inserts of rows that reference the locked one need not wait."""


def inline_literal(value: str | int) -> sa.ColumnElement[Any]:
    """Return a constant of the code as part of the statement's text instead of a parameter.

    PostgreSQL uses a generic plan only where it costs no more. With an unknown limit it expects
    very many rows, and it can use a partial index only when it knows the value.
    """
    if isinstance(value, int):
        return sa.literal_column(f"{value:d}", sa.Integer)
    quoted = value.replace("'", "''")
    return sa.literal_column(f"'{quoted}'", sa.String)


def is_missing(text: sa.SQLColumnExpression[Any]) -> sa.ColumnElement[bool]:
    """Return whether a unique text is NULL, and keep SQLite from looking that up in its index.

    It expects one row there, since the values are unique, and reads all that have none.
    """
    return sa.func.coalesce(text, inline_literal("")) == inline_literal("")


class Code(sa.String):
    """A code of an enumeration, such as a status.

    Codes that a column is compared with are part of the statement's text, since both databases use
    a partial index only where they know that the condition implies the index's own. SQLite must
    read the very same words: it takes no ``IN`` of one for ``=``, and no other order.
    """

    class comparator_factory(sa.String.Comparator[str]):  # noqa: N801 SQLAlchemy's own name
        """Compare with inlined codes."""

        def operate(self, op: OperatorType, *other: Any, **options: Any) -> sa.ColumnElement[Any]:
            inlined = [_inline_codes(each) for each in other]
            if op in _OF_ONE and isinstance(inlined[0], list) and len(inlined[0]) == 1:
                return super().operate(_OF_ONE[op], *inlined[0])
            return super().operate(op, *inlined, **options)


_OF_ONE: Mapping[OperatorType, OperatorType] = {
    operators.in_op: operators.eq,
    operators.not_in_op: operators.ne,
}


def _inline_codes(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return inline_literal(value)
    if isinstance(value, Set | list | tuple) and all(isinstance(code, StrEnum) for code in value):
        return [inline_literal(code) for code in sorted(value, key=_place)]
    return value


def _place(code: StrEnum) -> int:
    return list(type(code)).index(code)


ONE = inline_literal(1)
db = SQLAlchemy(model_class=Base, disable_autonaming=True)


class DataclassBundle(Bundle[T]):
    """Columns that each row of a query has as one dataclass, or as None after an outer join that
    found nothing: where the first column is NULL.
    """

    inherit_cache = True

    def __init__(
        self, name: str, kind: type[T], source: Any, **others: sa.SQLColumnExpression[Any]
    ):
        """Select the fields of a dataclass.

        Args:
            name: the attribute of a row.
            source: a model, an alias or the columns of a subquery, with attributes named as the
                fields are.
            others: fields that are no attributes of the source.
        """
        names = [field.name for field in fields(cast("Any", kind))]
        columns = [others[name] if name in others else getattr(source, name) for name in names]
        super().__init__(name, *columns)
        self._kind = kind

    def create_row_processor(self, query: Any, procs: Any, labels: Any) -> Any:
        kind = cast("Any", self._kind)

        def read(row: Any) -> T | None:
            values = [column(row) for column in procs]
            return kind(*values) if values[0] is not None else None

        return read


class Instant(TypeDecorator[datetime]):
    """An aware instant, stored in UTC. A naive datetime is refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime was about to be stored")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


@contextmanager
def use_database(engine: Engine) -> Iterator[None]:
    """Use another database for this application inside the block, such as a restored backup.

    The engine is disposed of at the end.
    """
    engines, live = cast("dict[str | None, Engine]", db.engines), db.engine
    db.session.remove()
    engines[None] = engine
    try:
        yield
    finally:
        db.session.remove()
        engines[None] = live
        engine.dispose()


class NestedTransaction(RuntimeError):
    """A transaction was begun inside another one, which would merge them by accident."""


@contextmanager
def transaction() -> Iterator[Session]:
    """Begin a transaction: committed at the end of the block, rolled back after an error.

    On SQLite it waits in the queue of writers and takes the write lock at the start (BEGIN
    IMMEDIATE), so that what it reads cannot change before it writes. Objects loaded before are
    read again.

    Raises:
        NestedTransaction: when called inside another.
    """
    ensure_no_transaction()
    session = db.session()
    options = {"isolation_level": READ_COMMITTED} if on_postgresql() else {"writes": True}
    session.info.pop(_WAKES, None)
    with _write_queue(), session.begin():  # In the queue it holds no connection.
        session.connection(execution_options=options)
        yield session
    if session.info.pop(_WAKES, False):
        wakeups.send(db.engine)


def wake_workers(session: Session) -> None:
    """Have the workers look for work as soon as this transaction is committed."""
    session.info[_WAKES] = True


def _write_queue() -> AbstractContextManager[object]:
    url = db.engine.url
    file = None if on_postgresql() else write_queue.queue_file(url.database)
    return nullcontext() if file is None else write_queue.wait_in_queue(file)


def sqlstate(error: DBAPIError) -> str | None:
    """Return the SQLSTATE of a PostgreSQL error; None on SQLite, which has none."""
    return getattr(error.orig, "sqlstate", None)


def retry_on_deadlock(verb: Callable[P, T]) -> Callable[P, T]:
    """Run a transaction once more after a deadlock.

    PostgreSQL rolls one of the two back; SQLite has one writer at a time.
    """

    @wraps(verb)
    def done(*args: P.args, **kwargs: P.kwargs) -> T:
        for _ in range(_DEADLOCK_RETRIES):
            try:
                return verb(*args, **kwargs)
            except OperationalError as error:
                if sqlstate(error) != _DEADLOCK_DETECTED:
                    raise
            time.sleep(_DEADLOCK_PAUSE_SECONDS)  # Let the other transaction finish first.
        return verb(*args, **kwargs)

    return done


@contextmanager
def read_snapshot() -> Iterator[Session]:
    """Begin a read-only snapshot (repeatable read), for reads of very many rows.

    Raises:
        NestedTransaction: when called inside a transaction.
    """
    ensure_no_transaction()
    session: Session = db.session()
    try:
        options = {"isolation_level": REPEATABLE_READ} if on_postgresql() else {}
        session.connection(execution_options=options)
        yield session
    finally:
        session.rollback()


def ensure_no_transaction() -> None:
    """End what only reads, and expire the session; ``transaction`` and ``read_snapshot`` begin so.

    Raises:
        NestedTransaction: inside a transaction.
    """
    session = db.session()
    begun = session.get_transaction()
    if begun is not None and begun.origin is SessionTransactionOrigin.BEGIN:
        raise NestedTransaction
    session.rollback()


def on_postgresql() -> bool:
    return db.engine.dialect.name == "postgresql"


def updated_one_row(session: Session, statement: sa.Update | sa.Delete) -> bool:
    """Execute a guarded update or delete; return whether it changed exactly one row.

    This is how concurrent changes of one row are detected.
    """
    result = session.execute(statement, execution_options={"synchronize_session": False})
    return bool(result.rowcount == 1)  # type: ignore[attr-defined]


def guarded_update(
    session: Session,
    row: Base,
    where: Mapping[str, Any],
    *guards: sa.ColumnElement[bool],
    **values: Any,
) -> bool:
    """Update a row if it still matches, and return whether it did.

    Pending changes of the object are written before. After an update the object has every value
    that the row has in the database; if nothing was written it is left unchanged.

    Args:
        row: an object of the session, of a table whose primary key is ``id``.
        where: the values that these columns must have, None included.
        guards: further conditions.
    """
    model = type(row)
    [row_id] = sa.inspect(row).identity or ()
    statement = (
        sa.update(model)
        .where(sa.inspect(model).primary_key[0] == row_id)
        .filter_by(**where)
        .where(*guards)
        .values(values)
        .returning(model)
    )
    options = {"synchronize_session": False, "populate_existing": True}
    return session.scalars(statement, execution_options=options).one_or_none() is not None


def insert_or_ignore(session: Session, model: type[Base], **values: Any) -> bool:
    """Insert a row unless a unique constraint forbids it; return whether it was inserted."""
    dialect = postgresql if on_postgresql() else sqlite
    statement = dialect.insert(model).values(values).on_conflict_do_nothing()
    key = sa.inspect(model).primary_key
    return session.execute(statement.returning(*key)).first() is not None


class StaleVersion(HelplineError):
    """Someone else saved a newer version in between; nothing is saved."""


def update_version(
    session: Session,
    model: type[Any],
    *where: sa.ColumnElement[bool],
    expected_version: int,
    **values: Any,
) -> None:
    """Raise the version of a row that people edit, which locks it until the end of the transaction.

    Not SQLAlchemy's ``version_id_col``: every write would count as an edit then, a sign-in too.

    Args:
        where: what selects the row.
        expected_version: the version that was edited.
        values: what to set with it.

    Raises:
        StaleVersion: it has another version, or does not exist.
    """
    statement = sa.update(model).where(*where, model.version == expected_version)
    if not updated_one_row(session, statement.values(version=expected_version + 1, **values)):
        raise StaleVersion


def add_version(session: Session, row: Any, *, expected_version: int) -> None:
    """Add a row to a table of versions, of which the newest is in force.

    Args:
        row: all but its ``version``, which is unique.
        expected_version: the version that was edited; 0 before the first.

    Raises:
        StaleVersion: there is a newer one. Leave the transaction.
    """
    newest = session.scalar(sa.select(sa.func.max(type(row).version)))
    if (newest or 0) != expected_version:
        raise StaleVersion
    row.version = expected_version + 1
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise StaleVersion from error


def insert_missing(
    session: Session, model: type[Base], columns: Sequence[str], rows: sa.Select[*tuple[Any, ...]]
) -> None:
    """Insert the rows of a query in one statement, skipping those that violate a unique constraint.

    Args:
        columns: the model's names for the query's columns.
    """
    dialect = postgresql if on_postgresql() else sqlite
    session.execute(dialect.insert(model).from_select(columns, rows).on_conflict_do_nothing())


def advisory_lock(session: Session, key: int) -> None:
    """Take an exclusive advisory lock until the end of the transaction.

    On SQLite a write transaction is alone from its start.

    Args:
        key: the same number for all who must exclude each other.
    """
    if on_postgresql():
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))


def advisory_lock_shared(session: Session, key: int) -> None:
    """Take a shared advisory lock until the end of the transaction."""
    if on_postgresql():
        session.execute(sa.select(sa.func.pg_advisory_xact_lock_shared(key)))


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Set WAL, foreign keys, lock timeout and secure delete; the driver begins no transactions."""
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={LOCK_SECONDS * 1000}").close()
        _switch_to_wal(connection)
        for pragma in (
            "foreign_keys=ON",
            "synchronous=FULL",
            "secure_delete=ON",
            f"journal_size_limit={MAX_WAL_BYTES}",
        ):
            connection.execute(f"PRAGMA {pragma}").close()


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """A new or restored file is not in WAL mode. When several processes switch it at once,
    SQLite refuses at once instead of waiting, since waiting could be a deadlock.
    """
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
            return
        except sqlite3.OperationalError as error:
            is_busy = error.sqlite_errorcode & _PRIMARY_CODE == sqlite3.SQLITE_BUSY
            if not is_busy or time.monotonic() > deadline:
                raise
        time.sleep(_WAL_RETRY_SECONDS)


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
