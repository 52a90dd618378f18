"""A fair queue of all writers of one SQLite file, across the processes of a machine.

SQLite has no queue: a writer that finds the file locked sleeps and retries, so under steady load
some wait for many seconds while others pass them. Here each writer takes a ticket and writes when
every earlier ticket is gone. See docs/decisions/0022-sqlite-writers-queue.
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

TIMEOUT_SECONDS = 12.0
"""How long a writer waits in the queue before it tries SQLite without it."""

_NUMBER = struct.Struct("<Q")
_FLOCK_STRUCT = "hhqqi0q"
"""``struct flock``: type, whence, start, length, process."""
_POLL_SECONDS, _MAX_POLL_SECONDS = 0.0005, 0.02
_HAS_FILE_LOCKS = hasattr(fcntl, "F_OFD_SETLK")
"""Linux has locks that belong to an open file instead of a process, as threads need them."""


def queue_file(database: str | None) -> Path | None:
    """Return the queue file of a SQLite file; None without a file or without such locks."""
    if not database or database == ":memory:" or not _HAS_FILE_LOCKS:
        return None
    return Path(f"{database}-queue")


@contextmanager
def wait_in_queue(file: Path, *, timeout_seconds: float = TIMEOUT_SECONDS) -> Iterator[bool]:
    """Wait for all earlier writers, and block later ones inside the block.

    A ticket is a lock on one byte of the file, so that a process that dies releases its tickets.

    Yields:
        Whether this writer is first; False after too long in the queue, and without a queue, such
        as in a missing or read-only folder. The writer then tries SQLite, which knows whether the
        database can be written.
    """
    with ExitStack() as opened:
        try:
            handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            opened.callback(os.close, handle)
            is_mine = _wait(handle, _take_ticket(handle), time.monotonic() + timeout_seconds)
        except OSError as error:
            log.warning("SQLite write queue is unavailable", file=str(file), reason=error.strerror)
            is_mine = False
        yield is_mine


def _take_ticket(handle: int) -> int:
    """Return the next ticket, locked before anyone can have a later one."""
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
    while (before := _earlier_ticket(handle, ticket)) is not None:
        if time.monotonic() >= until:
            return False
        time.sleep(min(_POLL_SECONDS * (ticket - before), _MAX_POLL_SECONDS))
    return True


def _earlier_ticket(handle: int, ticket: int) -> int | None:
    answer = fcntl.fcntl(handle, fcntl.F_OFD_GETLK, _lock(0, ticket))
    kind, _whence, start, _length, _process = struct.unpack(_FLOCK_STRUCT, answer)
    return None if kind == fcntl.F_UNLCK else int(start)


def _lock(start: int, length: int) -> bytes:
    return struct.pack(_FLOCK_STRUCT, fcntl.F_WRLCK, os.SEEK_SET, start, length, 0)
