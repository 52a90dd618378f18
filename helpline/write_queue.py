"""A fair queue of all who write to one SQLite file, across the processes of a machine.

SQLite has no queue: whoever finds the file locked sleeps and tries again, so under a steady load
some writers wait for many seconds while others pass them. Here each writer takes a ticket and goes
when every earlier ticket is gone.
See docs/decisions/0022-sqlite-writers-queue.
"""

from __future__ import annotations

import fcntl
import os
import struct
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import structlog

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

PATIENCE_SECONDS = 12.0
"""How long a writer stays in the queue. After that it asks SQLite without it."""

_NUMBER = struct.Struct("<Q")
_LOCK = "hhqqi0q"
"""``struct flock``: type, whence, start, length, process."""
_STEP_SECONDS, _LONGEST_STEP_SECONDS = 0.0005, 0.02
_LOCKS_OF_FILES = hasattr(fcntl, "F_OFD_SETLK")
"""Linux has locks that belong to an open file and not to a process, as threads need them."""


def queue_file(database: str | None) -> Path | None:
    """Where the writers of a SQLite file queue; None where there is no file, or no such locks."""
    if not database or database == ":memory:" or not _LOCKS_OF_FILES:
        return None
    return Path(f"{database}-queue")


@contextmanager
def turn(file: Path, *, patience_seconds: float = PATIENCE_SECONDS) -> Iterator[bool]:
    """Waits until all who came before are done, and has the next wait until this one is.

    A ticket is a lock on one byte of the file, so that a process that dies gives up its tickets.

    Yields:
        Whether it is this one's turn; False after so many seconds in the queue, and where there
        can be no queue, such as in a folder that is gone or read-only. The writer then asks
        SQLite, which knows whether the database can be written.
    """
    with ExitStack() as opened:
        try:
            handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            opened.callback(os.close, handle)
            is_mine = _wait(handle, _take_ticket(handle), time.monotonic() + patience_seconds)
        except OSError as error:
            log.warning("SQLite write queue is unavailable", file=str(file), reason=error.strerror)
            is_mine = False
        yield is_mine


def _take_ticket(handle: int) -> int:
    """The next number. It is locked before anybody can have a later one."""
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        read = os.pread(handle, _NUMBER.size, 0)
        ticket = 1 + (_NUMBER.unpack(read)[0] if len(read) == _NUMBER.size else 0)
        os.pwrite(handle, _NUMBER.pack(ticket), 0)
        fcntl.fcntl(handle, fcntl.F_OFD_SETLK, _lock(ticket, 1))
    finally:
        fcntl.flock(handle, fcntl.LOCK_UN)
    return ticket


def _wait(handle: int, ticket: int, until: float) -> bool:
    while (before := _earlier(handle, ticket)) is not None:
        if time.monotonic() >= until:
            return False
        time.sleep(min(_STEP_SECONDS * (ticket - before), _LONGEST_STEP_SECONDS))
    return True


def _earlier(handle: int, ticket: int) -> int | None:
    """An earlier ticket that somebody still has; None when there is none."""
    answer = fcntl.fcntl(handle, fcntl.F_OFD_GETLK, _lock(0, ticket))
    kind, _whence, start, _length, _process = struct.unpack(_LOCK, answer)
    return None if kind == fcntl.F_UNLCK else int(start)


def _lock(start: int, length: int) -> bytes:
    return struct.pack(_LOCK, fcntl.F_WRLCK, os.SEEK_SET, start, length, 0)
