"""Many who write to one SQLite file at once take turns, in the order in which they came."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

import helpline.db
from config import ROOT
from helpline import write_queue

assert helpline.db, "it prepares connections to SQLite"

WRITERS, SECONDS = 16, 2.5
DIES = """
import os, sys
from pathlib import Path
from helpline import write_queue
with write_queue.wait_in_queue(Path(sys.argv[1])):
    print("in", flush=True)
    sys.stdin.readline()
    os._exit(1)
"""


def test_sixteen_steady_writers_have_equal_shares_and_none_waits_long(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shared.sqlite3'}"
    first = sa.create_engine(url)
    with first.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE written (words TEXT)")
    waits: list[list[float]] = [[] for _ in range(WRITERS)]
    until = time.monotonic() + SECONDS
    threads = [threading.Thread(target=_write_on, args=(url, until, each)) for each in waits]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    everyone = sorted(wait for each in waits for wait in each)
    with first.connect() as connection:
        written = connection.exec_driver_sql("SELECT count(*) FROM written").scalar_one()
    assert written == len(everyone), "nothing was lost"
    assert everyone[int(len(everyone) * 0.99)] < 2
    assert min(map(len, waits)) > len(everyone) / WRITERS / 2, "nobody is passed again and again"


def _write_on(url: str, until: float, waits: list[float]) -> None:
    engine = sa.create_engine(url)
    while time.monotonic() < until:
        began = time.monotonic()
        _write_once(engine, "hex(randomblob(300))")
        waits.append(time.monotonic() - began)
    engine.dispose()


def _write_once(engine: sa.Engine, words: str = "'kept'") -> None:
    file = write_queue.queue_file(engine.url.database)
    assert file is not None
    with (
        write_queue.wait_in_queue(file),
        engine.connect().execution_options(writes=True) as connection,
        connection.begin(),
    ):
        connection.exec_driver_sql(f"INSERT INTO written VALUES ({words})")


def test_turns_come_in_the_order_of_arrival(tmp_path: Path) -> None:
    file = tmp_path / "queue"
    went: list[int] = []

    def queue_up(number: int) -> None:
        with write_queue.wait_in_queue(file) as is_mine:
            assert is_mine
            went.append(number)

    with write_queue.wait_in_queue(file):
        threads = []
        for number in range(8):
            threads.append(threading.Thread(target=queue_up, args=(number,)))
            threads[-1].start()
            _until(lambda wanted=number + 2: _ticket(file) == wanted)
        assert went == []
    for each in threads:
        each.join()
    assert went == list(range(8))


def test_a_writer_that_dies_gives_up_its_turn(tmp_path: Path) -> None:
    file = tmp_path / "queue"
    dies = subprocess.Popen(
        [sys.executable, "-c", DIES, str(file)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert dies.stdin is not None
    assert dies.stdout is not None
    assert dies.stdout.readline() == "in\n"
    with write_queue.wait_in_queue(file, timeout_seconds=0.05) as is_mine:
        assert not is_mine, "and whoever waited long enough goes on without a turn"
    with suppress(BrokenPipeError):
        dies.stdin.write("\n")
        dies.stdin.close()
    with write_queue.wait_in_queue(file) as is_mine:
        assert is_mine
    assert dies.wait() == 1


def test_a_queue_that_cannot_be_opened_stops_no_writer(tmp_path: Path) -> None:
    database = tmp_path / "shared.sqlite3"
    engine = sa.create_engine(f"sqlite:///{database}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE written (words TEXT)")
    Path(f"{database}-queue").mkdir()  # As if it belonged to another user.
    _write_once(engine)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT words FROM written").scalar_one() == "kept"
    engine.dispose()


def test_a_file_that_another_process_writes_in_its_old_mode_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a restore: several processes connect at once, and each switches it to WAL."""
    database = tmp_path / "restored.sqlite3"
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("CREATE TABLE written (words TEXT)")
        other.execute("BEGIN IMMEDIATE")
        waits: list[float] = []

        def end_it(seconds: float) -> None:
            waits.append(seconds)
            other.rollback()

        monkeypatch.setattr("helpline.db.time.sleep", end_it)
        engine = sa.create_engine(f"sqlite:///{database}")
        with engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        engine.dispose()
    assert len(waits) == 1


@contextmanager
def _folder_gone(folder: Path) -> Iterator[None]:
    folder.rename(folder.with_name("elsewhere"))
    yield


@contextmanager
def _folder_is_a_file(folder: Path) -> Iterator[None]:
    folder.rename(folder.with_name("elsewhere"))
    folder.touch()
    yield


@contextmanager
def _belongs_to_another(folder: Path, mode: int) -> Iterator[None]:
    """The files of root, in the eyes of another user."""
    if os.geteuid() != 0:
        pytest.skip("only root can be another user for a while")
    for parent in folder.parents:
        if parent.name.startswith(("pytest-", "test_")):
            parent.chmod(0o755)
    folder.chmod(mode)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize(
    "fails",
    [
        _folder_gone,
        _folder_is_a_file,
        partial(_belongs_to_another, mode=0o755),
        partial(_belongs_to_another, mode=0o700),
    ],
    ids=["gone", "a file", "read-only", "no permission"],
)
def test_a_folder_that_cannot_be_written_is_a_database_that_is_down(
    tmp_path: Path, fails: Callable[[Path], AbstractContextManager[None]]
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    engine = sa.create_engine(f"sqlite:///{folder / 'shared.sqlite3'}", poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE written (words TEXT)")
    with fails(folder), pytest.raises(OperationalError):
        _write_once(engine)


@pytest.mark.parametrize("database", [None, "", ":memory:"])
def test_what_is_no_file_has_no_queue(database: str | None) -> None:
    assert write_queue.queue_file(database) is None


def _ticket(file: Path) -> int:
    handle = os.open(file, os.O_RDONLY)
    try:
        return int.from_bytes(os.pread(handle, 8, 0), "little")
    finally:
        os.close(handle)


def _until(holds, seconds: float = 60) -> None:  # type: ignore[no-untyped-def]
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.002)
