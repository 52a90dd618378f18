"""Entry point of gunicorn, of ``flask`` and of the ``helpline`` command (``python app.py``).

The service is imported when it is created: ``helpline --help`` needs none of it.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask
from flask.cli import ScriptInfo

from helpline.cli import commands


def create_app() -> Flask:
    """Return the application, for ``gunicorn 'app:create_app()'`` and ``flask``."""
    app = create_command_app()
    context = click.get_current_context(silent=True)
    if context is not None and context.parent is None:  # ``flask`` looks for one of our commands.
        return app
    with _importing():
        from helpline.web import pages  # noqa: PLC0415
    pages.prepare_to_serve(app)
    return app


def create_command_app() -> Flask:
    """Return the application for commands: without pages, which few of them need."""
    with _importing():
        import config  # noqa: PLC0415

        config.prepare_metrics_folder()  # Before anything counts.
        from helpline import factory, log_config  # noqa: PLC0415
        from helpline.cli import migrations  # noqa: PLC0415
    settings = config.load()
    log_config.install(level=settings.log_level, readable=settings.environment == "development")
    app = factory.create_base_app(settings)
    app.cli.add_command(commands.group)
    app.cli.add_command(migrations.command)
    return app


@contextmanager
def _importing() -> Iterator[None]:
    """Collect no garbage: what is imported stays, and collecting takes a fifth of the time."""
    gc.disable()
    yield
    gc.freeze()
    gc.enable()


def main() -> None:
    """Run the ``helpline`` command: what ``flask helpline`` has, ``init`` and ``run``."""
    commands.program(obj=ScriptInfo(create_app=create_command_app))


if __name__ == "__main__":
    main()
