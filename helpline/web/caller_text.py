"""What a visitor's phone shows when we call: from what really calls their region."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from helpline.current import services, settings
from helpline.domain.errors import InvalidPhoneNumber
from helpline.domain.phone_numbers import PhoneNumber
from helpline.telephony import regions
from helpline.telephony.carrier_routes import CarrierRoute
from helpline.web import formatting
from helpline.web.visitor_context import chosen_region


class CallerKind(StrEnum):
    """Whose number a visitor's phone shows."""

    OURS = "ours"
    ABROAD = "abroad"
    """One of another country, to the visitor."""
    OWN_PHONE = "own_phone"
    """That of an advisor's own phone, which may be hidden."""


@dataclass(frozen=True, slots=True)
class ShownCaller:
    """What a visitor's phone shows; ``number`` is None where it is not known before the call."""

    kind: CallerKind
    number: str | None = None


OWN_PHONE = ShownCaller(CallerKind.OWN_PHONE)


def calling_region() -> str:
    """Return the region in which a visitor is called, as far as it is known before they ask."""
    chosen = chosen_region()
    return chosen if chosen in settings().allowed_regions else settings().default_region


def shown_caller(route: CarrierRoute, region: str) -> ShownCaller:
    """Return what phones of a region show for calls by its route."""
    if not services().has_carrier:
        return OWN_PHONE
    number = route.caller_id or settings().helpline_number
    shown = formatting.shown_number(number, settings().default_region)
    if _region_of(number) != region:
        return ShownCaller(CallerKind.ABROAD, shown)
    is_hidden = regions.facts(region).local_caller_id(route.carrier).value is False
    # A simulated network shows every number.
    if is_hidden and settings().uses_real_carrier:
        return ShownCaller(CallerKind.ABROAD)
    return ShownCaller(CallerKind.OURS, shown)


def _region_of(number: str) -> str:
    try:
        return PhoneNumber(number).region
    except InvalidPhoneNumber:  # Dialled in the helpline's own country only.
        return settings().default_region
