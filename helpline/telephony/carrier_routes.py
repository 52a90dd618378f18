"""Which carrier calls which region, and from which number: what an admin decides on page Calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from helpline.app_state import AppState
from helpline.db import inline_literal
from helpline.telephony.adapters import FIRST
from helpline.telephony.models import CallerId

REST = "ZZ"
"""In place of a region: all regions without a route of their own."""

_CALLER_IDS = AppState[Mapping[str, str]]("carriers", outside={})
"""The default number of each carrier with an account, by its name."""


@dataclass(frozen=True, slots=True)
class CarrierRoute:
    """The carrier of a region, by name, and the number that phones there show (E.164).

    A saved one without a number stands for the carrier's default number.
    """

    carrier: str
    caller_id: str = ""


def install(app: Flask, caller_ids: Mapping[str, str]) -> None:
    _CALLER_IDS.install(app, caller_ids)


def default_caller_ids() -> Mapping[str, str]:
    """Return the default number of each carrier with an account, by its name."""
    return _CALLER_IDS.get()


def saved_routes(session: Session) -> dict[str, CarrierRoute]:
    """Return the routes that an admin saved, by region."""
    rows = session.scalars(sa.select(CallerId).order_by(CallerId.region))
    return {row.region: CarrierRoute(row.carrier, row.number) for row in rows}


def save_routes(session: Session, routes: Mapping[str, CarrierRoute]) -> None:
    """Replace all routes. Calls and text messages under way keep their carrier."""
    session.execute(sa.delete(CallerId))
    for region, route in sorted(routes.items()):
        session.add(CallerId(region=region, carrier=route.carrier, number=route.caller_id))


def numbers_by_carrier(session: Session) -> dict[str, str]:
    """Return the numbers from which calls are made, each with its carrier."""
    saved = saved_routes(session).values()
    defaults = {number: carrier for carrier, number in default_caller_ids().items()}
    return {route.caller_id: route.carrier for route in saved if route.caller_id} | defaults


def route_for(session: Session, region: str) -> CarrierRoute:
    """Return by which carrier, and from which number, a region is called now."""
    return resolve(session.scalar(stored_route(region)), session.scalar(stored_route(REST)))


def caller_id_at(session: Session, carrier: str, region: str) -> str:
    """Return the number that phones of a region show for calls by a carrier, such as that of a call
    under way. Empty where the carrier has no account any more.
    """
    of_region, of_rest = (session.scalar(stored_route(each)) for each in (region, REST))
    numbers = (_read(stored) for stored in (of_region, of_rest) if stored)
    saved = (each.caller_id for each in numbers if each.carrier == carrier and each.caller_id)
    return next(saved, default_caller_ids().get(carrier, ""))


def stored_route(region: str | sa.SQLColumnExpression[str]) -> sa.Select[str]:
    """Return the query for the saved route of a region as text, for ``resolve``."""
    text = CallerId.carrier + inline_literal(" ") + CallerId.number
    return sa.select(text).where(CallerId.region == region)


def is_of_route(
    carrier: sa.SQLColumnExpression[str], region: sa.SQLColumnExpression[str]
) -> sa.ColumnElement[bool]:
    """Return the condition that a carrier calls a region by the saved routes, or that neither the
    region nor all others have one.
    """
    of_region, of_rest = (
        sa.select(CallerId.carrier).where(CallerId.region == each).scalar_subquery()
        for each in (region, REST)
    )
    return carrier == sa.func.coalesce(of_region, of_rest, carrier)


def resolve(of_region: str | None, of_rest: str | None) -> CarrierRoute:
    """Return the route in force, from texts of ``stored_route``; see ``choose``."""
    return choose(*(_read(stored) if stored else None for stored in (of_region, of_rest)))


def choose(of_region: CarrierRoute | None, of_rest: CarrierRoute | None) -> CarrierRoute:
    """Return the route in force: the region's, else that of all other regions, else the first
    carrier with an account. One to a carrier without an account is ignored.
    """
    defaults = default_caller_ids()
    for route in (of_region, of_rest):
        if route is not None and route.carrier in defaults:
            return CarrierRoute(route.carrier, route.caller_id or defaults[route.carrier])
    carrier = next(iter(defaults), FIRST)
    return CarrierRoute(carrier, defaults.get(carrier, ""))


def _read(stored: str) -> CarrierRoute:
    carrier, _space, number = stored.partition(" ")
    return CarrierRoute(carrier, number)
