"""A whole site for the fault runs: gunicorn, two workers, simulated phones, a database."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO

import requests

from bench.chaos_services import INDIA, Worker
from config import ROOT, Settings
from helpline import factory
from helpline.cli import commands
from helpline.db import db
from tests.cast import CARRIER_TOKEN, HELPLINE, Member
from tests.journeys.live_services import Phones, clean_environment, end, free_port, prepare, until
from tests.support.phone_line import Line
from tests.support.settings import environment_of, settings_for_tests
from tests.support.two_processes import Pair

STARTS_AT = "2026-11-23 11:00"
TIME_SCALE = 20
SHARED_COUNTS = "rate_limit_storage"
"""The setting that names a Redis."""
DISK_BYTES = 24 * 2**20
_PATIENCE_SECONDS = 90

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
class Site:
    """What runs, and what can be done to it."""

    settings: Settings
    phones: Phones
    web: Worker
    workers: list[Worker]
    network: Worker
    output: IO[bytes]
    pair: Pair | None = None
    line: Line | None = None
    clock_file: Path | None = None
    small_disk: bool = False
    log: Path = field(default_factory=Path)

    @property
    def url(self) -> str:
        """The URL for visitors."""
        return self.settings.public_url

    @property
    def places(self) -> list[Worker]:
        """Every slot of a process."""
        return [self.web, *self.workers, self.network]

    def web_processes(self) -> list[int]:
        """The processes of gunicorn that answer, by their ids."""
        assert self.web.process is not None
        master = self.web.process.pid
        found = Path(f"/proc/{master}/task/{master}/children").read_text()
        return [int(each) for each in found.split()]

    def kill_web_process(self) -> None:
        """SIGKILL to one of them; gunicorn starts another."""
        os.kill(self.web_processes()[0], signal.SIGKILL)

    def stop_network(self, stopped: bool) -> None:
        """Freezes the carrier, or lets it go on."""
        assert self.network.process is not None
        self.network.process.send_signal(signal.SIGSTOP if stopped else signal.SIGCONT)

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
        workers = [each.process.pid for each in self.workers if each.process]
        for process in (*self.web_processes(), *workers):
            resource.prlimit(process, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def is_ready(self) -> bool:
        """Database, migrations and worker, by what the site says itself."""
        return _answers(f"{self.url}/readyz")


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
def open_site(
    folder: Path,
    *,
    sqlite: bool = False,
    line: bool = False,
    jumping_clock: bool = False,
    silent_redis: bool = False,
) -> Iterator[Site]:
    """Everything up, and ended in any case, each process by its own id.

    Args:
        folder: an empty folder of its own.
        sqlite: the database is a file on a small disk; else PostgreSQL with a standby.
        line: the primary is reached through a line that can be slow or dead.
        jumping_clock: every process goes by a clock that can jump, where the machine has one.
        silent_redis: the Redis in which machines count together says nothing.
    """
    with ExitStack() as later:
        instance = folder / "instance"
        instance.mkdir()
        pair, carries, small = None, None, False
        if sqlite:
            small = _mounted(instance, later)
            address = ""
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
        settings = _settings(instance, address, **changes)
        _prepare(settings)
        environment = {
            **clean_environment(),
            **environment_of(settings),
            "PHONESIM_AUTH_TOKEN": CARRIER_TOKEN,
            "PROMETHEUS_MULTIPROC_DIR": str(folder / "metrics"),
        }
        (folder / "metrics").mkdir()
        clock_file = None
        library = _jumping_clock(folder) if jumping_clock else None
        if library:
            clock_file = folder / "clock"
            _write_clock(clock_file, 0)
            environment |= {"LD_PRELOAD": str(library), "JUMPING_CLOCK": str(clock_file)}
        log = folder / "processes.log"
        output = later.enter_context(log.open("ab"))
        places = [Worker(each, environment, output) for each in _programs(settings)]
        later.callback(lambda: end([each.process for each in places if each.process]))
        for each in places:
            each.start()
        web, first, second, network = places
        phones = Phones(settings.twilio_base_url)
        try:
            for url in (f"{settings.public_url}/readyz", f"{phones.url}/sim/phones"):
                until(partial(_answers, url), f"{url} answers", _PATIENCE_SECONDS)
            yield Site(
                settings=settings,
                phones=phones,
                web=web,
                workers=[first, second],
                network=network,
                output=output,
                pair=pair,
                line=carries,
                clock_file=clock_file,
                small_disk=small,
                log=log,
            )
        except BaseException:
            print(log.read_text()[-4000:], flush=True)
            raise


def _settings(instance: Path, address: str, **changes: str) -> Settings:
    now = datetime.fromisoformat(STARTS_AT).replace(tzinfo=INDIA)
    return settings_for_tests(
        instance,
        address,
        public_url=f"http://127.0.0.1:{free_port()}",
        twilio_base_url=f"http://127.0.0.1:{free_port()}",
        clock_offset_seconds=now.timestamp() - time.time(),
        trusted_proxies=1,  # So that every visitor has an address of their own.
        tick_seconds=0.5,
        carrier_timeout_seconds=3,
        silent_after_seconds=5,
        lost_after_seconds=10,
        longest_call_minutes=5,
        press_one_seconds=30,
        log_level="warning",
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


def _programs(settings: Settings) -> list[list[str]]:
    python = sys.executable
    web_port = settings.public_url.rpartition(":")[2]
    phones_port = settings.twilio_base_url.rpartition(":")[2]
    web = [python, "-m", "gunicorn", "--config", str(ROOT / "deploy" / "gunicorn.conf.py")]
    web += ["--bind", f"127.0.0.1:{web_port}", "--workers", "2", "--log-level", "warning"]
    web += ["--graceful-timeout", "5"]
    worker = [python, "-m", "flask", "--app", "app:create_app", "helpline", "worker"]
    phones = [python, "-m", "phonesim", "--port", phones_port, "--number", HELPLINE]
    phones += ["--account-sid", settings.twilio_account_sid, "--time-scale", str(TIME_SCALE)]
    phones += ["--clock-offset-seconds", str(settings.clock_offset_seconds)]
    return [[*web, "app:create_app()"], worker, worker, phones]


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


def _answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=5).ok
    except requests.RequestException:
        return False
