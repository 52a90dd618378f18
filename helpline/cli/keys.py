"""flask helpline rotate-keys: everything that is encrypted, made anew with the newest key."""

from __future__ import annotations

import sys

import click
from flask.cli import with_appcontext

from helpline.privacy import rotation
from helpline.privacy.rotation import Part, Progress

_MOST_WALKS = 3


@click.command("rotate-keys")
@click.option("--check", is_flag=True, help="Change nothing; say whether an older key is needed.")
@with_appcontext
def rotate_keys_command(check: bool) -> None:
    """Make names, numbers and notes anew with the newest of HELPLINE_FIELD_KEYS.

    First put the new key in front of the old ones, on every machine, and start all web processes
    and workers anew. Then run this: the service goes on meanwhile. It may be stopped at any time,
    also by a power cut, and started again. Ends with 1 while an older key is still needed.

    \b
    Examples:
      flask helpline rotate-keys
      flask helpline rotate-keys --check
    """
    parts = rotation.parts()
    if not check:
        for _ in range(_MOST_WALKS):
            made = _walk(parts, "Making anew", renew=True)
            click.echo(f"{made.renewed} of {made.old} old values made anew.")
            # What somebody had in hand just then is found by another walk.
            if made.renewed == made.old:
                break
    left = _walk(parts, "Checking", renew=False)
    if left.unreadable:
        click.echo(
            f"{left.unreadable} values cannot be read: one of HELPLINE_FIELD_KEYS is missing."
        )
    if left.old:
        click.echo(f"{left.old} values still need an older key. Run this once more.")
    if left.old or left.unreadable:
        raise SystemExit(1)
    click.echo("Everything is made with the newest key. The older ones may be removed.")


def _walk(parts: list[Part], label: str, *, renew: bool) -> Progress:
    total = Progress()
    length = sum(rotation.rows_of(part) for part in parts)
    with click.progressbar(length=length, label=label, file=sys.stderr) as bar:
        for part in parts:
            for progress in rotation.walk(part, renew=renew):
                total.add(progress)
                bar.update(progress.rows)
    return total
