"""flask helpline verify-audit: whether anybody has changed what the audit log says."""

from __future__ import annotations

import sys

import click
from flask.cli import with_appcontext

from helpline.cli.keys import need_right_keys
from helpline.db import db
from helpline.privacy import sealing
from helpline.privacy.sealing import Finding, Flaw, Head

_MOST_TOLD = 200
_HASH_LENGTH = 64


class _HeadType(click.ParamType[Head]):
    """NUMBER:SEAL, as the command tells it at its end."""

    name = "number:seal"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Head:
        number, _, seal = value.partition(":")
        if not number.isdigit() or len(seal) != _HASH_LENGTH:
            self.fail("write it as this command told it: NUMBER:SEAL", param, ctx)
        return Head(int(number), seal)


@click.command("verify-audit")
@click.option(
    "--noted",
    type=_HeadType(),
    help="An end of the log that you noted earlier; it must still be in the log.",
)
@with_appcontext
def verify_audit_command(noted: Head | None) -> None:
    """Find out whether an entry of the audit log was changed, removed or moved.

    Ends with 1 if so, and says which. Note the last line somewhere outside of the database: given
    back with --noted, it also shows whether the newest entries were cut off.

    \b
    Examples:
      flask helpline verify-audit
      flask helpline verify-audit --noted 5120:9f3c...
    """
    need_right_keys()
    session = db.session()
    until, waiting = sealing.head_of(session), sealing.unsealed(session)
    findings: list[Finding] = []
    with click.progressbar(length=until.seq, label="Reading the audit log", file=sys.stderr) as bar:
        for found in sealing.verify(session, until, noted=noted):
            if isinstance(found, int):
                bar.update(found)
            else:
                findings.append(found)
    for finding in findings[:_MOST_TOLD]:
        click.echo(_told(finding))
    if len(findings) > _MOST_TOLD:
        click.echo(f"... and {len(findings) - _MOST_TOLD} more.")
    if waiting.oldest_at is not None:
        since = f"{waiting.oldest_at:%Y-%m-%d %H:%M} UTC"
        click.echo(f"{waiting.count} not sealed yet, since {since}; a worker seals them.")
    if findings:
        click.echo("The audit log is NOT as it was written.")
        raise SystemExit(1)
    click.echo(f"{until.seq} entries, each as it was written.")
    click.echo(f"The end of the log: {until.seq}:{until.hash}")


def _told(finding: Finding) -> str:
    place = f"Number {finding.seq}"
    if finding.last != finding.seq:
        place = f"Numbers {finding.seq} to {finding.last}"
    match finding.flaw:
        case Flaw.CHANGED:
            return f"{place} (entry {finding.entry_id}): changed since it was sealed."
        case Flaw.MOVED:
            return f"{place} (entry {finding.entry_id}): not in its place."
        case Flaw.MISSING:
            return f"{place}: missing."
        case Flaw.CUT_OFF:
            return f"{place}: missing at the end."
        case Flaw.NOT_THIS_CHAIN:
            return f"{place}: another seal than was noted; the log was written anew."
