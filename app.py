"""Entry point of gunicorn, of ``flask`` and of the ``helpline`` command (``python app.py``)."""

from __future__ import annotations

import gc

import click
from flask import Flask
from flask.cli import ScriptInfo

import config

config.prepare_metrics_folder()  # Before anything counts.

from helpline import log_config  # noqa: E402
from helpline.cli import commands, migrations  # noqa: E402


def create_app() -> Flask:
    """Return the application, for ``gunicorn 'app:create_app()'`` and ``flask``."""
    app = _create_app()
    if click.get_current_context(silent=True) is not None:  # For ``flask db``.
        migrations.install(app)
    return app


def _create_app() -> Flask:
    gc.disable()  # Imported objects stay; collecting during import takes a fifth of the start.
    # Only now: `helpline --help` needs no pages, and `helpline run` prepares the metrics before.
    from helpline import factory  # noqa: PLC0415
    from helpline.web import key_check, republish  # noqa: PLC0415

    gc.freeze()
    gc.enable()
    settings = config.load()
    log_config.install(level=settings.log_level, readable=settings.environment == "development")
    app = factory.create_app(settings)
    app.cli.add_command(commands.group)
    key_check.install(app)
    republish.run_beside(app)
    return app


def main() -> None:
    """Run the ``helpline`` command: what ``flask helpline`` has, ``init`` and ``run``."""
    commands.program(obj=ScriptInfo(create_app=_create_app))


if __name__ == "__main__":
    main()
