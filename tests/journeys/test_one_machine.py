"""`python app.py run --demo`: everything on one machine, at a time of one's choosing."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest
import requests

from config import ROOT
from tests.journeys.live_services import PATIENCE_SECONDS, clean_environment, free_port, until
from tests.support import programs
from tests.web.page import Page

STOPS_WITHIN_SECONDS = 30


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes that are ended in any case, with all that they started."""
    running: list[subprocess.Popen[bytes]] = []
    yield running
    for process in running:
        if process.poll() is None:
            family = [psutil.Process(process.pid)]
            family += family[0].children(recursive=True)
            for each in family:
                each.kill()
            process.wait()


def run(*arguments: str, instance: Path, **more: str) -> tuple[int, str]:
    """Runs it to its end, which is expected to be soon; its exit code and what it printed."""
    environment = {**clean_environment(), "HELPLINE_INSTANCE_DIR": str(instance), **more}
    log = instance.with_suffix(".log")
    with log.open("wb") as output:
        process = programs.start(["app", "run", *arguments], env=environment, output=output)
        return process.wait(timeout=240), log.read_text()


def test_the_demo_starts_closes_at_six_by_its_own_clock_and_stops_cleanly(
    tmp_path: Path, started: list[subprocess.Popen[bytes]]
) -> None:
    port, phones_port, site_port = free_port(), free_port(), free_port()
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "app.py", "run", "--demo", "--at", "2026-11-23 17:59:50"]
            + ["--port", str(port), "--phones-port", str(phones_port)]
            + ["--site-port", str(site_port)],
            cwd=ROOT,
            env={**clean_environment(), "HELPLINE_INSTANCE_DIR": str(tmp_path / "instance")},
            stdout=output,
            stderr=output,
        )
    started.append(process)
    begun = time.monotonic()
    until(lambda: "Press Ctrl-C to stop" in log.read_text() or process.poll(), "started", 240)
    told = log.read_text()
    assert process.poll() is None, told
    address = f"http://127.0.0.1:{port}"
    assert f"{address}/login" in told
    assert f"http://127.0.0.1:{phones_port}/" in told
    for who in ("meera", "asha", "ravi"):
        assert re.search(rf"{who}@helpline\.example  \S{{10,}}", told)
    assert "2026-11-23 17:59" in told, told
    assert (
        "Simulated phones"
        in requests.get(f"http://127.0.0.1:{phones_port}/", timeout=PATIENCE_SECONDS).text
    )
    site = f"http://127.0.0.1:{site_port}"
    assert f"{site}/" in told
    article = requests.get(f"{site}/cocaine-and-mood", timeout=PATIENCE_SECONDS)
    assert f'src="{address}/embed.js"' in article.text
    seen_there = requests.get(
        f"{address}/api/v1/availability", headers={"Origin": site}, timeout=PATIENCE_SECONDS
    ).headers
    assert seen_there["Access-Control-Allow-Origin"] == site, "the demo lets it in"
    browser = requests.Session()  # It keeps its connection open, as browsers do.
    seen: list[str] = []
    while "You can call these numbers now" not in (seen or [""])[-1]:
        seen.append(Page(browser.get(f"{address}/", timeout=PATIENCE_SECONDS).text).text)
        assert time.monotonic() - begun < 240, "it closes at 18:00 of its own clock"
        time.sleep(0.5)
    assert "We open tomorrow, Tuesday 24 November, at 10:00 AM" in seen[-1]
    family = psutil.Process(process.pid).children(recursive=True)
    assert len(family) >= 6, "web (and its two), worker, phones, website"
    browser.get(f"{address}/", timeout=PATIENCE_SECONDS)
    process.send_signal(signal.SIGINT)
    process.wait(timeout=STOPS_WITHIN_SECONDS)
    assert process.returncode == 0, log.read_text()[-2000:]
    assert log.read_text().rstrip().endswith("Everything stopped.")
    assert [each for each in family if each.is_running()] == []
    assert "Traceback" not in log.read_text()
    secrets = tmp_path / "instance" / "helpline.env"
    assert oct(os.stat(secrets).st_mode)[-3:] == "600"


def test_a_time_of_ones_choosing_is_refused_where_a_carrier_account_is_configured(
    tmp_path: Path,
) -> None:
    account = {
        "HELPLINE_TWILIO_ACCOUNT_SID": "AC" + "7" * 32,
        "HELPLINE_TWILIO_AUTH_TOKEN": "t" * 32,
        "HELPLINE_CALLER_ID": "+911140000001",
        "HELPLINE_ENVIRONMENT": "development",
    }
    at = ("--at", "2026-11-23 17:58", "--port", str(free_port()))
    code, with_demo = run("--demo", *at, instance=tmp_path / "one", **account)
    assert code != 0
    assert "A carrier account is configured" in with_demo
    code, alone = run(*at, instance=tmp_path / "two", **account)
    assert code != 0
    assert "a simulated clock cannot be used" in alone
    for printed in (with_demo, alone):
        assert "Traceback" not in printed
        assert "t" * 32 not in printed


def test_a_time_that_is_none_is_said_so(tmp_path: Path) -> None:
    code, printed = run("--demo", "--at", "half past six", instance=tmp_path / "instance")
    assert code == 2
    assert 'expected a time such as "2026-11-23 17:58"' in printed
