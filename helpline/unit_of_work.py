"""A connection with one transaction, committed or rolled back as a whole.

See docs/decisions/0023-frequent-statements-use-the-driver.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any, cast

import psycopg
from psycopg import IsolationLevel
from sqlalchemy.engine import Connection, Dialect, Engine, RootTransaction
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import PoolProxiedConnection

from helpline import write_queue


class UnitOfWork:
    """A transaction on one connection; see ``db.transaction``.

    On PostgreSQL the driver begins it with the first statement, and SQLAlchemy joins when its
    session is used: most statements go to the driver directly (``raw_sql``).
    On SQLite everything goes through SQLAlchemy.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._joined: Connection | None = None
        self._begun: RootTransaction | None = None
        self._turn = ExitStack()
        self.lent: PoolProxiedConnection | None = None
        try:
            if engine.dialect.name == "postgresql":
                self.lent = borrow_connection(engine)
            else:
                wait_in_write_queue(
                    self._turn, engine
                )  # First: a writer in the queue holds no connection.
                self._joined = engine.connect().execution_options(writes=True)
            self._begin()
        except BaseException:
            self.close()
            raise

    def _begin(self) -> None:
        if self._joined is not None:
            self._begun = self._joined.begin()
            return
        driver = self._driver()
        if driver.isolation_level != IsolationLevel.READ_COMMITTED:
            driver.isolation_level = IsolationLevel.READ_COMMITTED
        driver.autocommit = False

    def sqlalchemy_connection(self) -> Connection:
        if self._joined is None:
            self._joined = Connection(self._engine, self.lent)
            self._begun = self._joined.begin()
        return self._joined

    def commit(self) -> None:
        """Commit.

        Raises:
            RuntimeError: a part of it was rolled back on the way; nothing is committed.
        """
        if self._begun is not None:
            if not self._begun.is_active:
                raise RuntimeError("a part of it was rolled back")
            self._begun.commit()
            return
        driver = self._driver()
        try:
            driver.commit()
        except psycopg.Error as error:
            raise to_sqlalchemy_error(error, self._engine.dialect, is_gone=driver.closed) from error

    def close(self) -> None:
        """Return the connection, rolled back; one in an unknown state is discarded."""
        if self.lent is None:
            with self._turn:
                if self._joined is not None:
                    self._joined.close()
            return
        try:
            if self.lent.is_valid:
                driver = self._driver()
                driver.rollback()
                driver.autocommit = True
        except psycopg.Error as error:
            self.lent.invalidate(error)
        except BaseException as error:
            self.lent.invalidate(error)
            raise
        finally:
            self.lent.close()

    def _driver(self) -> psycopg.Connection[Any]:
        assert self.lent is not None
        return cast("psycopg.Connection[Any]", self.lent.driver_connection)


def wait_in_write_queue(stack: ExitStack, engine: Engine) -> None:
    """Wait in the write queue on SQLite until ``turn`` is closed."""
    file = write_queue.queue_file(engine.url.database)
    if file is not None:
        stack.enter_context(write_queue.wait_in_queue(file))


def borrow_connection(engine: Engine) -> PoolProxiedConnection:
    """Return a pooled connection to PostgreSQL, for statements on its driver.

    Raises:
        sqlalchemy.exc.DBAPIError: no connection is available.
    """
    try:
        return engine.raw_connection()
    except psycopg.Error as error:
        raise to_sqlalchemy_error(error, engine.dialect, is_gone=True) from error


def to_sqlalchemy_error(
    error: psycopg.Error, dialect: Dialect, text: str | None = None, *, is_gone: bool
) -> Exception:
    """Return a driver's error as SQLAlchemy's, without values.

    Args:
        text: the statement.
        is_gone: whether the connection can no longer be used.
    """
    converted: Exception = DBAPIError.instance(
        text,
        None,
        error,
        psycopg.Error,
        hide_parameters=True,
        connection_invalidated=is_gone,
        dialect=dialect,
    )
    return converted
