"""The rooms of the staff's house: what stands in the navigation, and for whom."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from flask import Flask, request
from flask_login import current_user

from helpline.web.gate import ADMIN, ADVISOR, ROLES, STAFF, SUPERVISOR, audience_of
from helpline.web.language import lazy_gettext as _


@dataclass(frozen=True, slots=True)
class Room:
    """One entry of the navigation.

    Args:
        key: what a template says of itself with ``{% set here = "hours" %}``.
        endpoint: where it leads.
        words: what it is called.
        roles: who may enter.
    """

    key: str
    endpoint: str
    words: Any
    roles: frozenset[str]


ROOMS = (
    Room("desk", "advisor.desk", _("Desk"), frozenset({ADVISOR})),
    Room("floor", "floor.floor", _("Floor"), frozenset({SUPERVISOR, ADMIN})),
    Room("house", "admin.home", _("Today"), frozenset({ADMIN})),
    Room("measures", "admin.measures", _("Measures"), frozenset({SUPERVISOR, ADMIN})),
    Room("hours", "admin.hours", _("Hours"), frozenset({ADMIN})),
    Room("calls", "admin.calls", _("Calls"), frozenset({ADMIN})),
    Room("callback_rules", "admin.callback_rules", _("Callbacks"), frozenset({ADMIN})),
    Room("capacity", "admin.capacity", _("Capacity"), frozenset({ADMIN})),
    Room("rota", "admin.rota_week", _("Rota"), frozenset({SUPERVISOR, ADMIN})),
    Room("staff", "admin.staff", _("Staff"), frozenset({ADMIN})),
    Room("crisis", "admin.crisis_lines", _("Crisis numbers"), frozenset({ADMIN})),
    Room("safety", "admin.safety_page", _("Safety"), frozenset({ADMIN})),
)


def install(app: Flask) -> None:
    """Gives the pages of staff their navigation."""
    app.context_processor(_rooms)


def _rooms() -> dict[str, Any]:
    """Asked on staff pages only: a visitor page must not need the database for it."""
    if not audience_of(request.endpoint) & {STAFF, *ROLES}:
        return {"rooms": []}
    roles = {role.name for role in current_user.roles}
    return {"rooms": rooms_of(roles), "may_shut": bool(roles & {SUPERVISOR, ADMIN})}


def rooms_of(roles: Collection[str]) -> list[Room]:
    """The rooms that somebody with these roles may enter, in order."""
    return [room for room in ROOMS if room.roles.intersection(roles)]
