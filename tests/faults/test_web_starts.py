"""Whatever is away when a machine starts, its crisis page comes up."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from config import ROOT
from tests.journeys.live_services import clean_environment, end, free_port, until
from tests.support import programs
from tests.support.programs import Program
from tests.support.settings import environment_of, settings_for_tests

NOBODY = "postgresql://nobody@127.0.0.1:9/none"
SECONDS = 240.0


@contextmanager
def started(
    program: list[str], environment: Mapping[str, str], log: Path
) -> Iterator[Program | subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        env = {**clean_environment(), **environment, "PATH": os.environ["PATH"]}
        process: Program | subprocess.Popen[bytes]
        if program[0] == "app":  # It forks, which a program that is a fork itself may not.
            command = [sys.executable, "-m", *program]
            process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=output, stderr=output)
        else:
            process = programs.start(program, env=env, output=output)
    try:
        yield process
    except BaseException:
        print(log.read_text()[-6000:])
        raise
    finally:
        end([process], grace_seconds=30)


def status(url: str) -> int:
    try:
        return requests.get(url, timeout=10).status_code
    except requests.RequestException:
        return 0


@pytest.mark.parametrize("away", ["database", "folder", "counts"])
def test_the_crisis_page_comes_up_without(away: str, tmp_path: Path) -> None:
    port = free_port()
    file = tmp_path / "a-file"
    file.touch()
    settings = settings_for_tests(
        tmp_path / "instance",
        NOBODY if away == "database" else f"sqlite:///{tmp_path / 'helpline.sqlite3'}",
        public_url=f"http://127.0.0.1:{port}",
    )
    environment = environment_of(settings)
    if away == "folder":
        environment["HELPLINE_INSTANCE_DIR"] = str(file / "instance")
    if away == "counts":
        environment["PROMETHEUS_MULTIPROC_DIR"] = str(file / "counts")
    web = ["gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
    web += ["--worker-class", "gthread", "--threads", "4"]

    with started([*web, "app:create_app()"], environment, tmp_path / "log"):
        until(lambda: status(f"{settings.public_url}/healthz"), "the web is up", SECONDS)
        page = requests.get(f"{settings.public_url}/crisis", timeout=60)
        first = requests.get(settings.public_url, timeout=60)

    assert page.status_code == 200
    assert 'href="tel:112"' in page.text
    # A database that was never set up, and one that is away, are told alike: with the numbers.
    assert first.status_code in (500, 503)
    assert 'href="tel:112"' in first.text


def test_one_machine_shows_the_crisis_page_and_follows_once_the_database_is_there(
    tmp_path: Path,
) -> None:
    port = free_port()
    folder = tmp_path / "not-mounted-yet"
    settings = settings_for_tests(
        tmp_path / "instance",
        f"sqlite:///{folder / 'helpline.sqlite3'}",
        public_url=f"http://127.0.0.1:{port}",
        twilio_account_sid="",
    )
    command = ["app", "run", "--port", str(port)]

    with started(command, environment_of(settings), tmp_path / "log") as process:
        crisis = f"{settings.public_url}/crisis"
        until(lambda: process.poll() is not None or status(crisis) == 200, "it is up", SECONDS)
        assert status(f"{settings.public_url}/readyz") == 503
        folder.mkdir()
        ready = f"{settings.public_url}/readyz"
        until(
            lambda: process.poll() is not None or status(ready) == 200, "all of it is up", SECONDS
        )
        assert process.poll() is None


def test_no_unit_of_the_web_waits_for_the_database() -> None:
    unit = (ROOT / "deploy" / "helpline-web.service").read_text()
    told = dict(re.findall(r"^(\w+)=(.*)$", unit, re.MULTILINE))
    assert "ExecStartPre" not in told
    assert not {"Requires", "Requisite", "BindsTo"} & set(told)
    assert told["After"] == "network.target"
    assert told["Wants"] == "helpline-migrate.service"
    assert told["StartLimitIntervalSec"] == "0", "it is started again for ever"

    migrate = (ROOT / "deploy" / "helpline-migrate.service").read_text()
    assert "helpline set-up --wait\n" in migrate
    assert "Type=oneshot\n" in migrate
    assert "Restart=on-failure\n" in migrate
