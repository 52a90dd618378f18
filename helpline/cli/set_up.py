"""flask helpline set-up: bring the database up to date."""

from __future__ import annotations

import time

import click
import structlog
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from helpline import clock
from helpline.cli import migrations
from helpline.cli.keys import require_matching_keys
from helpline.current import services
from helpline.db import db
from helpline.directory.crisis import service as crisis_service
from helpline.hours import service as hours_service
from helpline.staff import service as staff_service
from helpline.web import republish

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


def wait_for_database() -> None:
    """Return once the database answers: until then nothing can be done and no key checked."""
    while True:
        try:
            with db.engine.connect():
                return
        except SQLAlchemyError as error:
            log.warning("waiting for the database", problem=type(error).__name__)
            time.sleep(1)
