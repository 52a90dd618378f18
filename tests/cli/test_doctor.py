"""flask helpline doctor: are these the settings of the service, and is all that it needs right?"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from werkzeug.wrappers import Request, Response

from config import Settings
from helpline import clock
from helpline.cli import doctor, machine_checks
from helpline.cli.commands import group
from helpline.factory import create_app
from helpline.messaging import service as messages
from helpline.preflight.checks import Level
from helpline.web import instance_report
from tests import factories
from tests.cast import MEERA
from tests.dispatch.test_preflight import served
from tests.journeys.live_services import free_port
from tests.support.web import Client

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])
NOWHERE = "https://localhost:9/"
STRANGER = "192.0.2.1"


@pytest.fixture
def settings(request: pytest.FixtureRequest, make_settings: Callable[..., Settings]) -> Settings:
    """Settings without a carrier, and a public address at which the service can be served."""
    changes: dict[str, Any] = {
        "twilio_account_sid": "",
        "caller_id": "",
        "safe_exit_url": NOWHERE,
        "public_url": f"http://127.0.0.1:{free_port()}",
    }
    for mark in reversed(list(request.node.iter_markers("settings"))):
        changes.update(mark.kwargs)
    return make_settings(**changes)


@pytest.fixture
def healthy(app: Flask) -> Iterator[Flask]:
    """A worker has been heard of, and an admin can sign in."""
    messages.record_heartbeat("worker-1", now=clock.now())
    factories.staff(MEERA)
    yield app


def port(settings: Settings) -> int:
    return int(settings.public_url.rpartition(":")[2])


def run(app: Flask) -> Result:
    return app.test_cli_runner().invoke(group, ["doctor"], prog_name="helpline")


def behind(app: Any, *proxies: Callable[[dict[str, Any]], None]) -> Any:
    """The application behind proxies, the outermost first."""

    def handle(environ: dict[str, Any], start: Any) -> Any:
        for proxy in proxies:
            proxy(environ)
        return app(environ, start)

    return handle


def adds(environ: dict[str, Any]) -> None:
    """What `proxy_add_x_forwarded_for` does."""
    values = [environ.get("HTTP_X_FORWARDED_FOR", ""), environ["REMOTE_ADDR"]]
    environ["HTTP_X_FORWARDED_FOR"] = ", ".join(filter(None, values))


def sets(environ: dict[str, Any]) -> None:
    """What `$remote_addr` does."""
    environ["HTTP_X_FORWARDED_FOR"] = environ["REMOTE_ADDR"]


def test_what_is_right_is_said_and_it_ends_with_0(healthy: Flask, settings: Settings) -> None:
    with served(healthy, port(settings)):
        done = run(healthy)
    assert done.exit_code == 0, done.output
    for words in (
        f"Database: {settings.shown_database} is up to date.",
        "Web process: It uses these settings and this database.",
        "Proxies: Trusted proxies: 0",
        "Keys: The database matches",
        "Worker: The worker is running.",
        "?     Clock: It could not be compared",
    ):
        assert words in done.output
    assert "warn" not in done.output


def test_without_a_web_process_it_says_what_to_do(healthy: Flask, settings: Settings) -> None:
    done = run(healthy)
    assert done.exit_code == 1
    assert f"FAIL  Public address: Nothing answers at {settings.public_url}." in done.output
    assert "Check that the web process is running" in done.output


def test_a_web_process_with_another_database_is_named(
    healthy: Flask, settings: Settings, make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    other = create_app(
        settings.model_copy(
            update={"database_url": f"sqlite:///{tmp_path}/other.sqlite3", "instance_dir": tmp_path}
        )
    )
    with served(other, port(settings)):
        done = run(healthy)
    assert done.exit_code == 1
    assert f"Its database is sqlite:///{tmp_path}/other.sqlite3" in done.output
    assert f"Its settings file is {tmp_path}/helpline.env" in done.output


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (404, "another HELPLINE_SECRET_KEY"),
        (400, "refuses requests to"),
        (502, "Check that the web process is running"),
    ],
)
def test_what_another_service_or_a_proxy_answers_is_told_apart(
    healthy: Flask, settings: Settings, status: int, words: str
) -> None:
    @Request.application
    def other(_request: Request) -> Response:
        return Response("something", status=status)

    with served(other, port(settings)):
        done = run(healthy)
    assert done.exit_code == 1
    assert words in done.output


@pytest.mark.parametrize(
    ("trusted", "proxies", "right"),
    [
        (0, [], True),
        (0, [adds], False),
        (1, [], False),
        (1, [sets], True),
        (1, [adds], True),
        (1, [sets, adds], False),
        (2, [sets, adds], True),
        (2, [adds, adds], True),
        (2, [sets, sets], False),
        (3, [adds, adds, adds], True),
    ],
)
def test_the_number_of_proxies_is_compared_with_the_real_one(
    make_settings: Callable[..., Settings],
    trusted: int,
    proxies: list[Callable[[dict[str, Any]], None]],
    right: bool,
) -> None:
    settings = make_settings(public_url="http://localhost", trusted_proxies=trusted)
    app = create_app(settings)
    with app.app_context():
        answer = behind_client(app, proxies)
        report = instance_report.read_answer(answer)
        assert report is not None
        findings = list(doctor._proxies(settings, report))
    assert [finding.level == Level.RIGHT for finding in findings] == [right]
    if right and trusted:
        assert report.client == "127.0.0.1", "nobody chooses their own address"


def behind_client(app: Flask, proxies: list[Callable[[dict[str, Any]], None]]) -> str:
    question = f"Bearer {instance_report.sign_question()}"
    app.wsgi_app = behind(app.wsgi_app, *proxies)  # type: ignore[method-assign]
    headers = {"Authorization": question, "X-Forwarded-For": STRANGER}
    return app.test_client().get(instance_report.PATH, headers=headers).text


def test_a_web_process_tells_its_settings_to_nobody_else(app: Flask, client: Client) -> None:
    assert client.get(instance_report.PATH).status_code == 404
    forged = {"Authorization": "Bearer " + instance_report.sign_question()[::-1]}
    assert client.get(instance_report.PATH, headers=forged).status_code == 404
    answer = instance_report.sign_answer(instance_report.of_this_process())
    replayed = {"Authorization": f"Bearer {answer}"}
    assert client.get(instance_report.PATH, headers=replayed).status_code == 404


class Site(BaseHTTPRequestHandler):
    """A website whose clock is behind."""

    behind = timedelta()

    def date_time_string(self, timestamp: float | None = None) -> str:
        return format_datetime(datetime.now(UTC) - self.behind, usegmt=True)

    def do_HEAD(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize(("behind", "level"), [(0, Level.RIGHT), (300, Level.WRONG)])
def test_without_a_carrier_the_clock_is_compared_with_a_website(
    app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch, behind: int, level: Level
) -> None:
    monkeypatch.setattr(Site, "behind", timedelta(seconds=behind))
    with HTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.handle_request).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        finding = doctor._clock(settings.model_copy(update={"safe_exit_url": url}))
    assert finding.level == level


def test_a_settings_file_that_others_can_read_or_that_is_overridden_is_named(
    app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = settings.settings_file
    file.write_text("HELPLINE_SITE_NAME=Kiran\nHELPLINE_DEFAULT_REGION=IN\n")
    file.chmod(0o644)
    monkeypatch.setenv("HELPLINE_INSTANCE_DIR", str(settings.instance_dir))
    monkeypatch.setenv("HELPLINE_SITE_NAME", "Asha")
    monkeypatch.setenv("HELPLINE_DEFAULT_REGION", "IN")
    words = [finding.words for finding in machine_checks.settings_file(settings)]
    assert words[0] == f"Other users of this machine can read {file}."
    assert "overrides HELPLINE_SITE_NAME of" in words[1]
    file.chmod(0o600)
    monkeypatch.delenv("HELPLINE_SITE_NAME")
    (finding,) = machine_checks.settings_file(settings)
    assert (finding.level, finding.words) == (Level.RIGHT, f"From {file} and the environment.")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_another_user_is_named(app: Flask, settings: Settings) -> None:
    os.chown(settings.instance_dir, 1, 1)
    first = next(machine_checks.folders(settings))
    assert first.level == Level.WRONG
    assert "sudo -u daemon" in first.todo


def test_a_command_says_to_which_database_it_writes(app: Flask, settings: Settings) -> None:
    done = app.test_cli_runner().invoke(group, ["set-up"], prog_name="helpline")
    assert done.exit_code == 0, done.output
    assert f"Database: {settings.shown_database}" in done.stderr
    assert f"Settings: {settings.settings_file}" in done.stderr
    assert "Database:" not in done.stdout


def test_a_password_is_never_shown(make_settings: Callable[..., Settings]) -> None:
    shown = make_settings().model_copy(
        update={"database_url": "postgresql://helpline:s3cret@db1,db2/helpline"}
    )
    assert "s3cret" not in shown.shown_database
    assert "host=db1" in shown.shown_database
