"""Prepares a deployment in a process of its own, as an operator would: set up, then add staff."""

from __future__ import annotations

import config
from helpline import factory
from helpline.cli import commands
from tests.cast import STAFF


def main() -> None:
    """Everything a house needs before its doors open."""
    with factory.create_app(config.load()).app_context():
        commands.set_up()
        for member in STAFF:
            commands.add_staff(
                member.name,
                member.email,
                member.roles,
                member.phone,
                member.languages,
                member.password,
            )


if __name__ == "__main__":
    main()
