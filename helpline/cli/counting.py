"""flask helpline count-again: the measures of some days, made anew from what happened."""

from __future__ import annotations

from datetime import datetime

import click
from flask.cli import with_appcontext

from helpline.reports import service as reports

_DATE = click.DateTime(formats=["%Y-%m-%d"])


@click.command("count-again")
@click.argument("first", type=_DATE)
@click.argument("last", type=_DATE)
@with_appcontext
def count_again_command(first: datetime, last: datetime) -> None:
    """Have the worker count the days from FIRST to LAST anew, for the measures.

    It changes nothing but the sums, and takes a fraction of a second a day. Nothing in the service
    asks for it; it is for whoever has changed rows by hand.

    \b
    Example:
      flask helpline count-again 2026-11-01 2026-11-30
    """
    days = reports.count_again(first.date(), last.date())
    click.echo(f"The worker counts {days} days anew, the newest first.")
