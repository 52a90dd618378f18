"""Entry point of gunicorn, of ``flask`` and of the ``helpline`` command (``python app.py``)."""

from __future__ import annotations

import gc

gc.disable()  # Imported objects stay; collecting during import takes a fifth of the start.

import click  # noqa: E402
from flask import Flask  # noqa: E402
from flask.cli import ScriptInfo  # noqa: E402

import config  # noqa: E402

config.prepare_metrics_folder()  # Before anything counts.

from helpline import factory, log_config  # noqa: E402
from helpline.cli import commands, migrations  # noqa: E402
from helpline.web import key_check, republish  # noqa: E402

gc.freeze()
gc.enable()


def create_app() -> Flask:
    """Return the application, for ``gunicorn 'app:create_app()'`` and ``flask``."""
    settings = config.load()
    log_config.install(level=settings.log_level, readable=settings.environment == "development")
    app = factory.create_app(settings)
    app.cli.add_command(commands.group)
    if click.get_current_context(silent=True) is not None:  # For ``flask db``.
        migrations.install(app)
    key_check.install(app)
    republish.run_beside(app)
    return app


def main() -> None:
    """Run the ``helpline`` command: what ``flask helpline`` has, ``init`` and ``run``."""
    commands.program(obj=ScriptInfo(create_app=create_app))


if __name__ == "__main__":
    main()
