"""The settings and the carriers of the current application."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from flask import Flask, current_app, g

from config import Settings
from helpline.telephony.adapters import ADAPTERS
from helpline.telephony.port import Carrier, Webhooks


@dataclass(frozen=True, slots=True)
class AppServices:
    """The settings, the carriers with an account, and how each carrier's webhooks are read, by its
    name.
    """

    settings: Settings
    carriers: Mapping[str, Carrier]
    webhooks: Mapping[str, Webhooks]

    @property
    def has_carrier(self) -> bool:
        """Whether a carrier places the calls; otherwise advisors use their own phones."""
        return bool(self.carriers)


def services_of(app: Flask) -> AppServices:
    return cast(AppServices, app.extensions["helpline"])


def services() -> AppServices:
    return services_of(current_app)


def settings() -> Settings:
    return services().settings


def carrier_label(name: str) -> str:
    """Return how people know a carrier, with an account or without."""
    return ADAPTERS[name].label if name in ADAPTERS else name


def carrier_labels() -> dict[str, str]:
    """Return how people know the carriers with an account, by name."""
    return {name: carrier_label(name) for name in services().carriers}


def signer_of(url: str, form: Mapping[str, Any], headers: Mapping[str, str]) -> str | None:
    """Return the name of the carrier whose signature a webhook has; None for no valid one."""
    genuine = (
        name
        for name, webhooks in services().webhooks.items()
        if webhooks.is_genuine(url, form, headers)
    )
    return next(genuine, None)


def webhook_carrier() -> str:
    """Return the name of the carrier that sent the webhook of this request."""
    return cast(str, g.carrier)


def webhooks() -> Webhooks:
    """Return how the webhook of this request is read and answered."""
    return services().webhooks[webhook_carrier()]


def webhook_caller_id() -> str:
    """Return the number that phones show by default, of the carrier of this request's webhook."""
    carrier = services().carriers.get(webhook_carrier())
    return carrier.caller_id if carrier else ""
