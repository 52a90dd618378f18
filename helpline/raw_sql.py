"""Execute frequent statements on PostgreSQL's driver directly.

SQLAlchemy's overhead per execution exceeds the cost of most of our statements. It still compiles
them, once, and its types convert parameters and results.

See docs/decisions/0023-frequent-statements-use-the-driver.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from functools import lru_cache
from typing import Any, TypeAlias, cast

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.orm import Session
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.schema import CallableColumnDefault, ScalarElementColumnDefault

from helpline.db import db, on_postgresql, unit_of_work
from helpline.unit_of_work import borrow_connection, to_sqlalchemy_error, wait_in_write_queue

PlainStatement: TypeAlias = (
    sa.Select[*tuple[Any, ...]] | sa.CompoundSelect[*tuple[Any, ...]] | sa.Insert | sa.Update
)
"""A statement without entities, built once; its rows are plain values."""
_CACHE_SIZE = 1024


def fetch_rows(
    session: Session | None, statement: PlainStatement, params: Mapping[str, Any]
) -> Sequence[Any]:
    """Execute a statement and return all rows.

    Inside a unit of work it is part of it. Otherwise it is committed by itself, on a connection
    returned to the pool at once.

    Args:
        session: None: outside of any session.
        params: parameters; of an insert, the values of its columns.

    Returns:
        Named tuples of the statement's columns.

    Raises:
        sqlalchemy.exc.DBAPIError: as SQLAlchemy raises it for the driver's error.
    """
    connection = _active_connection(session) if session is not None else None
    dialect = db.engine.dialect
    if dialect.name != "postgresql":
        if connection is None:
            return _execute_alone(statement, params)
        return _execute(cast(Connection, connection), statement, params)
    compiled = _compiled(statement, tuple(params) if statement.is_insert else None, dialect)
    if connection is not None:
        return compiled.put(connection, params)
    borrowed = borrow_connection(db.engine)
    try:
        return compiled.put(borrowed, params)
    finally:
        borrowed.close()


def _execute_alone(statement: PlainStatement, params: Mapping[str, Any]) -> Sequence[Any]:
    """Execute one statement in its own transaction on SQLite, in the write queue if it writes."""
    writes = not statement.is_select
    with ExitStack() as stack:
        if writes:
            wait_in_write_queue(stack, db.engine)
        connection = stack.enter_context(db.engine.connect().execution_options(writes=writes))
        with connection.begin():
            return _execute(connection, statement, params)


def _execute(
    connection: Connection, statement: PlainStatement, params: Mapping[str, Any]
) -> Sequence[Any]:
    result = connection.execute(statement, params)
    return result.all() if result.returns_rows else ()


def _active_connection(session: Session) -> Connection | PoolProxiedConnection | None:
    """Return the connection of the unit of work or of a session's transaction; None without any."""
    work = unit_of_work(session)
    if work is not None:
        return work.lent if work.lent is not None else work.sqlalchemy_connection()
    if session.in_transaction() or session.get_bind() is not db.engine or not on_postgresql():
        return session.connection()
    return None


def fetch_first(
    session: Session | None, statement: PlainStatement, params: Mapping[str, Any]
) -> Any:
    """Return the first row of ``fetch_rows``, or None."""
    rows = fetch_rows(session, statement, params)
    return rows[0] if rows else None


def fetch_value(
    session: Session | None, statement: PlainStatement, params: Mapping[str, Any]
) -> Any:
    """Return the first column of ``fetch_first``, or None."""
    row = fetch_first(session, statement, params)
    return row[0] if row is not None else None


class _CompiledStatement:
    """A compiled statement, with the processors of its parameters and columns."""

    def __init__(
        self, statement: PlainStatement, columns: Sequence[str] | None, dialect: Dialect
    ) -> None:
        compiled: SQLCompiler = statement.compile(dialect=dialect, column_keys=columns)
        if compiled.post_compile_params or compiled.update_prefetch:
            raise TypeError("its text or its values are made up anew each time")
        self._dialect, self._text = dialect, str(compiled)
        binds = compiled.binds
        self._always = {name: item.value for name, item in binds.items() if not item.required}
        self._usual = [(column.key, _default_of(column)) for column in compiled.insert_prefetch]
        self._in = _conversions(
            (name, item.type.dialect_impl(dialect).bind_processor(dialect))
            for name, item in binds.items()
        )
        read = statement.exported_columns
        self._gives_rows = len(read) > 0
        self._out = _conversions(
            (index, item.type.dialect_impl(dialect).result_processor(dialect, None))
            for index, item in enumerate(read)
        )
        names = [str(item.key) for item in read]
        row: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]
        self._row = row._make

    def put(self, to: Connection | PoolProxiedConnection, params: Mapping[str, Any]) -> list[Any]:
        params = {**self._always, **params}
        for name, default in self._usual:
            params[name] = default()
        for name, converted in self._in:
            params[name] = converted(params[name])
        connection = to.connection if isinstance(to, Connection) else to
        driver = cast(psycopg.Connection[Any], connection.driver_connection)
        try:
            cursor = driver.execute(self._text, params)
            rows = cursor.fetchall() if self._gives_rows else ()
        except psycopg.Error as error:
            if driver.closed:
                to.invalidate(error)
            raise to_sqlalchemy_error(
                error, self._dialect, self._text, is_gone=driver.closed
            ) from error
        except BaseException as error:  # The state of the connection is unknown.
            to.invalidate(error)
            raise
        if not self._out:
            return [self._row(row) for row in rows]
        return [self._row(self._read(row)) for row in rows]

    def _read(self, row: Sequence[Any]) -> Sequence[Any]:
        read = list(row)
        for index, converted in self._out:
            read[index] = converted(read[index])
        return read


@lru_cache(_CACHE_SIZE)
def _compiled(
    statement: PlainStatement, columns: Sequence[str] | None, dialect: Dialect
) -> _CompiledStatement:
    return _CompiledStatement(statement, columns, dialect)


def _default_of(column: sa.Column[Any]) -> Callable[[], Any]:
    """Return the function for the default value of a column."""
    default = column.default
    if isinstance(default, CallableColumnDefault):
        return lambda: default.arg(cast(Any, None))
    assert isinstance(default, ScalarElementColumnDefault)
    return lambda: default.arg


def _conversions(converters: Iterable[tuple[Any, Callable[[Any], Any] | None]]) -> Sequence[Any]:
    return tuple((key, converted) for key, converted in converters if converted is not None)
