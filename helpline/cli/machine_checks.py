"""Checks of this machine that need no other process: settings file, folders and database."""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path

from dotenv import dotenv_values
from sqlalchemy.exc import SQLAlchemyError

import config
from helpline.db import db
from helpline.migration import is_newest_or_later
from helpline.preflight.checks import Level
from helpline.staff.queries import can_anyone_sign_in
from helpline.web.preflight_text import FindingText

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def settings_file(settings: config.Settings) -> Iterator[FindingText]:
    """Check where the settings of this command come from, and who else can read them."""
    title, file = "Settings", config.instance_dir() / config.SETTINGS_FILE
    values = dotenv_values(file) if file.exists() else {}
    moved_to = values.get("HELPLINE_INSTANCE_DIR")
    if moved_to and settings.settings_file != file:
        yield FindingText(
            Level.WRONG,
            title,
            f"{file} sets HELPLINE_INSTANCE_DIR to {moved_to}.",
            "Remove that line. Set HELPLINE_INSTANCE_DIR in the environment of every process.",
        )
    if not file.exists():
        yield FindingText(Level.RIGHT, title, f"From the environment only; there is no {file}.", "")
        return
    if file.stat().st_mode & _OTHERS:
        yield FindingText(
            Level.WRONG,
            title,
            f"Other users of this machine can read {file}.",
            f"Run: chmod 600 {file}",
        )
    different = [
        name for name, value in values.items() if name in os.environ and os.environ[name] != value
    ]
    if different:
        yield FindingText(
            Level.WARNING,
            title,
            f"The environment of this command overrides {', '.join(sorted(different))} of {file}.",
            "Set each in one place only, so that every process uses the same value.",
        )
    yield FindingText(Level.RIGHT, title, f"From {file} and the environment.", "")


def folders(settings: config.Settings) -> Iterator[FindingText]:
    """Check who owns the instance folder, and whether this user can write where it has to."""
    title, wrong = "Folders", False
    if owner := other_owner(settings.instance_dir):
        wrong = True
        yield FindingText(
            Level.WRONG,
            title,
            f"{settings.instance_dir} belongs to {owner}, and this command runs as {_user_name()}.",
            f"Run every command as {owner}: sudo -u {owner} ...",
        )
    public = settings.published_crisis_page.parent
    for folder in dict.fromkeys((settings.instance_dir, public, settings.tombstones.parent)):
        if not _is_writable(folder):
            wrong = True
            yield FindingText(
                Level.WRONG,
                title,
                f"{_user_name()} cannot write to {folder}.",
                f"Run as root: install -d -o {_user_name()} {folder}",
            )
    if settings.trusted_proxies and public.is_relative_to(settings.instance_dir):
        yield FindingText(
            Level.WARNING,
            title,
            f"The web server in front cannot read {public}: the instance folder is private.",
            "Set HELPLINE_PUBLIC_DIR, such as /var/cache/helpline, and see deploy/nginx.conf.",
        )
    if not wrong:
        yield FindingText(Level.RIGHT, title, "This user can write to every folder.", "")


def database(settings: config.Settings) -> FindingText:
    """Check whether the database answers, is migrated, and someone can sign in."""
    title, address = "Database", settings.shown_database
    try:
        session = db.session()
        migrated = is_newest_or_later(session.connection())
        has_staff = migrated and can_anyone_sign_in(session)
    except SQLAlchemyError as error:
        db.session.rollback()
        words = f"{address} does not answer ({type(error).__name__})."
        return FindingText(Level.WRONG, title, words, "Start it, or correct DATABASE_URL.")
    if not migrated:
        words = f"{address} is not set up for this version."
        return FindingText(Level.WRONG, title, words, "Run: flask helpline set-up")
    if not has_staff:
        words = f"{address} has no staff, so no one can sign in."
        todo = "If it is the service's database, add the first admin: flask helpline add-staff"
        return FindingText(Level.WARNING, title, words, todo)
    return FindingText(Level.RIGHT, title, f"{address} is up to date.", "")


def other_owner(folder: Path) -> str:
    """Return who owns a folder, if it is another user; empty if it is this one or is missing."""
    try:
        owner = folder.stat().st_uid
    except OSError:
        return ""
    if owner == os.geteuid():
        return ""
    try:
        return pwd.getpwuid(owner).pw_name
    except KeyError:
        return str(owner)


def _user_name() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def _is_writable(folder: Path) -> bool:
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    return os.access(existing, os.W_OK | os.X_OK)
