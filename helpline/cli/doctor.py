"""flask helpline doctor: check everything that the service needs, and say what to do."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import click
from flask import current_app

import config
from helpline import clock
from helpline.cli import machine_checks
from helpline.cli.pages import with_pages
from helpline.current import services
from helpline.preflight import checks
from helpline.preflight.checks import Check, Finding, FindingCode, Level
from helpline.web import instance_report
from helpline.web.instance_report import InstanceReport
from helpline.web.preflight_text import FindingText, finding_text
from helpline.worker.preflight_job import run_checks

_SIGNS = {Level.RIGHT: "ok", Level.WARNING: "warn", Level.UNCHECKED: "?", Level.WRONG: "FAIL"}
_TIMEOUT_SECONDS = 8
_MAX_BYTES = 4096
_STRANGER = "192.0.2.1"
"""RFC 5737: nobody has this address."""
_PROXIES = "Proxies"


@click.command("doctor")
@with_pages
def doctor_command() -> None:
    """Check whether the service works here and can place calls, and what to do if not.

    Checks settings, folders, database and keys; asks the web process at the public URL which
    settings it uses and how requests reach it; asks the carrier about account, number and clock,
    and sends a signed request as the carrier would. Places no calls. Web process and worker should
    be running. Run it as the service's user.

    \b
    Exit codes:
      0  no check failed
      1  a check failed, or the settings are invalid

    \b
    Examples:
      flask helpline doctor
      HELPLINE_INSTANCE_DIR=/var/lib/helpline flask helpline doctor
    """
    counts = print_findings(_findings(services().settings))
    if counts[Level.UNCHECKED]:
        click.echo(f"Checks that could not be run: {counts[Level.UNCHECKED]}.")
    if counts[Level.WRONG]:
        click.echo(f"Checks that failed: {counts[Level.WRONG]}.")
        raise SystemExit(1)
    if not counts[Level.UNCHECKED]:
        click.echo("All checks passed.")


def print_findings(findings: Iterator[FindingText | Finding]) -> dict[Level, int]:
    """Print each finding once, as soon as it is known; return how many there are of each level."""
    counts = dict.fromkeys(Level, 0)
    printed: set[FindingText] = set()
    for finding in findings:
        text = _text(finding) if isinstance(finding, Finding) else finding
        if text in printed:
            continue
        printed.add(text)
        counts[text.level] += 1
        click.echo(f"{_SIGNS[text.level]:<6}{text.title}: {text.words}")
        if text.todo:
            click.echo(f"      {text.todo}")
    return counts


def _text(finding: Finding) -> FindingText:
    # Only here: within a request the database would be kept from a process with wrong keys.
    with current_app.test_request_context():
        return finding_text(finding)


def _findings(settings: config.Settings) -> Iterator[FindingText | Finding]:
    yield from machine_checks.settings_file(settings)
    yield from machine_checks.folders(settings)
    database = machine_checks.database(settings)
    yield database
    yield from _web_process(settings)
    if database.level != Level.WRONG:
        yield from run_checks()
    if not settings.has_carrier:
        yield _clock(settings)


def _web_process(settings: config.Settings) -> Iterator[FindingText | Finding]:
    """Check that the web process at the public URL is the one of these settings."""
    url, title = settings.public_url, "Web process"
    request = urllib.request.Request(
        f"{url}{instance_report.PATH}", headers={"X-Forwarded-For": _STRANGER}
    )
    question = f"Bearer {instance_report.sign_question()}"
    request.add_unredirected_header("Authorization", question)
    try:
        with urllib.request.urlopen(  # nosec B310: a checked http(s) setting
            request, timeout=_TIMEOUT_SECONDS
        ) as answer:
            if answer.geturl() != request.full_url:
                yield Finding(Check.ADDRESS, Level.WRONG, _REDIRECTS, url)
                return
            report = instance_report.read_answer(answer.read(_MAX_BYTES).decode(errors="replace"))
    except urllib.error.HTTPError as error:
        report = None
        if error.code == http.client.BAD_REQUEST:
            yield _wrong_host(url)
            return
        if error.code >= http.client.INTERNAL_SERVER_ERROR:  # The proxy got no answer.
            yield Finding(Check.ADDRESS, Level.WRONG, _UNREACHABLE, url)
            return
    except (OSError, http.client.HTTPException):
        yield Finding(Check.ADDRESS, Level.WRONG, _UNREACHABLE, url)
        return
    if report is None:
        yield FindingText(
            Level.WRONG,
            title,
            f"{url} is answered by another service, or by a web process with another "
            f"HELPLINE_SECRET_KEY than {settings.settings_file}.",
            "Set HELPLINE_INSTANCE_DIR of this command to the instance folder of the service, or "
            "restart the web process.",
        )
        return
    yield from _same_settings(report, title)
    yield from _proxies(settings, report)


_REDIRECTS, _UNREACHABLE = FindingCode.ADDRESS_REDIRECTS, FindingCode.ADDRESS_UNREACHABLE


def _wrong_host(url: str) -> FindingText:
    return FindingText(
        Level.WRONG,
        _PROXIES,
        f"The web process refuses requests to {url}, because their host name is another one.",
        "The proxy must pass the header Host on unchanged, or the first one set X-Forwarded-Host "
        "and HELPLINE_TRUSTED_PROXIES be the number of your proxies.",
    )


def _same_settings(report: InstanceReport, title: str) -> Iterator[FindingText]:
    this = instance_report.of_this_process()
    if report.machine != this.machine:  # Paths and host names may differ there.
        yield FindingText(Level.RIGHT, title, f"It runs on {report.machine} with these keys.", "")
        return
    for name, theirs, ours in (
        ("settings file", report.settings_file, this.settings_file),
        ("database", report.database, this.database),
    ):
        if theirs != ours:
            yield FindingText(
                Level.WRONG,
                title,
                f"Its {name} is {theirs}; the one of this command is {ours}.",
                "Set HELPLINE_INSTANCE_DIR and DATABASE_URL of this command to those of the "
                "service, or restart the web process.",
            )
    if (report.settings_file, report.database) == (this.settings_file, this.database):
        yield FindingText(Level.RIGHT, title, "It uses these settings and this database.", "")


def _proxies(settings: config.Settings, report: InstanceReport) -> Iterator[FindingText]:
    """Check that the trusted proxies are the ones that add to X-Forwarded-For."""
    values, trusted = list(report.forwarded_for), settings.trusted_proxies
    number = len(values) - values.count(_STRANGER)
    scheme = urlsplit(settings.public_url).scheme
    if number != trusted:
        yield FindingText(
            Level.WRONG,
            _PROXIES,
            f"Proxies that add to X-Forwarded-For: {number}. HELPLINE_TRUSTED_PROXIES is "
            f"{trusted}.",
            f"Set HELPLINE_TRUSTED_PROXIES={number}, or correct the proxies (deploy/nginx.conf). "
            "Otherwise visitors share one rate limit, or choose their address themselves.",
        )
    elif report.scheme != scheme:
        yield FindingText(
            Level.WARNING,
            _PROXIES,
            f"The web process sees {report.scheme} requests; the public URL is {scheme}.",
            "The first proxy must set X-Forwarded-Proto, and the others pass it on unchanged.",
        )
    else:
        words = f"Trusted proxies: {trusted}, as many as there are."
        yield FindingText(Level.RIGHT, _PROXIES, words, "")


def _clock(settings: config.Settings) -> FindingText | Finding:
    """Check the clock without a carrier, against the website that 'Exit this page' opens."""
    title, site = "Clock", settings.safe_exit_url
    request = urllib.request.Request(site, method="HEAD")
    try:
        with urllib.request.urlopen(  # nosec B310: a checked http(s) setting
            request, timeout=_TIMEOUT_SECONDS
        ) as answer:
            theirs = parsedate_to_datetime(answer.headers["Date"])
    except (OSError, http.client.HTTPException, TypeError, ValueError) as error:
        words = f"It could not be compared with that of {site} ({type(error).__name__})."
        return FindingText(Level.UNCHECKED, title, words, "")
    (*_, finding) = checks.clock(theirs.astimezone(UTC), clock.now(), clock.ahead())
    if finding.level == Level.RIGHT:
        return FindingText(Level.RIGHT, title, f"It agrees with that of {site}.", "")
    return finding
