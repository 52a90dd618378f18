"""The door: settings in, application out. ``python app.py run`` runs everything on one machine."""

from __future__ import annotations

from flask import Flask

import config
from helpline import factory


def create_app() -> Flask:
    """The application of this deployment, for ``gunicorn 'app:create_app()'`` and ``flask``."""
    return factory.create_app(config.load())


if __name__ == "__main__":
    from helpline.cli.machine import main

    main()
