"""A site for the fault runs: things can be done to its processes, database, disk and clock."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.scenarios.site import SHORT_WAITS, Site, clock_offset, open_site, scenario_settings
from bench.services import answers
from config import Settings
from helpline import factory
from helpline.cli import commands
from helpline.db import db
from tests.cast import Member
from tests.journeys.live_services import prepare
from tests.support.phone_line import Line
from tests.support.two_processes import Pair

STARTS_AT = "2026-11-23 11:00"
SHARED_COUNTS = "rate_limit_storage"
"""The setting that names a Redis."""
DISK_BYTES = 24 * 2**20

ADVISORS = tuple(
    Member(
        name=f"Advisor {number}",
        email=f"advisor{number}@helpline.example",
        password=f"a long password of number {number}",
        roles=("advisor",),
        languages=("en", "hi"),
        phone=f"+9198123{number:05}",
    )
    for number in range(11, 15)
)


@dataclass
class BreakableSite(Site):
    """What runs, and what can be done to it."""

    pair: Pair | None = None
    line: Line | None = None
    clock_file: Path | None = None
    small_disk: bool = False

    @property
    def servers(self) -> Pair:
        """The primary and its standby."""
        assert self.pair is not None
        return self.pair

    @property
    def wire(self) -> Line:
        """The line to the primary."""
        assert self.line is not None
        return self.line

    def delay_database(self, seconds: float) -> None:
        """Let every message to and from the database take so long."""
        self.wire.delay_seconds = seconds

    def web_processes(self) -> list[int]:
        """The processes of gunicorn that answer, by their ids."""
        return [child.pid for child in psutil.Process(self.web.pid).children()]

    def kill_web_process(self) -> None:
        """SIGKILL to one of them; gunicorn starts another."""
        os.kill(self.web_processes()[0], signal.SIGKILL)

    def set_clock(self, ahead_seconds: int) -> None:
        """Shift the clock: of every process where the machine can do that, otherwise of the
        workers, which are restarted with another setting.
        """
        if self.clock_file is not None:
            _write_clock(self.clock_file, ahead_seconds)
            return
        offset = self.settings.clock_offset_seconds + ahead_seconds
        for worker in self.workers:
            worker.environment = {
                **worker.environment,
                "HELPLINE_CLOCK_OFFSET_SECONDS": str(offset),
            }
            worker.kill()
            worker.start()

    def fill_disk(self) -> None:
        """Not a byte more fits where the database is."""
        if self.small_disk:
            with self._filler.open("wb", buffering=0) as file:
                for piece in (2**16, 512, 1):
                    try:
                        while True:
                            file.write(b"x" * piece)
                    except OSError:
                        continue
        else:
            biggest = max(each.stat().st_size for each in self.settings.instance_dir.glob("*"))
            self._limit_files(biggest)

    def free_disk(self) -> None:
        """There is room again."""
        if self.small_disk:
            self._filler.unlink()
        else:
            self._limit_files(resource.RLIM_INFINITY)

    @property
    def _filler(self) -> Path:
        return self.settings.instance_dir / "filler"

    def _limit_files(self, size: int) -> None:
        workers = [each.pid for each in self.workers]
        for process in (*self.web_processes(), *workers):
            resource.prlimit(process, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def is_ready(self) -> bool:
        """Database, migrations and worker, by what the site says itself."""
        return answers(f"{self.url}/readyz")


def _jumping_clock(folder: Path) -> Path | None:
    """The library that lets the clock of a process jump, made here; None where that cannot be."""
    compiler, library = shutil.which("cc"), folder / "jumping_clock.so"
    if compiler is None or not sys.platform.startswith("linux"):
        return None
    source = Path(__file__).with_name("jumping_clock.c")
    options = ("-O2", "-shared", "-fPIC", "-o", str(library), str(source))
    done = subprocess.run([compiler, *options], capture_output=True, check=False)
    return None if done.returncode else library


def _write_clock(file: Path, ahead_seconds: int) -> None:
    """In place: the processes look at these eight bytes all the time."""
    with file.open("r+b" if file.exists() else "wb", buffering=0) as clock_file:
        clock_file.write(struct.pack("q", ahead_seconds))


@contextmanager
def open_breakable_site(
    folder: Path,
    *,
    sqlite: bool = False,
    line: bool = False,
    jumping_clock: bool = False,
    silent_redis: bool = False,
) -> Iterator[BreakableSite]:
    """Everything up, and ended in any case.

    Args:
        folder: an empty folder of its own.
        sqlite: the database is a file on a small disk; else PostgreSQL with a standby.
        line: the primary is reached through a line that can be slow or dead.
        jumping_clock: every process goes by a clock that can jump, where the machine has one.
        silent_redis: the Redis in which machines count together says nothing.
    """
    with ExitStack() as later:
        (folder / "instance").mkdir()
        (folder / "metrics").mkdir()
        pair, carries, small, address = None, None, False, ""
        if sqlite:
            small = _mounted(folder / "instance", later)
        else:
            pair = Pair()
            later.callback(pair.stop)
            if line:
                carries = Line(pair.primary_port)
                later.callback(carries.close)
            address = pair.url(primary_port=carries.port if carries else None)
        changes = {}
        if silent_redis:
            nobody = later.enter_context(socket.create_server(("127.0.0.1", 0)))
            changes[SHARED_COUNTS] = f"redis://127.0.0.1:{nobody.getsockname()[1]}/0"
        settings = _settings(folder, address, **changes)
        _prepare(settings)
        variables = {"PROMETHEUS_MULTIPROC_DIR": str(folder / "metrics")}
        clock_file = None
        library = _jumping_clock(folder) if jumping_clock else None
        if library:
            clock_file = folder / "clock"
            _write_clock(clock_file, 0)
            variables |= {"LD_PRELOAD": str(library), "JUMPING_CLOCK": str(clock_file)}
        site = later.enter_context(open_site(folder, settings, variables=variables))
        yield BreakableSite(
            **vars(site), pair=pair, line=carries, clock_file=clock_file, small_disk=small
        )


def _settings(folder: Path, address: str, **changes: str) -> Settings:
    return scenario_settings(
        folder,
        address,
        clock_offset_seconds=clock_offset(STARTS_AT),
        trusted_proxies=1,  # So that every visitor has an address of their own.
        tick_seconds=0.5,
        log_level="warning",
        **SHORT_WAITS,
        **changes,
    )


def _prepare(settings: Settings) -> None:
    prepare(settings)
    with factory.create_app(settings).app_context():
        for each in ADVISORS:
            commands.add_staff(
                each.name, each.email, each.roles, each.phone, each.languages, each.password
            )
        db.session.remove()
        db.engine.dispose()


def _mounted(folder: Path, later: ExitStack) -> bool:
    """A small disk of its own in this folder, where this program may mount one."""
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if not mount or not umount:
        return False
    size = f"size={DISK_BYTES}"
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", size, "tmpfs", str(folder)], capture_output=True, check=False
    )
    if done.returncode:
        return False
    later.callback(lambda: subprocess.run([umount, "-l", str(folder)], check=False))
    return True
