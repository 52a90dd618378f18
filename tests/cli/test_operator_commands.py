"""flask helpline ...: what an operator types, and what is said back."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from flask import Flask

from config import Settings
from helpline.cli import run as cli_run
from helpline.cli import settings_file
from helpline.cli.commands import program
from helpline.cli.worker import carrier_contexts
from helpline.db import db
from helpline.directory.crisis.models import CrisisLineRow
from helpline.hours.models import HoursVersion
from helpline.staff.models import Staff

PASSWORD = "a long enough password"


def run(app: Flask, *arguments: str, typed: str = "") -> Result:
    """Types a command."""
    return app.test_cli_runner().invoke(args=["helpline", *arguments], input=typed)


def add(app: Flask, *more: str, email: str = "meera@example.org", role: str = "admin") -> Result:
    """Adds a member of staff."""
    told = ("--name", "Meera", "--email", email, "--role", role, "--password", PASSWORD)
    return run(app, "add-staff", *told, *more)


def count(model: type) -> int:
    """How many rows there are."""
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_set_up_may_run_again_and_changes_nothing(app: Flask, settings: Settings) -> None:
    for _ in range(2):
        done = run(app, "set-up")
        assert done.exit_code == 0, done.output
        assert "The database is up to date." in done.output
        assert (count(HoursVersion), count(CrisisLineRow)) == (1, 83)
    assert settings.published_crisis_file.exists()


def test_staff_are_added_and_told_where_to_sign_in(app: Flask) -> None:
    phone = ("--phone", "98765 43210", "--language", "hi", "--language", "en")
    done = add(app, *phone, role="advisor")
    assert done.exit_code == 0, done.output
    assert "/login" in done.output
    db.session.rollback()
    staff = db.session.scalars(sa.select(Staff)).one()
    assert (staff.email, staff.phone, staff.languages) == (
        "meera@example.org",
        "+919876543210",
        ["hi", "en"],
    )
    assert staff.password is not None
    assert staff.password.startswith("$argon2")


def test_what_cannot_be_added_is_said_and_nothing_is_stored(app: Flask) -> None:
    assert add(app).exit_code == 0
    refused = {
        "This e-mail address is already in use.": add(app, email="Meera@Example.org"),
        "The phone number cannot be used": add(app, "--phone", "112", email="b@example.org"),
        "is not one of": add(app, email="c@example.org", role="queen"),
    }
    for words, result in refused.items():
        assert result.exit_code == 2
        assert words in result.output
        assert "Traceback" not in result.output
    short = run(app, "add-staff", "--name", "X", "--email", "d@example.org", "--role", "admin",
                "--password", "short")  # fmt: skip
    assert "at least 12 characters" in short.output
    assert count(Staff) == 1


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_workers_addresses_are_public_ones(app: Flask) -> None:
    telephone = carrier_contexts(app)[0]
    assert telephone is not None
    assert telephone.urls.answered("r1") == "http://localhost/webhooks/voice/r1/answered"
    assert (
        telephone.urls.status("r1", "advisor")
        == "http://localhost/webhooks/voice/r1/status/advisor"
    )


def test_secrets_are_made_once_and_for_their_owner_alone(tmp_path: Path) -> None:
    settings_file.make_secrets(tmp_path / "instance")
    file = tmp_path / "instance" / "helpline.env"
    first = file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    settings_file.make_secrets(tmp_path / "instance")
    assert file.read_text() == first
    values = [line.split("=", 1)[1] for line in first.splitlines() if not line.startswith("#")]
    assert len(values) == len(set(values)) == 4


def test_every_command_explains_itself(app: Flask) -> None:
    for command in ("", "set-up", "add-staff", "worker"):
        told = run(app, *command.split(), "--help")
        assert told.exit_code == 0
        assert "Usage:" in told.output
        assert command == "" or "Example" in told.output
    told = CliRunner().invoke(cli_run.run_command, ["--help"])
    assert "--at" in told.output


def test_each_command_is_found_under_its_own_name() -> None:
    for name, (_module, summary) in program.rows.items():
        command = program.get_command(click.Context(program), name)
        assert command is not None
        assert command.name == name
        assert command.help is not None
        assert summary.split()[0] == command.help.split()[0]
    assert program.get_command(click.Context(program), "no-such-command") is None
