"""flask helpline count-again: recount the reports of some days."""

from __future__ import annotations

from datetime import datetime

import click
from flask.cli import with_appcontext

from helpline.reports import service as reports_service

_DATE = click.DateTime(formats=["%Y-%m-%d"])


@click.command("count-again")
@click.argument("first", type=_DATE)
@click.argument("last", type=_DATE)
@with_appcontext
def count_again_command(first: datetime, last: datetime) -> None:
    """Recalculate the reports for the days from FIRST to LAST.

    The worker does it, in a fraction of a second a day, and changes only the totals. You only need
    this after changing rows by hand.

    \b
    Example:
      flask helpline count-again 2026-11-01 2026-11-30
    """
    days = reports_service.recount(first.date(), last.date())
    click.echo(f"The worker will recalculate {days} days, newest first.")
