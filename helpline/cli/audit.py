"""flask helpline verify-audit: check the audit log for tampering."""

from __future__ import annotations

import sys

import click
from flask.cli import with_appcontext

from helpline import clock
from helpline.cli.keys import require_matching_keys
from helpline.current import settings
from helpline.db import db, transaction
from helpline.privacy import audit, audit_chain
from helpline.privacy.audit_chain import ChainRefused, Finding, Flaw, Head, KnownEnd

_MAX_SHOWN = 200
_HASH_LENGTH = 64


class _HeadType(click.ParamType[Head]):
    """NUMBER:SEAL, as printed at the end of the command."""

    name = "number:seal"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Head:
        number, _, seal = value.partition(":")
        if not number.isdigit() or len(seal) != _HASH_LENGTH:
            self.fail("expected NUMBER:SEAL, as printed by this command", param, ctx)
        return Head(int(number), seal)


@click.command("verify-audit")
@click.option(
    "--noted",
    type=_HeadType(),
    help="An end of the log that you noted earlier. It must still be in the log.",
)
@click.option(
    "--accept-end",
    is_flag=True,
    help="Accept the current end of the log as correct on this machine, for example after a "
    "restore.",
)
@with_appcontext
def verify_audit_command(noted: Head | None, accept_end: bool) -> None:
    """Check whether entries of the audit log were changed, removed, moved or forged.

    Exits with 1 if so, and lists them. Also checks that the last end of the log that the worker of
    this machine recorded is still in the log. Keep the last line of the output elsewhere and pass
    it with --noted next time: this detects an attacker who replaced the whole log on this machine.

    \b
    Examples:
      flask helpline verify-audit
      flask helpline verify-audit --noted 5120:9f3c...
    """
    require_matching_keys()
    known_end = audit_chain.KnownEnd(settings().instance_dir)
    if accept_end:
        _accept_end(known_end)
    session = db.session()
    # In this order: the chain may grow meanwhile.
    ends = _ends(known_end, noted)
    until, waiting = audit_chain.head_of(session), audit_chain.unsealed(session)
    findings: list[Finding] = []
    with click.progressbar(length=until.seq, label="Reading the audit log", file=sys.stderr) as bar:
        for item in audit_chain.verify(session, until, recorded_ends=ends):
            if isinstance(item, int):
                bar.update(item)
            else:
                findings.append(item)
    for finding in findings[:_MAX_SHOWN]:
        click.echo(_describe(finding))
    if len(findings) > _MAX_SHOWN:
        click.echo(f"... and {len(findings) - _MAX_SHOWN} more.")
    if waiting.oldest_at is not None:
        since = f"{waiting.oldest_at:%Y-%m-%d %H:%M} UTC"
        click.echo(
            f"Entries not sealed yet: {waiting.count}, the oldest from {since}. "
            "A worker will seal them."
        )
    if findings:
        click.echo("Verification FAILED: the audit log was changed.")
        raise SystemExit(1)
    click.echo(f"Verified {until.seq} entries. No changes found.")
    click.echo(f"End of the log: {until.seq}:{until.hash}")


def _ends(known_end: KnownEnd, noted: Head | None) -> list[Head]:
    try:
        return [head for head in (known_end.read(), noted) if head is not None]
    except ChainRefused as refused:
        raise click.ClickException(f"{known_end.path} was not written by a worker.") from refused


def _accept_end(known_end: KnownEnd) -> None:
    try:
        end = audit_chain.accept_end(known_end)
    except ChainRefused as refused:
        raise click.ClickException(
            "The end of the log was not written with the key of this service, so it was not "
            "accepted."
        ) from refused
    with transaction() as session:
        audit.record(
            session,
            at=clock.now(),
            actor="operator",
            action="audit_end_accepted",
            subject="audit",
            seq=end.seq,
        )


def _describe(finding: Finding) -> str:
    if finding.flaw in (Flaw.UNSIGNED, Flaw.COPIED):
        flaw = (
            "forged, not written by this service"
            if finding.flaw == Flaw.UNSIGNED
            else ("a copy of another entry")
        )
        return f"Entry {finding.entry_id}: {flaw}."
    position = f"Number {finding.seq}"
    if finding.last != finding.seq:
        position = f"Numbers {finding.seq} to {finding.last}"
    match finding.flaw:
        case Flaw.CHANGED:
            return f"{position} (entry {finding.entry_id}): changed since it was sealed."
        case Flaw.MOVED:
            return f"{position} (entry {finding.entry_id}): in the wrong position."
        case Flaw.MISSING:
            return f"{position}: missing."
        case Flaw.CUT_OFF:
            return f"{position}: missing at the end."
        case Flaw.HEAD_FORGED:
            return f"End of the log ({position}): forged."
        case Flaw.BEHIND_HEAD:
            return (
                f"{position} (entry {finding.entry_id}): after the end of the log; it was set back."
            )
        case Flaw.BEFORE_BEGINNING:
            return f"{position} (entry {finding.entry_id}): before the start of the log."
        case Flaw.NOT_THIS_CHAIN:
            return f"{position}: its seal is not the one you noted, so the log was rewritten."
    raise AssertionError(finding.flaw)
