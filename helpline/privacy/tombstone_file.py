"""The tombstone file outside the database: one JSON object on each line, the first is a header.

Rows come first and the file follows, so no crash loses one: a row commits with its action and is
copied by the next round of a worker, on every machine that runs one. The file is synced to disk
before a row counts as copied.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from helpline.atomic_files import make_private_file, write_atomic
from helpline.db import db, transaction
from helpline.domain.errors import HelplineError
from helpline.privacy.encryption import tombstone_mark
from helpline.privacy.models import Tombstone, TombstoneKind
from helpline.privacy.tombstones import TombstoneRecord

_FORMAT = 1
_LATE_SECONDS = 600
"""How much later than a later row a row may commit and still be found."""
_EXTRA_TIME_IN_DATABASE = timedelta(days=7)
"""Rows outlive lines, or the worker would copy them again."""
_ONE_DAY = timedelta(days=1)


class OtherKeys(HelplineError):
    """The file was written with another HELPLINE_PHONE_INDEX_KEY, so its marks match nothing."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The contents of a file.

    Args:
        stones: oldest first.
        has_all: whether none was dropped for its age.
        unreadable: unreadable lines, such as one cut off by a crash.
    """

    stones: Sequence[TombstoneRecord]
    has_all: bool
    unreadable: int = 0


def read(file: Path) -> Contents:
    """Read a tombstone file.

    Raises:
        FileNotFoundError: there is none.
        OtherKeys: it belongs to another helpline.
    """
    stones, unreadable, has_all = [], 0, False
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines()):
        try:
            if number == 0:
                has_all = _read_header(line)
            elif line:
                stones.append(_parse_line(line))
        except ValueError:
            unreadable += 1
    return Contents(stones, has_all, unreadable)


def _to_line(stone: TombstoneRecord) -> str:
    values = {
        "ref": stone.ref,
        "at": stone.at.isoformat(),
        "kind": stone.kind,
        "mark": stone.mark,
        "status": stone.status,
        "until": stone.until and stone.until.isoformat(),
    }
    return json.dumps({name: value for name, value in values.items() if value is not None})


def _parse_line(line: str) -> TombstoneRecord:
    values = json.loads(line)
    try:
        until = values.get("until")
        return TombstoneRecord(
            values["ref"],
            datetime.fromisoformat(values["at"]),
            TombstoneKind(values["kind"]),
            values["mark"],
            values.get("status"),
            datetime.fromisoformat(until) if until else None,
        )
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError("no tombstone") from error


def _header(*, has_all: bool) -> str:
    return json.dumps({"tombstones": _FORMAT, "key": tombstone_mark("key", ""), "has_all": has_all})


def _read_header(line: str) -> bool:
    header = json.loads(line)
    if not isinstance(header, dict) or header.get("tombstones") != _FORMAT:
        raise ValueError("no file of tombstones")
    if header.get("key") != tombstone_mark("key", ""):
        raise OtherKeys
    return bool(header.get("has_all"))


class TombstoneCopy:
    """Copies tombstones from the database to a file; one in each process.

    Args:
        days: how long a line is kept: longer than any backup.
    """

    def __init__(self, file: Path, days: int) -> None:
        self._file = file
        self._kept_for = timedelta(days=days)
        self._known: set[str] = set()
        self._read: tuple[int, int] | None = None
        self._floor = 0
        self._seen: deque[tuple[float, int]] = deque()
        self._pruned_at: datetime | None = None

    def update(self, *, now: datetime) -> int:
        """Append missing tombstones, sync to disk, and return how many.

        Raises:
            OSError: the file cannot be written; they are appended next time.
            OtherKeys: the file belongs to another helpline.
        """
        if not self._file.exists():
            self._restart()
        rows = self._newer_rows(now)
        with self._locked():
            self._reload_if_changed()
            new = [stone for _id, stone in rows if stone.ref not in self._known]
            if new or not self._file.exists():
                self._append(new, first_id=rows[0][0] if rows else 1)
        self._record_seen(max((id_ for id_, _stone in rows), default=0))
        self._prune_daily(now)
        return len(new)

    def _newer_rows(self, now: datetime) -> list[tuple[int, TombstoneRecord]]:
        with db.engine.connect() as connection:
            newest = connection.scalar(sa.select(sa.func.max(Tombstone.id))) or 0
            if newest < self._floor:  # Another database stands in its place.
                self._restart()
            rows = connection.execute(
                sa.select(*(Tombstone.__table__.c))
                .where(Tombstone.id > self._floor, Tombstone.at > now - self._kept_for)
                .order_by(Tombstone.id)
            )
            return [(row.id, _tombstone_of(row)) for row in rows]

    def _restart(self) -> None:
        self._floor = 0
        self._seen.clear()

    def _record_seen(self, newest: int) -> None:
        """Rows are read again for a while, since a lower id may commit after a higher one."""
        moment = time.monotonic()
        if newest and (not self._seen or self._seen[-1][1] < newest):
            self._seen.append((moment, newest))
        while self._seen and self._seen[0][0] < moment - _LATE_SECONDS:
            self._floor = self._seen.popleft()[1]

    def _reload_if_changed(self) -> None:
        try:
            file_stat = os.stat(self._file)
        except FileNotFoundError:
            self._known, self._read = set(), None
            return
        if self._read != (file_stat.st_ino, file_stat.st_size):
            self._known = {stone.ref for stone in read(self._file).stones}
            self._read = (file_stat.st_ino, file_stat.st_size)

    def _append(self, new: Sequence[TombstoneRecord], *, first_id: int) -> None:
        is_new = not self._file.exists()
        make_private_file(self._file)
        lines = [_header(has_all=first_id <= 1)] if is_new else []
        lines += [_to_line(stone) for stone in new]
        with self._file.open("rb+") as opened:
            size = opened.seek(0, os.SEEK_END)
            if size:
                opened.seek(size - 1)
                if opened.read(1) != b"\n":  # A crash cut the last line off.
                    lines.insert(0, "")
                opened.seek(size)
            opened.write("".join(f"{line}\n" for line in lines).encode())
            opened.flush()
            os.fsync(opened.fileno())
            file_stat = os.fstat(opened.fileno())
        if is_new:
            _sync_folder(self._file.parent)
        self._known.update(stone.ref for stone in new)
        self._read = (file_stat.st_ino, file_stat.st_size)

    def _prune_daily(self, now: datetime) -> None:
        if self._pruned_at is not None and abs(now - self._pruned_at) < _ONE_DAY:
            return
        self._pruned_at = now
        with self._locked():
            contents = read(self._file)
            recent = [stone for stone in contents.stones if stone.at > now - self._kept_for]
            if len(recent) < len(contents.stones):
                lines = [_header(has_all=False), *(_to_line(stone) for stone in recent)]
                write_atomic(self._file, "".join(f"{line}\n" for line in lines), mode=0o600)
        with transaction() as session:
            old = now - self._kept_for - _EXTRA_TIME_IN_DATABASE
            session.execute(sa.delete(Tombstone).where(Tombstone.at <= old))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = self._file.with_name(f"{self._file.name}.lock")
        make_private_file(lock)
        with lock.open("rb") as opened:
            fcntl.flock(opened, fcntl.LOCK_EX)
            yield


def newest_ref() -> str | None:
    """Return the ref of the newest tombstone in the database."""
    with db.engine.connect() as connection:
        newest = sa.select(Tombstone.ref).order_by(Tombstone.id.desc()).limit(1)
        ref: str | None = connection.scalar(newest)
        return ref


def merge(files: Iterable[Contents]) -> Sequence[TombstoneRecord]:
    """Return the tombstones of several files without duplicates, oldest first."""
    by_ref = {stone.ref: stone for contents in files for stone in contents.stones}
    return sorted(by_ref.values(), key=lambda stone: stone.at)


def _tombstone_of(row: sa.Row[tuple[object, ...]]) -> TombstoneRecord:
    return TombstoneRecord(
        row.ref, row.at, TombstoneKind(row.kind), row.mark, row.status, row.until
    )


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
