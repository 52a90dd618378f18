"""Wake the workers of a database, so that what is due at once does not wait for their next round.

On PostgreSQL by NOTIFY, on SQLite by a named pipe beside the file. A wake-up may be lost, such as
behind a pooler of transactions or on a system without pipes: the next round finds the work.
"""

from __future__ import annotations

import errno
import os
import select
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

_CHANNEL = "helpline_work"
_MAX_BYTES = 65536


def send(engine: Engine) -> None:
    """Wake the workers, after the commit of what is due; never fails.

    In the transaction itself NOTIFY would make all such commits wait for each other: PostgreSQL
    holds a lock from before the commit is on disk until after it.
    """
    if engine.dialect.name == "postgresql":
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql(f"NOTIFY {_CHANNEL}")
        except SQLAlchemyError as error:
            log.warning("workers could not be woken", problem=type(error).__name__)
    elif pipe := pipe_file(engine.url.database):
        with suppress(OSError):  # No worker listens, or the pipe is full of wake-ups.
            _write(pipe)


def pipe_file(database: str | None) -> Path | None:
    """Return the pipe of a SQLite file; None for one in memory."""
    return None if not database or database == ":memory:" else Path(f"{database}-wake")


@contextmanager
def listening(engine: Engine) -> Iterator[Callable[[], None] | None]:
    """Listen for wake-ups.

    Yields:
        A function that waits for the next one, and takes those that came meanwhile as one; None
        where there are none.

    Raises:
        FileExistsError: in place of the pipe is another file.
    """
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            connection.detach()  # It is no longer one of the pool.
            connection.exec_driver_sql(f"LISTEN {_CHANNEL}")

            def take() -> None:
                for _ in driver.notifies(stop_after=1):  # Those that come together, at once.
                    pass

            yield take
    elif pipe := pipe_file(engine.url.database):
        with suppress(FileExistsError):
            os.mkfifo(pipe, 0o600)
        # Opened to write as well, or it would be at its end whenever nobody writes.
        handle = os.open(pipe, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if not stat.S_ISFIFO(os.fstat(handle).st_mode):
                raise FileExistsError(errno.EEXIST, "not a pipe", str(pipe))

            def read() -> None:
                select.select([handle], [], [])
                with suppress(BlockingIOError):  # Another worker was first.
                    os.read(handle, _MAX_BYTES)

            yield read
        finally:
            os.close(handle)
    else:
        yield None


def _write(pipe: Path) -> None:
    handle = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        os.write(handle, b"\n")
    finally:
        os.close(handle)
