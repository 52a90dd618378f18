"""flask helpline check-keys and rotate-keys: the secret keys, and a change of the field key."""

from __future__ import annotations

import sys

import click
from flask.cli import with_appcontext

from helpline import clock
from helpline.db import db
from helpline.privacy import key_check, rotation
from helpline.privacy.key_check import Key, WrongKeys
from helpline.privacy.rotation import Part, Progress

_MOST_WALKS = 3
_CONSEQUENCES = {
    Key.FIELDS: "What only another key opens stays unreadable until that key is put back.",
    Key.PHONE_INDEX: "Blocked numbers, STOP and call limits no longer match, and the audit log "
    "can no longer be verified.",
    Key.LINKS: "Everybody is signed out, recovery codes no longer work, and follow-ups are no "
    "longer found from the page of the first request.",
}


def need_right_keys() -> None:
    """Check the keys against the live database, and record those that are missing there.

    Raises:
        click.ClickException: it was written with other keys.
    """
    try:
        key_check.check_and_plant(db.engine, now=clock.now())
    except WrongKeys as wrong:
        raise click.ClickException(str(wrong)) from wrong


@click.command("check-keys")
@click.option(
    "--accept",
    type=click.Choice([each.value for each in Key]),
    help="Record the key of this machine as the right one from now on.",
)
@click.option("--yes", is_flag=True, help="Do not ask before accepting.")
@with_appcontext
def check_keys_command(accept: str | None, yes: bool) -> None:
    """Say whether the database was written with the keys of this machine.

    Ends with 1 if not, and names the settings that differ. Where a key was changed on purpose, or
    is lost for good, --accept lets the service start with the new one.

    \b
    Examples:
      flask helpline check-keys
      flask helpline check-keys --accept links
    """
    if accept is not None:
        key = Key(accept)
        if not yes:
            click.confirm(f"{_CONSEQUENCES[key]} Accept the new key?", abort=True)
        key_check.accept(key, now=clock.now())
        click.echo(f"{key_check.SETTINGS[key]} of this machine is accepted.")
    try:
        with db.engine.connect() as connection:
            key_check.check(connection)
    except WrongKeys as wrong:
        raise click.ClickException(str(wrong)) from wrong
    click.echo("The database was written with these keys.")


@click.command("rotate-keys")
@click.option("--check", is_flag=True, help="Change nothing; say whether an older key is needed.")
@with_appcontext
def rotate_keys_command(check: bool) -> None:
    """Make names, numbers and notes anew with the newest of HELPLINE_FIELD_KEYS.

    Before that, on every machine and with a restart of every web process and worker each time:
    first HELPLINE_FIELD_KEYS=old,new, so that all can read the new key, then new,old, so that all
    write with it. The service continues while this runs. It may be interrupted at any time, also by
    a power cut, and run again. Ends with 1 while an older key is still needed.

    \b
    Examples:
      flask helpline rotate-keys
      flask helpline rotate-keys --check
    """
    parts = rotation.parts()
    if not check:
        key_check.plant(db.engine, now=clock.now())
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
    key_check.retire_older_field_keys(now=clock.now())
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
