"""Web and worker in one process, which takes half the memory: for a small line."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType

import click
from flask import Flask
from waitress.server import create_server

from helpline.cli import set_up, worker
from helpline.current import services_of
from helpline.db import db
from helpline.web import db_bulkhead, pages
from helpline.worker.schedule import WorkerScheduler

_MAX_CONNECTIONS = 500
_MAX_BODY_BYTES = 1024 * 1024
"""What is read before the application refuses more than it takes."""
_GRACE_SECONDS = 10


def run(create_app: Callable[[], Flask], *, port: int) -> None:
    """Set up, then run the web and a worker until a signal ends this process.

    Raises:
        click.ClickException: the worker stopped by itself.
    """
    app = create_app()
    is_set_up = set_up.in_fork(app, set_up.set_up_if_available)
    pages.prepare_to_serve(app)
    server = create_server(
        app,
        host="127.0.0.1",
        port=port,
        threads=db_bulkhead.THREADS,
        connection_limit=_MAX_CONNECTIONS,
        max_request_body_size=_MAX_BODY_BYTES,
        asyncore_use_poll=True,
        clear_untrusted_proxy_headers=False,  # The application itself counts its proxies.
        ident=None,
    )
    # An application of its own: the web's connections to the database are not the worker's.
    jobs = _Worker(create_app(), is_set_up=is_set_up)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    jobs.start()
    click.echo(f"Visitors  {services_of(app).settings.public_url}/")
    server.run()  # Returns at a signal.
    jobs.stop()
    if jobs.has_failed:
        raise click.ClickException("The worker stopped unexpectedly, so everything was stopped.")
    click.echo("Everything stopped.")


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit


class _Worker(threading.Thread):
    """The worker's jobs, once the database answers."""

    def __init__(self, app: Flask, *, is_set_up: bool) -> None:
        super().__init__(name="worker", daemon=True)
        self._app, self._is_set_up = app, is_set_up
        self._scheduler: WorkerScheduler | None = None
        self.has_failed = False

    def run(self) -> None:
        try:
            if not self._is_set_up:
                with self._app.app_context():
                    set_up.wait_for_database()
                    set_up.set_up()
                    db.session.remove()
            self._scheduler = worker.build_scheduler(self._app)
            self._scheduler.start()
        except BaseException:
            self.has_failed = True
            os.kill(os.getpid(), signal.SIGTERM)
            raise

    def stop(self) -> None:
        """End the jobs; one that is running is finished."""
        if self._scheduler is not None and self._scheduler.running:
            self._scheduler.shutdown(wait=False)
            self.join(_GRACE_SECONDS)
