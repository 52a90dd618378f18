"""The door: settings in, application out. ``python app.py run`` runs everything on one machine."""

from __future__ import annotations

from flask import Flask

import config

config.prepare_metrics_folder()  # Before anything counts.

from helpline import factory, logs  # noqa: E402
from helpline.web import key_gate, republish  # noqa: E402


def create_app() -> Flask:
    """The application of this deployment, for ``gunicorn 'app:create_app()'`` and ``flask``."""
    settings = config.load()
    logs.install(level=settings.log_level, readable=settings.environment == "development")
    app = factory.create_app(settings)
    key_gate.install(app)
    republish.run_beside(app)
    return app


if __name__ == "__main__":
    from helpline.cli.machine import main

    main()
