"""Which carrier calls which region, and from which number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask
from sqlalchemy.orm import Session

from helpline.app_state import AppState
from helpline.telephony import carrier_limits
from helpline.telephony.adapters import FIRST

_CALLER_IDS = AppState[Mapping[str, str]]("carriers", outside={})
"""The default number of each carrier with an account, by its name."""


@dataclass(frozen=True, slots=True)
class CarrierRoute:
    """The carrier of a region, by name, and the number that phones there show (E.164)."""

    carrier: str
    caller_id: str


def install(app: Flask, caller_ids: Mapping[str, str]) -> None:
    _CALLER_IDS.install(app, caller_ids)


def route_for(session: Session, region: str) -> CarrierRoute:
    """Return by which carrier, and from which number, a region is called now."""
    carrier = next(iter(_CALLER_IDS.get()), FIRST)
    return CarrierRoute(carrier, caller_id_at(session, carrier, region))


def caller_id_at(session: Session, carrier: str, region: str) -> str:
    """Return the number that phones of a region show for calls by a carrier, which may be that of
    a call under way. Empty where the carrier has no account any more.
    """
    default = _CALLER_IDS.get().get(carrier, "")
    return carrier_limits.caller_id_for(session, region) or default
