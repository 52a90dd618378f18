"""A PostgreSQL with a streaming standby, as a deployment that must not stop has it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path

import psycopg

from tests.support.database import another_user, quick_folder, reachable_programs

PATIENCE_SECONDS = 120


class Pair:
    """A primary and its standby, each a server of its own on a port of this machine.

    Synchronous: what the primary says is committed is on the standby too.
    """

    def __init__(self, *, synchronous: bool = True) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="helpline-pair-", dir=quick_folder()))
        self._as_user = another_user(self._home)
        self._programs = reachable_programs(self._home, self._as_user)
        self._ports = (_free_port(), _free_port())
        self._servers: dict[str, subprocess.Popen[bytes]] = {}
        self._run("initdb", "-D", self._folder("primary"), "-U", "postgres", "-A", "trust", "-N")
        self._start("primary", self._ports[0])
        copying = ("-h", "127.0.0.1", "-p", str(self._ports[0]), "-U", "postgres", "-R", "-X")
        self._run("pg_basebackup", *copying, "stream", "-c", "fast", "-D", self._folder("standby"))
        with open(self._folder("standby") / "postgresql.auto.conf", "a") as settings:
            settings.write("primary_conninfo = '")
            settings.write(f"host=127.0.0.1 port={self._ports[0]} user=postgres ")
            settings.write("application_name=standby'\n")
        self._start("standby", self._ports[1])
        if synchronous:
            self.do("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
            self.do("SELECT pg_reload_conf()")

    @property
    def primary_port(self) -> int:
        """Where the primary listens."""
        return self._ports[0]

    def url(self, database: str = "postgres", *, primary_port: int | None = None) -> str:
        """Both hosts, and the wish for the one that takes writes, as an operator writes it.

        Args:
            database: its name.
            primary_port: through which the primary is reached, where that is not its own.
        """
        ports = (primary_port or self._ports[0], self._ports[1])
        hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
        wish = "target_session_attrs=read-write&connect_timeout=5"
        return f"postgresql://postgres@{hosts}/{database}?{wish}"

    def do(self, command: str) -> None:
        """One command, at the primary."""
        with psycopg.connect(
            host="127.0.0.1", port=self._ports[0], user="postgres", autocommit=True
        ) as connection:
            connection.execute(command.encode())

    def kill_primary(self) -> None:
        """SIGKILL to the primary and to every process it had begun."""
        os.killpg(self._servers["primary"].pid, signal.SIGKILL)
        self._servers.pop("primary").wait()

    def restart_primary(self) -> None:
        """The primary ends at once, in order, and starts again on the same port."""
        primary = self._servers.pop("primary")
        primary.send_signal(signal.SIGINT)
        primary.wait(timeout=PATIENCE_SECONDS)
        self._start("primary", self._ports[0])

    def promote(self) -> None:
        """The standby becomes the primary."""
        self._run("pg_ctl", "promote", "-w", "-D", self._folder("standby"))

    def stop(self) -> None:
        """Ends what runs, and nothing is left of it."""
        for server in self._servers.values():
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
        shutil.rmtree(self._home, ignore_errors=True)

    def _folder(self, name: str) -> Path:
        return self._home / name

    def _start(self, name: str, port: int) -> None:
        options = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": "",
            "fsync": "off",
            "shared_buffers": "64MB",
            # In its own folder: what is killed leaves nothing behind elsewhere.
            "dynamic_shared_memory_type": "mmap",
            "wal_level": "replica",
            "max_wal_senders": "4",
            "hot_standby": "on",
        }
        command = [str(self._programs / "postgres"), "-D", str(self._folder(name))]
        for key, value in options.items():
            command += ["-c", f"{key}={value}"]
        with open(self._home / f"{name}.log", "wb") as log:
            self._servers[name] = subprocess.Popen(
                command,
                cwd=self._home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._as_user,
            )
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                psycopg.connect(host="127.0.0.1", port=port, user="postgres").close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > until or self._servers[name].poll() is not None:
                    log_text = (self._home / f"{name}.log").read_text()
                    raise RuntimeError(f"{name} did not start:\n{log_text}") from None
                time.sleep(0.05)

    def _run(self, program: str, *options: object) -> None:
        done = subprocess.run(
            [str(self._programs / program), *map(str, options)],
            cwd=self._home,
            capture_output=True,
            text=True,
            check=False,
            **self._as_user,
        )
        if done.returncode:
            raise RuntimeError(f"{program}:\n{done.stdout}{done.stderr}")


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
