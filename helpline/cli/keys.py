"""flask helpline check-keys and rotate-keys: check the secret keys, and change the field key."""

from __future__ import annotations

import sys

import click
from flask.cli import with_appcontext

from helpline import clock
from helpline.db import db
from helpline.privacy import key_check, key_rotation
from helpline.privacy.key_check import Key, WrongKeys
from helpline.privacy.key_rotation import EncryptedTable, Progress

_MAX_PASSES = 3
_CONSEQUENCES = {
    Key.FIELDS: "Values encrypted with another key stay unreadable until that key is restored.",
    Key.PHONE_INDEX: "Blocked numbers, STOP requests, call limits and proof of consent no longer "
    "match, and the audit log can no longer be verified.",
    Key.LINKS: "All staff are signed out, recovery codes stop working, and visitors can no longer "
    "open a follow-up from the page of the first request.",
}


def require_matching_keys() -> None:
    """Check the keys against the live database, and record those not recorded yet.

    Raises:
        click.ClickException: it was written with other keys.
    """
    try:
        key_check.check_and_record(db.engine, now=clock.now())
    except WrongKeys as wrong:
        raise click.ClickException(str(wrong)) from wrong


@click.command("check-keys")
@click.option(
    "--accept",
    type=click.Choice([choice.value for choice in Key]),
    help="Accept the key of this machine as correct from now on.",
)
@click.option("--yes", is_flag=True, help="Accept without asking for confirmation.")
@with_appcontext
def check_keys_command(accept: str | None, yes: bool) -> None:
    """Check whether the database was written with the keys of this machine.

    Exits with 1 if not, and lists the settings that differ. If a key was changed on purpose or is
    lost for good, --accept lets the service start with the new one.

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
        click.echo(f"Accepted {key_check.SETTINGS[key]} of this machine.")
    try:
        with db.engine.connect() as connection:
            key_check.check(connection)
    except WrongKeys as wrong:
        raise click.ClickException(str(wrong)) from wrong
    click.echo("The keys match the database.")


@click.command("rotate-keys")
@click.option(
    "--check",
    is_flag=True,
    help="Change nothing; only report whether an older key is still needed.",
)
@with_appcontext
def rotate_keys_command(check: bool) -> None:
    """Re-encrypt names, numbers and notes with the newest key of HELPLINE_FIELD_KEYS.

    First prepare every machine in two steps, restarting all web processes and workers each time:
    set HELPLINE_FIELD_KEYS=old,new, so that all can read the new key, then new,old, so that all
    write with it. The service keeps running. You can interrupt this command at any time and run it
    again. Exits with 1 while an older key is still needed.

    \b
    Examples:
      flask helpline rotate-keys
      flask helpline rotate-keys --check
    """
    parts = key_rotation.encrypted_tables()
    if not check:
        key_check.record_fingerprints(db.engine, now=clock.now())
        for _ in range(_MAX_PASSES):
            result = _pass_over(parts, "Re-encrypting", renew=True)
            click.echo(f"Re-encrypted {result.renewed} of {result.old} old values.")
            # Rows locked by others just then are found by the next pass.
            if result.renewed == result.old:
                break
    rest = _pass_over(parts, "Checking", renew=False)
    if rest.unreadable:
        click.echo(
            f"{rest.unreadable} values cannot be read: a key is missing from HELPLINE_FIELD_KEYS."
        )
    if rest.old:
        click.echo(f"{rest.old} values still need an older key. Run this command again.")
    if rest.old or rest.unreadable:
        raise SystemExit(1)
    key_check.retire_older_field_keys(now=clock.now())
    click.echo("All values are encrypted with the newest key. You can remove the older keys.")


def _pass_over(parts: list[EncryptedTable], label: str, *, renew: bool) -> Progress:
    total = Progress()
    length = sum(key_rotation.count_rows(part) for part in parts)
    with click.progressbar(length=length, label=label, file=sys.stderr) as bar:
        for part in parts:
            for progress in key_rotation.rotate_table(part, renew=renew):
                total.add(progress)
                bar.update(progress.rows)
    return total
