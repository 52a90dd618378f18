"""helpline init: settings, secrets, database and first admin of a new deployment."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, cast

import click
from flask import Flask
from flask.cli import ScriptInfo
from sqlalchemy.exc import InterfaceError, OperationalError

import config
import setting_types as types
from helpline import clock, time_zones
from helpline.cli import machine_checks, set_up, settings_file, staff
from helpline.cli.doctor import print_findings
from helpline.current import services, services_of
from helpline.db import db
from helpline.preflight import checks
from helpline.preflight import service as preflight_service
from helpline.preflight.checks import Finding, Level
from helpline.staff.passwords import weakness
from helpline.staff.queries import can_anyone_sign_in
from helpline.web import pages
from helpline.web.password_text import weakness_words
from helpline.web.preflight_text import FindingText

CARRIERS = ("none", "twilio", "plivo")
_REGION = "HELPLINE_DEFAULT_REGION"

CreateApp = Callable[[], Flask]
Parse = Callable[[str], str]


class _Account(NamedTuple):
    """The settings of a carrier's account."""

    account: str
    token: str
    caller_id: str
    question: str
    parse: Parse


_ACCOUNTS = {
    "twilio": _Account(
        "HELPLINE_TWILIO_ACCOUNT_SID",
        "HELPLINE_TWILIO_AUTH_TOKEN",
        "HELPLINE_CALLER_ID",
        "Account SID",
        types.account_sid,
    ),
    "plivo": _Account(
        "HELPLINE_PLIVO_AUTH_ID",
        "HELPLINE_PLIVO_AUTH_TOKEN",
        "HELPLINE_PLIVO_CALLER_ID",
        "Auth ID",
        types.plivo_auth_id,
    ),
}


@dataclass(slots=True)
class _Answers:
    """Values for the settings file: those of options first, then what the operator types."""

    file: Path
    asks: bool
    new: dict[str, str]

    def value(self, setting: str) -> str | None:
        """Return the value in force; None if there is none yet."""
        values = {**settings_file.values_of(self.file), **self.new, **os.environ}
        return values.get(setting)

    def settle(
        self, setting: str, option: str, given: str | None, question: str, parse: Parse,
        *, default: str | None = None, hide: bool = False,
    ) -> None:  # fmt: skip
        """Take the option; else keep the value in force; else ask.

        Raises:
            click.UsageError: an option is wrong, missing, or would replace a secret.
        """
        current = self.value(setting)
        if given is None:
            if current is not None:
                click.echo(f"  {setting} is set already.")
            elif self.asks:
                reply = click.prompt(
                    question, default=default, hide_input=hide, value_proc=_checked(parse)
                )
                self.new[setting] = reply
            else:
                raise click.UsageError(f"Missing option {option} (or set {setting}).")
            return
        value = _checked(parse, option)(given)
        if value == current:
            click.echo(f"  {setting} is set already.")
            return
        if setting in os.environ:
            raise click.UsageError(f"{option}: the environment sets {setting} to another value.")
        if current and hide:
            raise click.UsageError(f"{option}: {setting} is set already in {self.file}.")
        self.new[setting] = value


def _checked(parse: Parse, option: str | None = None) -> Parse:
    def check(text: str) -> str:
        try:
            return parse(text)
        except ValueError as problem:
            raise click.BadParameter(f"{problem}.", param_hint=option) from problem

    return check


@click.command("init")
@click.option("--name", help="Name of the helpline.")
@click.option("--region", help="Two-letter code of the region whose crisis lines come first.")
@click.option("--zone", help="Time zone of the opening hours, such as Asia/Kolkata.")
@click.option("--number", help="Phone number on which visitors call the helpline.")
@click.option("--public-url", help="Public URL, such as https://help.your-organisation.in.")
@click.option("--proxies", help="Number of your own proxies in front, such as 1 for nginx.")
@click.option("--carrier", type=click.Choice(CARRIERS), help="Phone company that places calls.")
@click.option("--account-sid", help="With --carrier: the account SID, or Plivo's auth ID.")
@click.option("--auth-token", envvar=None, help="With --carrier: the auth token.")
@click.option("--caller-id", help="With --carrier: a number that the account owns.")
@click.option("--database-url", help="PostgreSQL URL. Without it: SQLite in the instance folder.")
@click.option("--admin-name", help="Name of the first admin.")
@click.option("--admin-email", help="E-mail address of the first admin.")
@click.option("--admin-password", help="Password of the first admin; better typed when asked.")
@click.option("--no-input", is_flag=True, help="Ask nothing; fail if an option is missing.")
@click.pass_obj
def init_command(script: ScriptInfo, /, no_input: bool, **options: Any) -> None:
    """Set up a new deployment: settings, secrets, database and the first admin.

    Asks for what no option gives and is not set yet. Writes helpline.env in the instance folder
    (HELPLINE_INSTANCE_DIR). Safe to run again: it never replaces a secret, and changes another
    setting only if its option is given. Run it as the service's user.

    \b
    Exit codes:
      0  the service can be started
      1  a check failed, or the database is not available
      2  an option is wrong or missing

    \b
    Examples:
      helpline init
      helpline init --no-input --name "Kiran Helpline" --region IN --zone Asia/Kolkata \\
          --number 14416 --public-url https://help.your-organisation.in --proxies 1 \\
          --carrier none --admin-name Meera --admin-email meera@your-organisation.in \\
          --admin-password "..."
    """
    instance = config.instance_dir()
    file = instance / config.SETTINGS_FILE
    if owner := machine_checks.other_owner(instance):
        raise click.ClickException(
            f"{instance} belongs to {owner}. Run this as that user: sudo -u {owner} ..."
        )
    click.echo(f"[1/4] Settings in {file}")
    answers = _Answers(file, asks=not no_input, new={})
    _ask_settings(answers, options)
    click.echo("[2/4] Secrets")
    made = settings_file.make_secrets(instance, database_url=answers.new.get("DATABASE_URL", ""))
    settings_file.save(file, answers.new)
    click.echo(f"  New: {', '.join(made)}." if made else "  Kept; nothing was replaced.")
    app = cast(CreateApp, script.create_app)()
    pages.add_pages(app)
    settings = services_of(app).settings
    with app.app_context():
        click.echo(f"[3/4] Database {settings.shown_database}")
        _set_up(answers, options)
        click.echo("[4/4] Checks")
        counts = print_findings(_findings(settings))
    click.echo(f"Keep a copy of {file} where only you can read it.")
    if counts[Level.WRONG]:
        raise SystemExit(1)
    click.echo("Start the web process and a worker. Then run: flask helpline doctor")


def _ask_settings(answers: _Answers, options: dict[str, Any]) -> None:
    def settle(setting: str, option: str, question: str, parse: Parse, **more: Any) -> None:
        given = options[option.removeprefix("--").replace("-", "_")]
        answers.settle(setting, option, given, question, parse, **more)

    settle("HELPLINE_SITE_NAME", "--name", "Name of the helpline", types.site_name)
    settle(_REGION, "--region", "Region, as a two-letter code such as IN", types.region)
    region = answers.value(_REGION) or ""
    if answers.value("HELPLINE_ALLOWED_REGIONS") is None:
        answers.new["HELPLINE_ALLOWED_REGIONS"] = region
    settle(
        *("HELPLINE_DEFAULT_TIME_ZONE", "--zone", "Time zone of the opening hours"),
        types.time_zone,
        default=time_zones.only_zone_of(region),
    )
    settle(
        *("HELPLINE_HELPLINE_NUMBER", "--number", "Phone number of the helpline"),
        lambda text: types.dialled_number(text, region),
    )
    url = "Public URL, such as https://help.your-organisation.in"
    settle("HELPLINE_PUBLIC_URL", "--public-url", url, types.base_address)
    proxies = "How many proxies of yours are in front (nginx or Caddy: 1)"
    settle("HELPLINE_TRUSTED_PROXIES", "--proxies", proxies, _number_of_proxies, default="1")
    if options["database_url"] is not None:
        settle("DATABASE_URL", "--database-url", "", types.database_address, hide=True)
    _ask_carrier(answers, options, settle)


def _ask_carrier(answers: _Answers, options: dict[str, Any], settle: Callable[..., None]) -> None:
    carrier = options["carrier"]
    existing = [a.account for a in _ACCOUNTS.values() if answers.value(a.account) is not None]
    if carrier is None and options["account_sid"] is None:
        if existing:
            click.echo(f"  {existing[0]} is set already.")
            return
        if not answers.asks:
            raise click.UsageError("Missing option --carrier.")
        carrier = click.prompt(
            "Phone company that places calls (none: advisors use their own phones)",
            type=click.Choice(CARRIERS),
            default=CARRIERS[0],
        )
    if carrier == "none":
        for name in existing:
            if answers.value(name):
                raise click.UsageError(f"--carrier none: {name} is set. Remove it by hand.")
        answers.new[_ACCOUNTS["twilio"].account] = ""
        return
    account, region = _ACCOUNTS[carrier or "twilio"], answers.value(_REGION) or ""
    settle(
        *(account.account, "--account-sid", account.question),
        lambda text: account.parse(_not_empty(text)),
    )
    settle(account.token, "--auth-token", "Auth token", _not_empty, hide=True)
    settle(
        *(account.caller_id, "--caller-id", "Caller ID, a number of the account"),
        lambda text: types.calling_number(text, region),
    )


def _not_empty(text: str) -> str:
    if not text.strip():
        raise ValueError("it is empty")
    return text.strip()


def _number_of_proxies(text: str) -> str:
    if text.strip() not in tuple("012345"):
        raise ValueError("it must be a number from 0 to 5")
    return text.strip()


def _set_up(answers: _Answers, options: dict[str, Any]) -> None:
    try:
        set_up.set_up()
        has_staff = can_anyone_sign_in(db.session())
    except (OperationalError, InterfaceError) as error:
        raise click.ClickException(
            "The database is not available. Settings and secrets are saved. Start the database, "
            "then run this again."
        ) from error
    if has_staff:
        click.echo("  It is up to date, and someone can sign in.")
        return
    wanted: dict[str, tuple[str, dict[str, Any]]] = {
        "admin_name": ("Name of the first admin", {}),
        "admin_email": ("E-mail address of the first admin", {}),
        "admin_password": (
            "Password of the first admin (at least 12 characters)",
            {"hide_input": True, "confirmation_prompt": True, "value_proc": _checked(_password)},
        ),
    }
    values: dict[str, str] = {}
    for name, (question, more) in wanted.items():
        value = options[name]
        if value is None and not answers.asks:
            raise click.UsageError(f"Missing option --{name.replace('_', '-')}.")
        values[name] = value if value is not None else click.prompt(question, **more)
    staff.add_staff(
        *(values["admin_name"], values["admin_email"], ("admin",), None, ("en",)),
        values["admin_password"],
    )
    click.echo(f"  {values['admin_email']} can sign in as admin.")


def _password(text: str) -> str:
    if reason := weakness(text, [services().settings.site_name]):
        raise ValueError(weakness_words(reason).rstrip("."))
    return text


def _findings(settings: config.Settings) -> Iterator[FindingText | Finding]:
    yield from machine_checks.settings_file(settings)
    yield from machine_checks.folders(settings)
    yield machine_checks.database(settings)
    facts = preflight_service.load_facts()
    yield checks.keys(facts.wrong_key_settings)
    yield checks.time_zones(facts.zone, clock.now())
