"""The database: the base of every model, the column types all share, and transaction()."""

from __future__ import annotations

import re
import select
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

import psycopg
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from psycopg import _queries
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.exc import InvalidatePoolError, OperationalError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry, Pool
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

from helpline.unit_of_work import UnitOfWork

READS, WRITES, ONE_MOMENT = "AUTOCOMMIT", "READ COMMITTED", "REPEATABLE READ"
"""How PostgreSQL is spoken to. Whoever only reads begins no transaction: each statement would see
its own moment anyhow, and it saves two round trips. ``transaction()`` begins one to write."""
# psycopg remembers what it read in a statement's text, but by itself not of those that do a whole
# deed at once, which are longer.
_queries.MAX_CACHED_STATEMENT_LENGTH = 8192
P = ParamSpec("P")
T = TypeVar("T")
_GIVES_WAY, _GIVES_WAY_SECONDS = 2, 0.05
_PLAIN = re.compile(r"[A-Za-z_:{}]+")
LARGEST_WAL_BYTES = 16 * 2**20
"""What SQLite's write-ahead log is cut to when it begins anew."""
LOCK_SECONDS = 15
"""How long SQLite waits for a lock."""
_PRIMARY_CODE = 0xFF  # of an extended result code: https://www.sqlite.org/rescode.html
_SWITCHES_AGAIN_SECONDS = 0.01
TRUSTED_IDLE_SECONDS = 5
"""So long after its last use a connection is believed to be alive, unless the server hung up."""


class Base(DeclarativeBase):
    """The base of every model. Constraint names are fixed, so that migrations can name them."""

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
"""For ``with_for_update``: alone with a row, of which the key stays. On PostgreSQL those who only
point at it, by a foreign key, need not wait, nor make others wait or pass over it."""


def inline_literal(value: str | int) -> sa.ColumnElement[Any]:
    """A constant of ours as part of a statement's text, and no parameter: it costs nothing to send,
    and PostgreSQL knows it when it plans the statement once for all parameters, which it does only
    where that costs no more. Of an unknown limit it thinks as of very many rows, and an index of
    some rows is good only where it knows that no others are meant."""
    if isinstance(value, int):
        return sa.literal_column(str(int(value)), sa.Integer)
    if not _PLAIN.fullmatch(value):
        raise ValueError("only a word of ours is written out")
    return sa.literal_column(f"'{value}'", sa.String)


ONE = inline_literal(1)
ONE_ROW = sa.select(ONE.label("one")).subquery("always")
"""A row that is there in any case, for others to be joined to that may be missing."""


class string_agg(FunctionElement[str]):  # noqa: N801 it is called as a function is
    """The texts of many rows in one, with a space between them."""

    type = sa.String()
    inherit_cache = True


@compiles(string_agg)
def _compile_string_agg(element: string_agg, compiler: SQLCompiler, **told: Any) -> str:
    name = "group_concat" if compiler.dialect.name == "sqlite" else "string_agg"
    return f"{name}({compiler.process(element.clauses, **told)}, ' ')"


class _Session(FlaskSession):
    """Joins the unit of work that is under way, if it is the session of those who are at it."""

    def get_bind(self, *told: Any, **options: Any) -> Engine | Connection:
        work = unit_of_work(self)
        return work.joined() if work is not None else super().get_bind(*told, **options)


db = SQLAlchemy(model_class=Base, disable_autonaming=True, session_options={"class_": _Session})
_under_way: dict[Any, UnitOfWork] = {}
"""The units of work, by what the sessions are known by."""


def unit_of_work(session: Session) -> UnitOfWork | None:
    """The one that is under way, if the session is that of whoever is at it."""
    work = _under_way.get(db.session.registry.scopefunc()) if _under_way else None
    if work is None or cast(Any, session) is db.session:
        return work
    return work if db.session.registry.has() and session is db.session() else None


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept in UTC. A naive datetime is refused on the way in."""

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
def other_database(engine: Engine) -> Iterator[None]:
    """Inside, this application's database is another one, such as a backup that is restored beside
    the live one. The engine is disposed of at the end."""
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
    """A verb called a verb: two units of work would become one by accident."""


@contextmanager
def transaction() -> Iterator[Session]:
    """One unit of work: all of it is kept at the end, or none of it after an error.

    On SQLite it takes the write lock at the start (BEGIN IMMEDIATE), so that what it reads
    cannot change before it writes. Whatever the session read before is read afresh inside.

    Raises:
        NestedTransaction: when called inside another.
    """
    ensure_no_transaction()
    work, here = UnitOfWork(db.engine), db.session.registry.scopefunc()
    _under_way[here] = work
    try:
        yield cast(Session, db.session)
        if db.session.registry.has():
            db.session.commit()
        work.commit()
    except BaseException:
        if db.session.registry.has():
            db.session.rollback()
            db.session.expire_all()  # What was put on objects without being told to the session.
        raise
    finally:
        del _under_way[here]
        work.close()


def retry_on_deadlock(verb: Callable[P, T]) -> Callable[P, T]:
    """A verb that is done once more where it and another waited for each other. PostgreSQL then
    ends one of the two, of which nothing is kept; SQLite lets only one write at a time."""

    @wraps(verb)
    def done(*args: P.args, **kwargs: P.kwargs) -> T:
        for _ in range(_GIVES_WAY):
            try:
                return verb(*args, **kwargs)
            except OperationalError as error:
                if not isinstance(error.orig, psycopg.errors.DeadlockDetected):
                    raise
            time.sleep(_GIVES_WAY_SECONDS)  # Or it could come before the other once more.
        return verb(*args, **kwargs)

    return done


@contextmanager
def read_snapshot() -> Iterator[Session]:
    """Reads as of one moment, however long that takes: for whoever reads very many rows.

    Raises:
        NestedTransaction: when called inside another.
    """
    ensure_no_transaction()
    session: Session = db.session()
    try:
        options = {"isolation_level": ONE_MOMENT} if on_postgresql() else {}
        session.connection(execution_options=options)
        yield session
    finally:
        session.rollback()


def ensure_no_transaction() -> None:
    """Between two verbs; ``transaction`` and ``snapshot`` begin so. If there is a session, it
    forgets what it has read. A verb that needs none, and is one statement, needs no more: on
    PostgreSQL that is a unit of work by itself, kept at its end without being told to, which saves
    two round trips.

    Raises:
        NestedTransaction: in the middle of a unit of work.
    """
    if db.session.registry.scopefunc() in _under_way:
        raise NestedTransaction
    if db.session.registry.has():
        db.session.rollback()


def on_postgresql() -> bool:
    """Whether it is PostgreSQL; SQLite else."""
    return db.engine.dialect.name == "postgresql"


def updated_one_row(session: Session, statement: sa.Update | sa.Delete) -> bool:
    """Carries out a guarded update or delete and says whether it changed exactly one row.

    This is how two who reach for the same thing at once are told apart.
    """
    result = session.execute(statement, execution_options={"synchronize_session": False})
    return bool(result.rowcount == 1)  # type: ignore[attr-defined]


def insert_missing(
    session: Session, model: type[Base], columns: Sequence[str], rows: sa.Select[*tuple[Any, ...]]
) -> None:
    """Inserts what a query finds, in one statement; rows whose like is there are left out.

    Args:
        columns: what the query's columns are called in the model.
    """
    dialect = postgresql if on_postgresql() else sqlite
    session.execute(dialect.insert(model).from_select(columns, rows).on_conflict_do_nothing())


def advisory_lock(session: Session, key: int) -> None:
    """Waits until nobody holds this key, and holds it alone until the end of the transaction.

    On SQLite a transaction that writes is alone from its start.

    Args:
        key: any number; the same for all who must not meet.
    """
    if on_postgresql():
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))


def advisory_lock_shared(session: Session, key: int) -> None:
    """Waits until nobody holds this key alone, and keeps it so until the end of the transaction."""
    if on_postgresql():
        session.execute(sa.select(advisory_lock_shared_clause(key)))


def advisory_lock_shared_clause(key: int) -> sa.ColumnElement[Any]:
    """``wait_together`` as part of a statement for PostgreSQL."""
    return sa.func.pg_advisory_xact_lock_shared(inline_literal(key))


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """WAL, foreign keys, a patient lock, and what is deleted is overwritten; transactions are
    begun by us, not by the driver."""
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={LOCK_SECONDS * 1000}").close()
        _switch_to_wal(connection)
        for pragma in (
            "foreign_keys=ON",
            "synchronous=FULL",
            "secure_delete=ON",
            f"journal_size_limit={LARGEST_WAL_BYTES}",
        ):
            connection.execute(f"PRAGMA {pragma}").close()


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """A file that was made anew or restored is not in WAL mode. Where several processes switch it
    at once, SQLite waits for none of them and refuses: to wait could be a deadlock."""
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
            return
        except sqlite3.OperationalError as error:
            is_busy = error.sqlite_errorcode & _PRIMARY_CODE == sqlite3.SQLITE_BUSY
            if not is_busy or time.monotonic() > deadline:
                raise
        time.sleep(_SWITCHES_AGAIN_SECONDS)


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@event.listens_for(Pool, "checkin")
def _note_use(_connection: Any, entry: ConnectionPoolEntry) -> None:
    entry.info["used_at"] = time.monotonic()


@event.listens_for(Pool, "checkout")
def _need_alive(connection: Any, entry: ConnectionPoolEntry, _lent: Any) -> None:
    """Nobody is given a connection whose server is gone. A server that ends or is ended closes its
    sockets, which we see without asking; one that is cut off is asked when a connection has rested.

    Raises:
        InvalidatePoolError: it is gone, and so are those beside it; the pool opens another.
    """
    used_at = entry.info.get("used_at")
    if used_at is None or not isinstance(connection, psycopg.Connection):
        return
    if time.monotonic() - used_at < TRUSTED_IDLE_SECONDS and not _something_came(connection):
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except psycopg.Error as gone:
        raise InvalidatePoolError from gone


def _something_came(connection: psycopg.Connection) -> bool:
    """Whether the server said something that nobody asked for, such as that it goes."""
    if connection.closed:
        return True
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    return bool(waiting.poll(0))
