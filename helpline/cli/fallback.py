"""flask helpline write-fallback: carrier instructions to host elsewhere."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from helpline.atomic_files import write_atomic
from helpline.current import services, settings
from helpline.web import inbound_fallback


@click.command("write-fallback")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@with_appcontext
def write_fallback_command(folder: Path) -> None:
    """Write fallback files for calls and texts to FOLDER, for when this host is down.

    voice.xml and text.xml contain the crisis numbers of the default region that are open day and
    night. Upload both to another host and set their URLs (GET) as the fallback URLs of your number
    at the carrier (docs/carriers.md). No database is needed. Write them again whenever the crisis
    numbers change.

    \b
    Example:
      flask helpline write-fallback /var/tmp/fallback
    """
    if not services().webhooks:
        raise click.ClickException("No carrier's package is installed (docs/running.md).")
    region = settings().default_region
    carriers = list(services().carriers) or list(services().webhooks)[:1]
    for carrier in carriers:
        webhooks = services().webhooks[carrier]
        for name, text in inbound_fallback.static_documents(region, webhooks).items():
            file = folder / (name if len(carriers) == 1 else f"{carrier}-{name}")
            write_atomic(file, text + "\n")
            click.echo(str(file))
