"""Run everything on one machine: web, worker and, for a demo, the simulated phone network."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import cast

import click
from flask import Flask
from flask.cli import ScriptInfo
from sqlalchemy.exc import InterfaceError, OperationalError

import config
from helpline import clock
from helpline.cli import set_up, settings_file, staff
from helpline.current import services_of
from helpline.db import db
from helpline.domain.web_origins import Origin
from helpline.hours import queries as hours_queries
from helpline.preflight import checks
from helpline.staff.queries import can_anyone_sign_in
from helpline.telephony.adapters import ADAPTERS, FIRST
from helpline.web import db_bulkhead
from helpline.websites import queries as website_queries
from helpline.websites import service as website_service

DEMO_STAFF = (
    ("Meera", "meera@helpline.example", ("admin",), None, ("en", "hi")),
    ("Vikram", "vikram@helpline.example", ("supervisor",), None, ("hi", "en")),
    ("Asha", "asha@helpline.example", ("advisor",), "+919812300001", ("hi", "en")),
    ("Ravi", "ravi@helpline.example", ("advisor",), "+919812300002", ("en",)),
)
DEMO_VISITOR = "+919876543210"
DEMO_CALLER_ID = config.EXAMPLE_NUMBER
_ACCOUNTS = ("TWILIO_ACCOUNT_SID", "PLIVO_AUTH_ID")
STOP_WORDS_WITHOUT_CANCEL = "STOP,STOPALL,UNSUBSCRIBE,END,QUIT"
_GRACE_SECONDS = 10
_SET_UP = "set-up"
CreateApp = Callable[[], Flask]


@click.command("run")
@click.option("--demo", is_flag=True, help="Start with simulated phones and demo staff.")
@click.option(
    "--carrier",
    default=FIRST,
    show_default=True,
    type=click.Choice(tuple(ADAPTERS)),
    help="Carrier whose phones are simulated (demo only).",
)
@click.option("--at", help="Start the clock at this time, in the helpline's time zone (demo only).")
@click.option("--port", default=8000, show_default=True, help="Port of the web server.")
@click.option(
    "--phones-port", default=8001, show_default=True, help="Port of the simulated phones."
)
@click.option(
    "--site-port",
    default=8002,
    show_default=True,
    help="Port of the demo website with the contact panel.",
)
@click.pass_obj
def run_command(
    script: ScriptInfo,
    demo: bool,
    carrier: str,
    at: str | None,
    port: int,
    phones_port: int,
    site_port: int,
) -> None:
    """Run the web server and a worker; with --demo also simulated phones and a demo website.

    \b
    Examples:
      helpline run
      helpline run --demo
      helpline run --demo --carrier plivo
      helpline run --demo --at "2026-11-23 17:58"
    """
    create_app = cast(CreateApp, script.create_app)
    instance = config.instance_dir()
    settings_file.make_secrets(instance)
    port, phones_port, site_port = free_ports(port, phones_port, site_port)
    environment = {**os.environ, "HELPLINE_INSTANCE_DIR": str(instance)}
    environment.setdefault("HELPLINE_PUBLIC_URL", f"http://127.0.0.1:{port}")
    if demo:
        environment.update(_demo_settings(instance, carrier, phones_port))
    counts = tempfile.TemporaryDirectory(prefix="helpline-metrics-", dir=_shared_memory_folder())
    click.get_current_context().with_resource(counts)
    environment.setdefault("PROMETHEUS_MULTIPROC_DIR", counts.name)
    os.environ.update(environment)
    if at is not None:
        os.environ["HELPLINE_CLOCK_OFFSET_SECONDS"] = str(_clock_offset(at, create_app))
    app = create_app()
    settings = services_of(app).settings
    programs = _programs(demo, settings, port, phones_port, site_port)
    sign_ins = []
    with app.app_context():
        if demo:
            set_up.set_up()
            sign_ins = _demo_staff(settings.demo_staff_file)
            _allow_demo_site(site_port)
        elif not _set_up():
            programs[_SET_UP] = [*_flask_command(), "helpline", "set-up", "--wait"]
    _supervise(
        programs,
        settings,
        tell=lambda: _print_urls(
            settings, (phones_port, site_port) if demo else None, sign_ins, at
        ),
    )


def _set_up() -> bool:
    """Return whether the database is up to date; the web server starts in any case."""
    try:
        set_up.set_up()
        if not can_anyone_sign_in(db.session()):
            click.echo(
                "No one can sign in yet. Add the first admin: flask helpline add-staff "
                "--role admin ..."
            )
    except (OperationalError, InterfaceError):
        db.session.rollback()
        click.echo(
            "The database is not available. Visitors see the crisis page. The rest starts when "
            "the database is available."
        )
        return False
    return True


def _flask_command() -> list[str]:
    return [sys.executable, "-m", "flask", "--app", "app:create_app"]


def _shared_memory_folder() -> Path | None:
    """Return a folder in memory where web processes share metrics, or None.

    On a full disk, writing to a mapped file kills the process, and with it the crisis page.
    """
    memory = Path("/dev/shm")  # noqa: S108  # nosec B108: a folder of our own is made in it
    return memory if os.access(memory, os.W_OK) else None


def free_ports(*preferred: int) -> list[int]:
    """Return for each wanted port that one or the next free one, all different."""
    ports: list[int] = []
    for port in preferred:
        ports.append(_free_port(port, ports))
    return ports


def _free_port(preferred: int, used: Collection[int]) -> int:
    for port in range(preferred, preferred + 50):
        if port in used:
            continue
        with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            if port != preferred:
                click.echo(f"Port {preferred} is in use. Using {port} instead.")
            return port
    raise click.ClickException(f"No free port between {preferred} and {preferred + 49}.")


def _demo_settings(instance: Path, carrier: str, phones_port: int) -> dict[str, str]:
    saved = _read_text(instance / "helpline.env")
    if any(os.environ.get(f"HELPLINE_{each}") or f"{each}=" in saved for each in _ACCOUNTS):
        raise click.ClickException(
            "A carrier account is configured, so simulated phones cannot be used here. Run "
            "without --demo, or set another HELPLINE_INSTANCE_DIR."
        )
    return {
        "HELPLINE_ENVIRONMENT": "development",
        "HELPLINE_SECOND_FACTOR": "off",
        "HELPLINE_TEXTS_ENABLED": "true",
        "HELPLINE_LOG_LEVEL": os.environ.get("HELPLINE_LOG_LEVEL", "warning"),
        **_demo_account(carrier, f"http://127.0.0.1:{phones_port}"),
    }


def _demo_account(carrier: str, phones_url: str) -> dict[str, str]:
    token = secrets.token_hex(16)
    if carrier == FIRST:
        return {
            "HELPLINE_TWILIO_ACCOUNT_SID": config.EXAMPLE_ACCOUNT_SID,
            "HELPLINE_TWILIO_AUTH_TOKEN": token,
            "HELPLINE_TWILIO_BASE_URL": phones_url,
            "HELPLINE_CALLER_ID": DEMO_CALLER_ID,
        }
    return {
        "HELPLINE_PLIVO_AUTH_ID": config.EXAMPLE_AUTH_ID,
        "HELPLINE_PLIVO_AUTH_TOKEN": token,
        "HELPLINE_PLIVO_BASE_URL": phones_url,
        "HELPLINE_PLIVO_CALLER_ID": DEMO_CALLER_ID,
    }


def _clock_offset(at: str, create_app: CreateApp) -> float:
    """Return how far ahead the clock must be to show this time, in the helpline's time zone."""
    try:
        local_time = datetime.fromisoformat(at)
    except ValueError as problem:
        raise click.BadParameter(
            'expected a time such as "2026-11-23 17:58"', param_hint="--at"
        ) from problem
    app = create_app()
    with app.app_context():
        set_up.set_up()
        saved = hours_queries.newest_version(db.session())
    zone = hours_queries.plan_of(saved).zone
    aware = local_time.replace(tzinfo=zone) if local_time.tzinfo is None else local_time
    return (aware - clock.now()).total_seconds()


def _demo_staff(file: Path) -> list[tuple[str, str, str]]:
    """Add the demo staff once, with random passwords; return how they sign in."""
    if not file.exists():
        if can_anyone_sign_in(db.session()):
            return []
        passwords = [secrets.token_urlsafe(9) for _ in DEMO_STAFF]
        for (name, email, roles, phone, languages), password in zip(
            DEMO_STAFF, passwords, strict=True
        ):
            staff.add_staff(name, email, roles, phone, languages, password)
        lines = [
            f"{', '.join(roles)}\t{email}\t{password}\n"
            for (_, email, roles, _, _), password in zip(DEMO_STAFF, passwords, strict=True)
        ]
        settings_file.write_new(file, "".join(lines))
    return [tuple(line.split("\t")) for line in _read_text(file).splitlines()]  # type: ignore[misc]


def _allow_demo_site(site_port: int) -> None:
    """Allow the demo website to embed the panel and to report referring pages."""
    origin = Origin.parse(f"http://127.0.0.1:{site_port}")
    website_list = website_queries.in_force(db.session())
    if website_list.of(origin.text) is None:
        website_service.allow(
            origin,
            may_tell_page=True,
            expected_version=website_list.version,
            admin_id=None,
            now=clock.now(),
        )


def _programs(
    demo: bool, settings: config.Settings, port: int, phones_port: int, site_port: int
) -> dict[str, list[str]]:
    python = sys.executable
    gunicorn = [python, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "2"]
    gunicorn += [
        "--threads",
        str(db_bulkhead.THREADS),
        "--worker-class",
        "gthread",
        "--log-level",
        "warning",
    ]
    programs = {
        "web": [*gunicorn, "app:create_app()"],
        "worker": [*_flask_command(), "helpline", "worker"],
    }
    if demo:
        phones = [python, "-m", "phonesim", "--port", str(phones_port)]
        if settings.plivo_auth_id:
            phones += ["--plivo-auth-id", settings.plivo_auth_id, "--plivo-number", DEMO_CALLER_ID]
        else:
            phones += ["--account-sid", settings.twilio_account_sid, "--number", DEMO_CALLER_ID]
        phones += ["--clock-offset-seconds", str(settings.clock_offset_seconds)]
        phones += ["--clock-speed", str(settings.clock_speed)]
        phones += ["--time-scale", str(settings.clock_speed)]
        routes = checks.expected_routes(settings.public_url)
        phones += ["--voice-url", routes.call.url]
        phones += ["--voice-fallback-url", routes.call_fallback.url]
        phones += ["--status-callback", routes.call_status.url]
        phones += ["--sms-url", routes.sms.url, "--sms-fallback-url", routes.sms_fallback.url]
        phones += ["--opt-out-words", STOP_WORDS_WITHOUT_CANCEL]
        phones += ["--phone", f"A visitor={DEMO_VISITOR}"]
        for name, _, _, number, _ in DEMO_STAFF:
            if number:
                phones += ["--phone", f"{name}, advisor={number}"]
        programs["phones"] = phones
        site = [python, "-m", "demosite", "--port", str(site_port)]
        programs["site"] = [*site, "--helpline", settings.public_url]
    return programs


def _supervise(
    programs: Mapping[str, list[str]], settings: config.Settings, *, tell: Callable[[], None]
) -> None:
    """Start all programs, print their addresses, and end all when one ends or on Ctrl-C.

    See docs/decisions/0028-libraries-not-taken.
    """
    environment = {
        **os.environ,
        "PHONESIM_AUTH_TOKEN": settings.twilio_auth_token.get_secret_value(),
        "PHONESIM_PLIVO_AUTH_TOKEN": settings.plivo_auth_token.get_secret_value(),
    }
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    # Each in its own session, so that Ctrl-C reaches this process alone, which then ends them in
    # order.
    running = {
        name: subprocess.Popen(command, cwd=config.ROOT, env=environment, start_new_session=True)
        for name, command in programs.items()
    }
    ended: list[str] = []
    is_up = False
    click.echo("Starting. The addresses follow when the web server answers.")
    try:
        while not stopping and not ended:
            if not is_up and _answers(settings.public_url):
                is_up = True
                tell()
            time.sleep(0.2)
            ended = [name for name, process in running.items() if _has_ended(name, process)]
    finally:
        _stop_all(running)
    if ended:
        raise click.ClickException(
            f"{', '.join(ended)} stopped unexpectedly, so everything was stopped."
        )
    click.echo("Everything stopped.")


def _has_ended(name: str, process: subprocess.Popen[bytes]) -> bool:
    """Return whether a program ended unexpectedly; set-up ends by itself."""
    status = process.poll()
    return status is not None and (name != _SET_UP or status != 0)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=2):  # nosec B310
            return True
    except OSError:
        return False


def _stop_all(running: Mapping[str, subprocess.Popen[bytes]]) -> None:
    for process in running.values():
        if process.poll() is None:
            process.terminate()
    until = time.monotonic() + _GRACE_SECONDS
    for process in running.values():
        try:
            process.wait(timeout=max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _print_urls(
    settings: config.Settings,
    demo_ports: tuple[int, int] | None,
    sign_ins: list[tuple[str, str, str]],
    at: str | None,
) -> None:
    click.echo(f"\n  Visitors          {settings.public_url}/")
    click.echo(f"  Staff sign in     {settings.public_url}/login")
    if demo_ports is not None:
        phones_port, site_port = demo_ports
        click.echo(f"  Demo website      http://127.0.0.1:{site_port}/")
        click.echo(f"  Simulated phones  http://127.0.0.1:{phones_port}/")
        click.echo(
            f"\n  Request a callback with {DEMO_VISITOR}: it is a simulated visitor's phone.\n"
        )
    for roles, email, password in sign_ins:
        click.echo(f"  {roles:<10}  {email}  {password}")
    if sign_ins:
        click.echo(
            "\n  In this demo a password is enough. Elsewhere staff also need two-factor "
            "authentication."
        )
    if at is not None:
        click.echo(f"\n  The clock started at {at}, in the helpline's time zone.")
    click.echo("\n  Press Ctrl-C to stop.\n")


def _read_text(file: Path) -> str:
    return file.read_text() if file.exists() else ""
