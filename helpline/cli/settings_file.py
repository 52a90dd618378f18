"""The settings file, helpline.env: new secrets, and values that an operator gives."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path

import click
import sqlalchemy as sa
from cryptography.fernet import Fernet
from dotenv import dotenv_values

import config
from helpline.atomic_files import make_private_folder, write_atomic

_HEADER = (
    "# Created on first start. Keep a copy elsewhere: without HELPLINE_FIELD_KEYS the names,\n"
    "# numbers and notes in the database can never be read again.\n"
)
_DATABASE = "DATABASE_URL"
_UNQUOTED = re.compile(r"[^\s'\"#$\\`]*( [^\s'\"#$\\`]+)*")
"""What every reader of such files takes as it is: systemd, Docker, kubectl, python-dotenv."""


def values_of(file: Path) -> dict[str, str]:
    """Return the values of a settings file; none if it does not exist."""
    values = dotenv_values(file) if file.exists() else {}
    return {name: value for name, value in values.items() if value is not None}


def make_secrets(instance: Path, *, database_url: str = "") -> list[str]:
    """Write new secrets for a deployment, readable by their owner alone; return their names.

    Secrets in the settings file or the environment are kept.

    Args:
        database_url: where the settings file and the environment name none yet.

    Raises:
        click.ClickException: a database has rows already, and its secrets are missing.
    """
    file = instance / config.SETTINGS_FILE
    new = {
        "HELPLINE_SECRET_KEY": secrets.token_urlsafe(48),
        "HELPLINE_PASSWORD_SALT": secrets.token_urlsafe(24),
        "HELPLINE_FIELD_KEYS": Fernet.generate_key().decode(),
        "HELPLINE_PHONE_INDEX_KEY": secrets.token_urlsafe(48),
    }
    present = values_of(file)
    missing = {
        name: value
        for name, value in new.items()
        if not (os.environ.get(name) or present.get(name))
    }
    if missing:
        address = present.get(_DATABASE) or database_url
        _require_empty_database(config.database_address(instance, address), file, missing)
        save(file, missing)
    return list(missing)


def save(file: Path, values: Mapping[str, str]) -> None:
    """Set values in a settings file; other lines stay as they are."""
    make_private_folder(file.parent)
    if not file.exists():
        write_new(file, _HEADER + "".join(_line(*item) for item in values.items()))
        return
    lines = file.read_text().splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    for name, value in values.items():
        kept = [line for line in lines if not re.match(rf"\s*(export\s+)?{name}\s*=", line)]
        lines = [*kept, _line(name, value)]
    write_atomic(file, "".join(lines), mode=0o600)


def write_new(file: Path, text: str) -> None:
    """Write a file that only its owner can read.

    Raises:
        FileExistsError: another process has written it.
    """
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(handle, "w") as opened:
        opened.write(text)


def _line(name: str, value: str) -> str:
    if not _UNQUOTED.fullmatch(value):
        escaped = value.replace("\\", "\\\\").replace("'", "\\'")
        value = f"'{escaped}'"
    return f"{name}={value}\n"


def _require_empty_database(address: str, file: Path, missing: Mapping[str, str]) -> None:
    """New secrets would make every encrypted value of a database unreadable."""
    lack = f"{file} is missing" if not file.exists() else f"{file} lacks {', '.join(missing)}"
    try:
        has_rows = _has_rows(address)
    except sa.exc.SQLAlchemyError as error:
        raise click.ClickException(
            f"{lack}, and the database is not available, so it is not known whether it "
            "is empty. No secrets were written. Restore the file, or start the database."
        ) from error
    if has_rows:
        raise click.ClickException(
            f"{lack}, but the database contains data that only the keys of that file "
            "can read. No secrets were written. Restore your copy of helpline.env "
            "(docs/running.md)."
        )


def _has_rows(address: str) -> bool:
    url = sa.make_url(address)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return False
    engine = sa.create_engine(url, hide_parameters=True)
    try:
        with engine.connect() as connection:
            names = set(sa.inspect(connection).get_table_names()) - {"alembic_version"}
            tables = [sa.table(name) for name in sorted(names)]
            return any(
                connection.scalar(sa.select(sa.exists(sa.select(sa.literal(1)).select_from(table))))
                for table in tables
            )
    finally:
        engine.dispose()
