"""flask helpline preflight: is everything right that calls need?"""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from helpline.preflight.checks import Level
from helpline.web import preflight_words
from helpline.worker.preflight_tick import look

_SIGNS = {Level.RIGHT: "ok", Level.CARE: "look", Level.UNCHECKED: "?", Level.WRONG: "WRONG"}


@click.command("preflight")
@with_appcontext
def preflight_command() -> None:
    """Say whether everything that calls need is right, and what to do where it is not.

    It asks the phone company about the account and the number, and asks this service's public
    address a signed question, as the phone company would. It rings nobody. Web process and worker
    should be running. The exit code is 1 when something is wrong.

    \b
    Example:
      flask helpline preflight
    """
    findings = look()
    with current_app.test_request_context():
        for each in findings:
            told = preflight_words.told(each)
            click.echo(f"{_SIGNS[told.level]:<6}{told.title}: {told.words}")
            if told.todo:
                click.echo(f"      {told.todo}")
        wrong = sum(each.level == Level.WRONG for each in findings)
        unchecked = sum(each.level == Level.UNCHECKED for each in findings)
        if unchecked:
            click.echo(f"{unchecked} could not be checked.")
        if wrong:
            click.echo(f"{wrong} wrong.")
        elif not unchecked:
            click.echo("All checks passed.")
    if wrong:
        raise SystemExit(1)
