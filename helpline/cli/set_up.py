"""flask helpline set-up: bring the database up to date."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

import click
import structlog
from flask import Flask
from flask.cli import with_appcontext
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from helpline import clock
from helpline.cli import migrations
from helpline.cli.keys import require_matching_keys
from helpline.current import services
from helpline.db import db
from helpline.directory.crisis import service as crisis_service
from helpline.hours import service as hours_service
from helpline.staff import service as staff_service
from helpline.staff.queries import can_anyone_sign_in
from helpline.web import republish

_NOT_DONE = 3

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


@click.command("set-up")
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
        wait_for_database()
    set_up()
    click.echo("The database is up to date.")


def set_up() -> None:
    """Migrate, save the first opening hours, seed and publish the crisis directory."""
    settings = services().settings
    require_matching_keys()
    migrations.upgrade()
    require_matching_keys()
    for staff_id in staff_service.index_phones():
        log.warning("staff phone number is shared with another member of staff", staff_id=staff_id)
    hours_service.create_first_hours(settings.default_time_zone, now=clock.now())
    crisis_service.import_packaged_lines(clock.now())
    republish.republish()


def set_up_if_available() -> bool:
    """Set up and return True; return False where the database does not answer."""
    try:
        set_up()
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


def in_fork(app: Flask, function: Callable[[], bool]) -> bool:
    """Run a function in a fork of this process, and return what it returns: what it imports, such
    as Alembic, would take 30 MB for as long as the service runs.
    """
    child = os.fork()
    if child == 0:
        os._exit(_exit_code(app, function))
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code not in (0, _NOT_DONE):
        raise SystemExit(code)
    return code == 0


def _exit_code(app: Flask, function: Callable[[], bool]) -> int:
    try:
        with app.app_context():
            return 0 if function() else _NOT_DONE
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except BaseException:
        log.exception("set-up failed")
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def wait_for_database() -> None:
    """Return once the database answers: until then nothing can be done and no key checked."""
    while True:
        try:
            with db.engine.connect():
                return
        except SQLAlchemyError as error:
            log.warning("waiting for the database", problem=type(error).__name__)
            time.sleep(1)
