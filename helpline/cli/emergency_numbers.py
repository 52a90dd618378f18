"""flask helpline emergency-numbers: list the first number of each region, with its source."""

from __future__ import annotations

from collections.abc import Iterator

import click
from babel import Locale
from flask.cli import with_appcontext

from helpline.directory.crisis import emergency, published_directory
from helpline.directory.crisis.emergency import EmergencyNumbers
from helpline.directory.crisis.published_directory import Directory

_IN_DIRECTORY = "crisis_numbers.json"


@click.command("emergency-numbers")
@click.argument("regions", nargs=-1, metavar="[REGION]...")
@click.option("--unconfirmed", is_flag=True, help="Only regions that no official source confirms.")
@with_appcontext
def emergency_numbers_command(regions: tuple[str, ...], unconfirmed: bool) -> None:
    """Show the emergency number that visitors see first, who answers it, and where it was found.

    Without REGION, of every region of the world. Corrections go into
    helpline/directory/crisis/emergency_numbers.csv; an emergency line that an admin adds is shown
    before it. Numbers that libphonenumber does not know as emergency numbers are named. Needs no
    database.

    \b
    Examples:
      flask helpline emergency-numbers IN NP
      flask helpline emergency-numbers --unconfirmed
    """
    table, directory = emergency.table(), published_directory.load()
    chosen = [region.upper() for region in regions] or sorted(table)
    unknown = [region for region in chosen if region not in table]
    if unknown:
        raise click.BadParameter(f"no region: {', '.join(unknown)}", param_hint="REGION")
    for region in chosen:
        if not (unconfirmed and table[region].is_confirmed):
            for line in _lines(table[region], directory):
                click.echo(line)


def _lines(row: EmergencyNumbers, directory: Directory) -> Iterator[str]:
    name = Locale("en").territories.get(row.region, row.region)
    numbers = ", ".join(f"{number} ({service})" for service, number in row.numbers())
    yield f"{name} ({row.region}): {numbers}{'' if row.is_confirmed else ' - unconfirmed'}"
    if unknown := row.unknown_to_metadata():
        yield f"    not known to libphonenumber: {', '.join(unknown)}"
    yield f"    {row.found_on}: {_source(row, directory)}"


def _source(row: EmergencyNumbers, directory: Directory) -> str:
    if _IN_DIRECTORY not in row.source:
        return row.source
    return "; ".join(directory.emergency(row.region).sources)
