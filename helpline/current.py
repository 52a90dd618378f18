"""The settings and the carrier of the current application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app

from config import Settings
from helpline.telephony.port import Carrier, Webhooks


@dataclass(frozen=True, slots=True)
class AppServices:
    """The settings, the carrier if there is one, and how a carrier's webhooks are read."""

    settings: Settings
    carrier: Carrier | None
    webhooks: Webhooks | None


def services_of(app: Flask) -> AppServices:
    return cast(AppServices, app.extensions["helpline"])


def services() -> AppServices:
    return services_of(current_app)


def settings() -> Settings:
    return services().settings


def webhooks() -> Webhooks:
    """Return how webhooks are read.

    Raises:
        LookupError: the package of no carrier is installed.
    """
    adapter = services().webhooks
    if adapter is None:
        raise LookupError("no carrier's package is installed; see docs/running.md")
    return adapter
