"""flask helpline preflight: check everything that calls need."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from helpline.preflight.checks import Level
from helpline.web import preflight_text
from helpline.worker.preflight_job import run_checks

_SIGNS = {Level.RIGHT: "ok", Level.WARNING: "warn", Level.UNCHECKED: "?", Level.WRONG: "FAIL"}


@click.command("preflight")
@with_appcontext
def preflight_command() -> None:
    """Check whether calls can be placed, and what to do if not.

    Queries the carrier about the account and the number, and sends a signed request to the public
    URL of this service, as the carrier would. Places no calls. The web process and the worker
    should be running. Exits with 1 if a check fails.

    \b Example:
      flask helpline preflight
    """
    findings = run_checks()
    with current_app.test_request_context():
        for finding in findings:
            text = preflight_text.finding_text(finding)
            click.echo(f"{_SIGNS[text.level]:<6}{text.title}: {text.words}")
            if text.todo:
                click.echo(f"      {text.todo}")
        wrong = sum(finding.level == Level.WRONG for finding in findings)
        unchecked = sum(finding.level == Level.UNCHECKED for finding in findings)
        if unchecked:
            click.echo(f"Checks that could not be run: {unchecked}.")
        if wrong:
            click.echo(f"Checks that failed: {wrong}.")
        elif not unchecked:
            click.echo("All checks passed.")
    if wrong:
        raise SystemExit(1)
