"""The commands of docs/running.md work in their order, in a bare folder, for an unprivileged user.

As root the test drops every privilege but reading: nothing outside the folder can be written to.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import ROOT
from tests.journeys.live_services import free_port

PAGE = (ROOT / "docs" / "running.md").read_text()
PASSWORD = "corridor teapot violin"
NOBODY = 65534
SKIPPED = {
    "useradd ": "it needs root",
    "install -d ": "it needs root; the test makes the folders",
    "cd /opt/helpline": "every command of the test runs there",
    "python3 -m venv ": "it takes long; the environment of the tests is there",
    ".venv/bin/pip install ": "it needs the network",
    "docker ": "it needs a container engine",
    "DATABASE_URL=": "it needs two PostgreSQL servers; it is a setting, not a command",
}
"""The beginning of each command that cannot be run here, and why."""
SERVERS = ("gunicorn ", "flask helpline worker")
STOPPED_FOR = "flask helpline restore"
PREPARES = ("export ", ". ")
TYPED = {
    "flask helpline add-staff": [PASSWORD, PASSWORD],
    "flask helpline previous-databases --delete": ["y"],
}
SECONDS = 120


def commands() -> list[str]:
    """The commands of the page, in order, without comments."""
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    plain = (re.sub(r"\s+# .*$", "", line).strip() for line in lines)
    return [line for line in plain if line and not line.startswith("#")]


def skipped_because(command: str) -> str | None:
    return next((why for start, why in SKIPPED.items() if command.startswith(start)), None)


def unprivileged() -> list[str]:
    """What starts a program as a user without privileges but reading; nothing where not root.

    The interpreter of the tests may be where only root can read.
    """
    user = [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    reading = ["--inh-caps=-all,+dac_read_search", "--ambient-caps=+dac_read_search"]
    switch = ["setpriv", *user, *reading]
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        return []
    return switch if subprocess.run([*switch, "true"], check=False).returncode == 0 else []


class Machine:
    """A folder with the code, and a user who owns only what is in it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.code = folder, folder / "opt"
        self.port = free_port()
        self.preparation: list[str] = []
        self.servers: list[subprocess.Popen[str]] = []
        for name in ("lib", "cache", "backup", "home"):
            (folder / name).mkdir(mode=0o700)
        self._copy_code()
        self.as_user = unprivileged()
        if self.as_user:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, NOBODY, NOBODY, follow_symlinks=False)

    def run(self, command: str, typed: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self._as_user(command),
            cwd=self.code,
            env=self._environment(),
            input="".join(f"{line}\n" for line in typed),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
            start_new_session=True,  # No terminal: passwords are read from the input.
        )

    def start(self, command: str) -> None:
        log = (self.folder / "home" / "log").open("a")
        server = subprocess.Popen(
            self._as_user(command),
            cwd=self.code,
            env=self._environment(),
            stdout=log,
            stderr=log,
            text=True,
            start_new_session=True,
        )
        self.servers.append(server)
        if command.startswith("gunicorn"):
            self.wait_for("/healthz")

    def stop(self) -> None:
        for server in self.servers:
            os.killpg(server.pid, signal.SIGTERM)
        for server in self.servers:
            server.wait(SECONDS)
        self.servers.clear()

    def answers(self) -> list[str]:
        """What is typed to ``init``, in its order."""
        return [
            *("Kiran Helpline", "IN", "Asia/Kolkata", "14416", f"http://127.0.0.1:{self.port}"),
            *("0", "none", "Meera", "meera@kiran.in", PASSWORD, PASSWORD),
        ]

    def _copy_code(self) -> None:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        for name in filter(None, listed.stdout.split("\0")):
            if name.startswith(("tests/", "findings/", "bench/")) or not (ROOT / name).is_file():
                continue
            (self.code / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.code / name)
        (self.code / ".venv").symlink_to(sys.prefix)

    def _as_user(self, command: str) -> list[str]:
        text = command.replace("/backup", str(self.folder / "backup"))
        return [*self.as_user, "bash", "-ec", "\n".join([*self.preparation, f"exec {text}"])]

    def prepare(self, command: str) -> None:
        text = command.replace("/var/lib/helpline", str(self.folder / "lib"))
        self.preparation.append(text.replace("/var/cache/helpline", str(self.folder / "cache")))

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder / "home"),
            "LANG": "C.UTF-8",
            "GUNICORN_CMD_ARGS": f"--bind 127.0.0.1:{self.port} --workers 1",
            "HELPLINE_SAFE_EXIT_URL": "https://localhost:9/",  # no network, not even for the clock
        }

    def wait_for(self, path: str) -> None:
        """Wait until a page answers well."""
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10):
                    return
            except OSError:
                time.sleep(0.2)
        raise AssertionError((self.folder / "home" / "log").read_text())


@pytest.fixture
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    folder = Path("/tmp") if os.geteuid() == 0 else tmp_path_factory.getbasetemp()
    folder = folder / f"helpline-{socket.gethostname()}-{os.getpid()}"
    folder.mkdir(mode=0o700)
    place = Machine(folder)
    try:
        yield place
    finally:
        place.stop()
        shutil.rmtree(folder)


def test_every_command_is_run_or_skipped_for_a_reason() -> None:
    for start in SKIPPED:
        assert any(command.startswith(start) for command in commands()), f"{start}: not on the page"
    run = [command for command in commands() if not skipped_because(command)]
    assert len(run) >= 9


def test_the_commands_of_the_page_work_in_their_order(machine: Machine) -> None:
    typed = TYPED | {"python app.py init": machine.answers()}
    outputs: dict[str, str] = {}
    for command in commands():
        if skipped_because(command):
            continue
        if command.startswith(PREPARES):
            machine.prepare(command)
            continue
        if command.startswith(SERVERS):
            machine.start(command)
            continue
        if command.startswith(STOPPED_FOR):
            machine.stop()
        if command.endswith("doctor"):
            machine.wait_for("/readyz")  # Not before the worker runs.
        text = next((lines for start, lines in typed.items() if command.startswith(start)), [])
        done = machine.run(command, text)
        assert done.returncode == 0, f"$ {command}\n{done.stdout}{done.stderr}"
        outputs[command] = done.stdout + done.stderr
    assert f"[3/4] Database sqlite:///{machine.folder}/lib" in outputs["python app.py init"]
    doctor = outputs["flask helpline doctor"]
    assert "It uses these settings and this database." in doctor
    assert "FAIL" not in doctor and "warn" not in doctor
    assert (machine.folder / "cache" / "crisis.html").exists()
