"""The processes of a service on one machine, started and ended together."""

from __future__ import annotations

import gc
import multiprocessing
import os
import secrets
import signal
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType

import click
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.workers import gthread as _gthread  # noqa: F401 shared with the forks
from sqlalchemy.orm import configure_mappers

import config
from helpline import clock, log_config
from helpline.cli import set_up, settings_file, staff, worker
from helpline.current import services_of
from helpline.db import db
from helpline.domain.web_origins import Origin
from helpline.hours import queries as hours_queries
from helpline.preflight import checks
from helpline.staff.queries import can_anyone_sign_in
from helpline.web import db_bulkhead, pages
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
STOP_WORDS_WITHOUT_CANCEL = "STOP,STOPALL,UNSUBSCRIBE,END,QUIT"
_GRACE_SECONDS = 10
_FIRST_PAGES = ("/", "/crisis", "/login")
_CHECK_SECONDS = 0.1
_SET_UP = "set-up"
_FLASK = (sys.executable, "-m", "flask", "--app", "app:create_app")
_FORK = multiprocessing.get_context("fork")
Program = Callable[[], None] | list[str]
"""What a forked process runs: a function, or the command that replaces it."""


class _Web(BaseApplication):  # type: ignore[misc]
    """gunicorn with an application that is there before it forks its workers."""

    def __init__(self, app: Flask, address: str) -> None:
        self._app, self._address = app, address
        super().__init__()

    def load_config(self) -> None:
        options = {
            "bind": self._address,
            "workers": 2,
            "threads": db_bulkhead.THREADS,
            "worker_class": "gthread",
            "loglevel": "warning",
            "preload_app": True,
            "control_socket_disable": True,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        settings = services_of(self._app).settings
        is_readable = settings.environment == "development"
        # Again: gunicorn has installed its own handlers meanwhile.
        log_config.install(level=settings.log_level, readable=is_readable)
        return self._app


def run(
    create_app: Callable[[], Flask],
    *,
    at: str | None,
    port: int,
    demo_ports: tuple[int, int] | None,
) -> None:
    """Set up, then run the web, a worker and, for a demo, the phones and a website until stopped.

    Args:
        at: what the clock shows at the start, in the helpline's time zone.
        demo_ports: of the simulated phones and of the website.
    """
    if at is not None:
        os.environ["HELPLINE_CLOCK_OFFSET_SECONDS"] = str(_clock_offset(at, create_app))
    app = create_app()
    pages.prepare_to_serve(app)
    settings = services_of(app).settings
    programs = _programs(app, port, demo_ports)
    site_port = demo_ports[1] if demo_ports is not None else None
    is_set_up = set_up.in_fork(app, partial(_set_up, settings, site_port))
    _prepare(app)
    if is_set_up:
        _render_once(app)
    else:
        programs[_SET_UP] = [*_FLASK, "helpline", "set-up", "--wait"]
    sign_ins = [] if demo_ports is None else _sign_ins(settings.demo_staff_file)
    with app.app_context():
        db.engine.dispose()  # A connection belongs to one process.
    gc.freeze()  # Otherwise the collector writes to all of it in each process.
    addresses = [f"{settings.public_url}/healthz"]
    addresses += [f"http://127.0.0.1:{number}/" for number in demo_ports or ()]
    _supervise(
        programs,
        settings,
        addresses,
        tell=lambda: _print_urls(settings, demo_ports, sign_ins, at),
    )


def _prepare(app: Flask) -> None:
    """Make before the fork, so that it is there once, what each process would make for itself."""
    configure_mappers()
    app.url_map.update()
    for name in app.jinja_env.list_templates(filter_func=_is_for_visitors):
        app.jinja_env.get_template(name)


def _render_once(app: Flask) -> None:
    """Fill the caches of statements, languages and pages, a tenth of a web process's memory.

    Views only: a whole request would start threads, which do not survive a fork.
    """
    for path in _FIRST_PAGES:
        with app.test_request_context(path, base_url=services_of(app).settings.public_url):
            app.preprocess_request()
            app.dispatch_request()


def _is_for_visitors(template: str) -> bool:
    return template.startswith(("base_visitor", "visitor/"))


def _clock_offset(at: str, create_app: Callable[[], Flask]) -> float:
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


def _set_up(settings: config.Settings, site_port: int | None) -> bool:
    if site_port is None:
        return set_up.set_up_if_available()
    set_up.set_up()
    _add_demo_staff(settings.demo_staff_file)
    _allow_demo_site(site_port)
    return True


def _add_demo_staff(file: Path) -> None:
    """Add the demo staff once, with random passwords."""
    if file.exists() or can_anyone_sign_in(db.session()):
        return
    passwords = [secrets.token_urlsafe(9) for _ in DEMO_STAFF]
    for (name, email, roles, phone, languages), password in zip(DEMO_STAFF, passwords, strict=True):
        staff.add_staff(name, email, roles, phone, languages, password)
    lines = [
        f"{', '.join(roles)}\t{email}\t{password}\n"
        for (_, email, roles, _, _), password in zip(DEMO_STAFF, passwords, strict=True)
    ]
    settings_file.write_new(file, "".join(lines))


def _sign_ins(file: Path) -> list[tuple[str, str, str]]:
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


def _programs(app: Flask, port: int, demo_ports: tuple[int, int] | None) -> dict[str, Program]:
    programs: dict[str, Program] = {
        "web": _Web(app, f"127.0.0.1:{port}").run,
        "worker": partial(worker.run, app),
    }
    if demo_ports is not None:
        settings, python = services_of(app).settings, sys.executable
        phones_port, site_port = demo_ports
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
    programs: Mapping[str, Program],
    settings: config.Settings,
    addresses: Sequence[str],
    *,
    tell: Callable[[], None],
) -> None:
    """Start all programs, print their addresses, and end all when one ends or on Ctrl-C.

    Web and worker are forks of this process, which has imported all: none does it again, and the
    memory is shared. See docs/decisions/0028-libraries-not-taken.
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
    running = {
        name: _FORK.Process(target=_run_alone, args=(program, environment))
        for name, program in programs.items()
    }
    for process in running.values():
        process.start()
    ended: list[str] = []
    waiting_for = list(addresses)
    click.echo("Starting. The addresses follow when all answer.")
    try:
        while not stopping and not ended:
            if waiting_for and _answers(waiting_for[-1]):
                waiting_for.pop()
                if not waiting_for:
                    tell()
            time.sleep(_CHECK_SECONDS)
            ended = [name for name, process in running.items() if _has_ended(name, process)]
    finally:
        _stop_all(running)
    if ended:
        raise click.ClickException(
            f"{', '.join(ended)} stopped unexpectedly, so everything was stopped."
        )
    click.echo("Everything stopped.")


def _run_alone(program: Program, environment: Mapping[str, str]) -> None:
    """Run a program in a session of its own, so that Ctrl-C reaches the process that started it
    alone, which then ends all in order.
    """
    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    if isinstance(program, list):
        os.chdir(config.ROOT)
        os.execve(program[0], program, environment)  # noqa: S606  # nosec B606: our own command
    program()


def _has_ended(name: str, process: BaseProcess) -> bool:
    """Return whether a program ended unexpectedly; set-up ends by itself."""
    status = process.exitcode
    return status is not None and (name != _SET_UP or status != 0)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):  # nosec B310
            return True
    except OSError:
        return False


def _stop_all(running: Mapping[str, BaseProcess]) -> None:
    for process in running.values():
        process.terminate()
    until = time.monotonic() + _GRACE_SECONDS
    for process in running.values():
        process.join(max(0.1, until - time.monotonic()))
        if process.exitcode is None:
            process.kill()
            process.join()


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
