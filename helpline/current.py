"""What belongs to one running application: its settings, and its carrier if it has one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app

from config import Settings
from helpline.telephony.carrier import Carrier


@dataclass(frozen=True, slots=True)
class AppServices:
    """The settings, and the carrier if there is one."""

    settings: Settings
    carrier: Carrier | None


def services() -> AppServices:
    """The house of the current application."""
    return cast(AppServices, current_app.extensions["helpline"])


def settings() -> Settings:
    """The settings of the current application."""
    return services().settings
