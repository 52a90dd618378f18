"""flask helpline ...: the operator's commands."""

from __future__ import annotations

import os
import signal
import socket
import time
from contextlib import suppress
from datetime import timedelta
from types import FrameType
from typing import Any

import click
import sqlalchemy as sa
import structlog
from flask import Flask, current_app, has_app_context
from flask.cli import AppGroup, with_appcontext
from flask_migrate import upgrade
from flask_security.utils import hash_password
from sqlalchemy.exc import SQLAlchemyError

import config
from helpline import __version__, clock
from helpline.cli.audit import verify_audit_command
from helpline.cli.backup import backup_command
from helpline.cli.doctor import doctor_command
from helpline.cli.emergency_numbers import emergency_numbers_command
from helpline.cli.fallback import write_fallback_command
from helpline.cli.keys import check_keys_command, require_matching_keys, rotate_keys_command
from helpline.cli.recount import recount_command
from helpline.cli.restore import (
    previous_databases_command,
    rehearse_restore_command,
    restore_command,
)
from helpline.cli.try_call import try_call_command
from helpline.current import services
from helpline.db import db
from helpline.directory.crisis import service as crisis_service
from helpline.domain import phone_numbers
from helpline.domain.errors import InvalidPhoneNumber
from helpline.hours import service as hours_service
from helpline.messaging.carrier_jobs import CarrierContext, Timeouts, WebhookUrls
from helpline.privacy.tombstone_file import TombstoneCopy
from helpline.staff import service as staff_service
from helpline.staff.models import Staff
from helpline.staff.password_links import service as password_link_service
from helpline.staff.passwords import normalize_password, weakness
from helpline.telephony.adapters import ADAPTERS
from helpline.web import republish
from helpline.web.carrier_webhooks.blueprint import webhook_url
from helpline.web.password_text import weakness_words
from helpline.worker import runner, schedule

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

_SAYS_NO_DATABASE = frozenset({"doctor", "emergency-numbers", "init", "run", "try-call", "worker"})
"""They say it themselves, need none, or write nothing but log lines."""


@click.group("helpline", cls=AppGroup)
@click.version_option(__version__, prog_name="helpline")
@click.pass_context
def group(context: click.Context) -> None:
    """Set up and run the helpline."""
    if context.invoked_subcommand in _SAYS_NO_DATABASE:
        return
    with suppress(config.InvalidSettings):  # The command itself says so, unless it needs none.
        settings = services().settings if has_app_context() else config.load()
        click.echo(f"Database: {settings.shown_database}", err=True)
        click.echo(f"Settings: {settings.settings_file} and the environment", err=True)


group.add_command(doctor_command)
group.add_command(try_call_command)
group.add_command(write_fallback_command)
group.add_command(verify_audit_command)
group.add_command(check_keys_command)
group.add_command(rotate_keys_command)
group.add_command(backup_command)
group.add_command(recount_command)
group.add_command(emergency_numbers_command)
group.add_command(restore_command)
group.add_command(rehearse_restore_command)
group.add_command(previous_databases_command)


@group.command("set-up")
@click.option("--wait", is_flag=True, help="Wait until the database is available.")
@with_appcontext
def set_up_command(wait: bool) -> None:
    """Upgrade the database and add the data that a new deployment needs.

    Safe to run at every start. It changes nothing that an admin has set.

    \b
    Examples:
      flask helpline set-up
      flask helpline set-up --wait
    """
    if wait:
        _wait_for_database()
    set_up()
    click.echo("The database is up to date.")


def set_up() -> None:
    """Migrate, save the first opening hours, seed and publish the crisis directory."""
    settings = services().settings
    require_matching_keys()
    upgrade()
    require_matching_keys()
    for staff_id in staff_service.index_phones():
        log.warning("staff phone number is shared with another member of staff", staff_id=staff_id)
    hours_service.create_first_hours(settings.default_time_zone, now=clock.now())
    crisis_service.import_packaged_lines(clock.now())
    republish.republish()


@group.command("add-staff")
@click.option("--name", required=True, help="Name shown to colleagues.")
@click.option("--email", required=True, help="E-mail address to sign in with.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice(sorted(staff_service.ROLES)),
    help="Role. May be repeated.",
)
@click.option("--phone", help="Phone number to call the advisor on.")
@click.option(
    "--language",
    "languages",
    multiple=True,
    default=("en",),
    help="Language they speak. May be repeated.",
)
@click.password_option(help="At least 12 characters. Prompted for if omitted.")
@with_appcontext
def add_staff_command(
    name: str,
    email: str,
    roles: tuple[str, ...],
    phone: str | None,
    languages: tuple[str, ...],
    password: str,
) -> None:
    """Add a member of staff, such as the first admin.

    \b
    Examples:
      flask helpline add-staff --name Meera --email meera@example.org --role admin
      flask helpline add-staff --name Asha --email asha@example.org --role advisor \\
          --phone "+91 98765 43210" --language hi --language en
    """
    require_matching_keys()
    add_staff(name, email, roles, phone, languages, password)
    click.echo(f"Member of staff added. They can sign in at {services().settings.public_url}/login")


def add_staff(
    name: str,
    email: str,
    roles: tuple[str, ...],
    phone: str | None,
    languages: tuple[str, ...],
    password: str,
) -> None:
    """Check the operator's input, then add the member of staff."""
    settings = services().settings
    reason = weakness(password, [name, email, settings.site_name])
    if reason is not None:
        raise click.UsageError(f"The password is too weak. {weakness_words(reason)}")
    number = None
    if phone:
        try:
            number = phone_numbers.parse(
                phone, settings.default_region, settings.allowed_regions
            ).e164
        except InvalidPhoneNumber as problem:
            raise click.UsageError(
                f"The phone number cannot be used: {problem.reason}."
            ) from problem
    try:
        staff_service.add_staff(
            name=name,
            email=email,
            password_hash=hash_password(normalize_password(password)),
            roles=roles,
            phone=number,
            languages=languages,
            now=clock.now(),
            actor="operator",
        )
    except staff_service.EmailTaken as taken:
        raise click.UsageError("This e-mail address is already in use.") from taken
    except staff_service.PhoneTaken as taken:
        raise click.UsageError("This phone number already belongs to a member of staff.") from taken


@group.command("new-password-link")
@click.argument("email")
@with_appcontext
def new_password_link_command(email: str) -> None:
    """Print a link for a member of staff to choose a new password, such as the only admin.

    \b
    Example:
      flask helpline new-password-link meera@example.org
    """
    staff = db.session.scalar(sa.select(Staff).where(Staff.email == email.strip().lower()))
    if staff is None or not staff.active:
        raise click.UsageError(f"No active member of staff has the e-mail address {email}.")
    token = password_link_service.create(staff.id, admin_id=None, now=clock.now())
    click.echo(f"{services().settings.public_url}/new-password/{token}")


@group.command("worker")
@with_appcontext
def worker_command() -> None:
    """Run a worker until it is stopped. You can run several workers at once.

    \b
    Example:
      flask helpline worker
    """
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    settings = services().settings
    _wait_for_database()
    require_matching_keys()
    name = f"{socket.gethostname()}:{os.getpid()}"
    ticks = runner.build_jobs(
        name,
        carrier_contexts(app),
        settings.published_crisis_file,
        sends_sms=settings.texts_enabled,
        every=timedelta(seconds=settings.tick_seconds),
        tombstones=TombstoneCopy(settings.tombstones, settings.tombstone_days),
    )
    scheduler = schedule.build_scheduler(
        ticks,
        app.app_context,
        settings.tick_seconds,
        slow=runner.SLOW_JOBS,
        concurrency=runner.CONCURRENCY,
    )

    def stop(_signal: int, _frame: FrameType | None) -> None:
        scheduler.shutdown(wait=False)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    scheduler.start()
    click.echo("The worker has stopped.")


def _wait_for_database() -> None:
    """Return once the database answers: until then nothing can be done and no key checked."""
    while True:
        try:
            with db.engine.connect():
                return
        except SQLAlchemyError as error:
            log.warning("waiting for the database", problem=type(error).__name__)
            time.sleep(1)


def carrier_contexts(app: Flask) -> list[CarrierContext]:
    """Return the carriers of an application and their settings; none without an account."""
    with app.app_context():
        carriers, settings = services().carriers, services().settings

    def address(view: str, **values: Any) -> str:
        with app.test_request_context():
            return webhook_url(view, **values)

    urls = WebhookUrls(
        answered=lambda ref: address("call_answered", ref=ref),
        status=lambda ref, leg: address("call_status", ref=ref, leg=leg),
        offer_answered=lambda ref: address("offer_answered", ref=ref),
        offer_status=lambda ref: address("offer_status", ref=ref),
        sms_status=lambda ref: address("sms_status", ref=ref),
    )
    return [
        CarrierContext(
            name,
            carrier,
            urls,
            Timeouts(
                advisor_ring_seconds=settings.advisor_ring_seconds,
                longest_seconds=settings.longest_call_minutes * 60,
                silent_after=timedelta(seconds=settings.silent_after_seconds),
                lost_after=timedelta(seconds=settings.lost_after_seconds),
                calls_per_second=ADAPTERS[name].calls_per_second(settings),
                legs_at_once=ADAPTERS[name].legs_at_once(settings),
            ),
        )
        for name, carrier in carriers.items()
    ]
