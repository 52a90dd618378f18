"""Keep the files from which a web process works without a database up to date.

Crisis lines, text overrides, quick exit and the service profile are read from files. Each web
process updates its own every few seconds: it may have another disk than the process in which an
admin saved, and no worker beside it. Where a file cannot be written, the process keeps its contents
in memory.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog
from babel import Locale
from flask import Flask, request_started
from sqlalchemy.orm import Session

from helpline.atomic_files import write_atomic
from helpline.current import settings
from helpline.db import read_snapshot
from helpline.directory.crisis import published_directory, quick_exit
from helpline.directory.crisis import service as crisis
from helpline.directory.crisis.published_directory import Directory
from helpline.directory.crisis.quick_exit import Safety
from helpline.i18n import published_overrides
from helpline.i18n.published_overrides import TextOverrides
from helpline.policy import service_profile
from helpline.policy.service_profile import ServiceProfile
from helpline.text_overrides import queries as rewording
from helpline.text_overrides import service as rewording_service
from helpline.web import db_bulkhead, last_resort_page
from helpline.web.request_context import UNWRITTEN, shown_directory, shown_profile, shown_safety

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

EVERY_SECONDS = 2.0


def republish() -> None:
    """Update the files of this machine, or else the memory.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database does not answer; published files stay.
    """
    try:
        _follow_database()
    finally:
        _publish_page()


def crisis_page() -> str:
    """Return the page for when this service does not respond."""
    directory, own_region = shown_directory(), settings().default_region
    regions = dict.fromkeys(
        line.region for line in directory.published if line.region != own_region
    )
    names = Locale("en").territories
    return last_resort_page.page(
        directory.lines(own_region),
        {str(names.get(region, region)): directory.lines(region) for region in regions},
        shown_safety().neutral_site,
    )


def _publish_page() -> None:
    """Write it for the web server in front."""
    text, file = crisis_page(), _page_file()
    with suppress(OSError):
        if file.read_text(encoding="utf-8") == text:
            return
    _written(lambda: write_atomic(file, text))


def _page_file() -> Path:
    return settings().published_crisis_page


def _follow_database() -> None:
    state = UNWRITTEN.get()
    with read_snapshot() as session:
        wanted = _wanted(session)
    file = settings().published_crisis_file
    before = (state.directory, state.safety, state.profile)
    if wanted.directory is not None:
        lines = wanted.directory.published
        is_there = file.exists() and published_directory.load(file).published == lines
        is_there = is_there or _written(lambda: published_directory.publish(file, lines))
        state.directory = None if is_there else wanted.directory
    if wanted.safety is not None:
        exit_page, exit_file = wanted.safety, quick_exit.published_path(file)
        is_there = quick_exit.load(exit_file, "") == exit_page
        is_there = is_there or _written(lambda: quick_exit.publish(exit_file, exit_page))
        state.safety = None if is_there else exit_page
    if wanted.profile is not None:
        profile, profile_file = wanted.profile, service_profile.published_path(file)
        is_there = service_profile.load(profile_file) == profile
        is_there = is_there or _written(lambda: service_profile.publish(profile_file, profile))
        state.profile = None if is_there else profile
    if (state.directory, state.safety, state.profile) != before:
        state.version += 1
    words_file = rewording_service.published_path(file)
    is_there = published_overrides.load(words_file) == wanted.words
    is_there = is_there or _written(lambda: published_overrides.publish(words_file, wanted.words))
    published_overrides.override_in_memory(None if is_there else wanted.words)


def is_current(session: Session) -> bool:
    """Return whether this process is up to date with the database."""
    wanted = _wanted(session)
    return (
        wanted.directory in (None, shown_directory())
        and wanted.safety in (None, shown_safety())
        and wanted.profile in (None, shown_profile())
        and published_overrides.current() == wanted.words
    )


def run_beside(app: Flask, *, every_seconds: float = EVERY_SECONDS) -> Republisher:
    """Republish in a thread of each process that serves this application.

    Args:
        every_seconds: pause between two reads of the database.
    """
    republisher = Republisher(app, every_seconds)
    request_started.connect(republisher.start, app, weak=False)
    return republisher


class Republisher:
    """A thread that republishes. Started in the serving process: a server forks after it has made
    the application, and threads are not inherited.
    """

    def __init__(self, app: Flask, every_seconds: float) -> None:
        self._app, self._every = app, every_seconds
        self._process = 0
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, _app: Flask | None = None) -> None:
        """Start the thread, unless this process has it."""
        if self._process == os.getpid():
            return
        with self._lock:
            if self._process != os.getpid():
                self._process = os.getpid()
                self._thread = threading.Thread(target=self._run, name="republish", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        problem: str | None = None
        while not self._stopped.is_set():
            before, problem = problem, self._problem()
            if problem not in (None, before):
                log.warning("published files may be out of date", problem=problem)
            self._stopped.wait(self._every)

    def _problem(self) -> str | None:
        try:
            with self._app.app_context():
                db_bulkhead.count_as_request()
                republish()
        except Exception as error:  # Whatever it is, what was published stands.
            return type(error).__name__
        return None


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The contents of the database; None where nothing was saved yet."""

    directory: Directory | None
    safety: Safety | None
    profile: ServiceProfile | None
    words: TextOverrides


def _wanted(session: Session) -> _Wanted:
    lines, saved = crisis.lines_to_publish(session), quick_exit.newest(session)
    profile = service_profile.newest(session)
    return _Wanted(
        Directory(lines) if lines else None,
        quick_exit.from_version(saved) if saved else None,
        service_profile.from_version(profile) if profile else None,
        rewording.in_force(session),
    )


def _written(write: Callable[[], None]) -> bool:
    try:
        write()
    except OSError as error:
        log.warning("published files could not be written", problem=type(error).__name__)
        return False
    return True
