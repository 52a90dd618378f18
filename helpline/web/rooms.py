"""The rooms of the staff's house, in wings: what stands in the navigation, and for whom."""

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


@dataclass(frozen=True, slots=True)
class Wing:
    """Rooms that belong together. The navigation shows the wings, and the rooms of one of them.

    Args:
        words: what it is called.
        rooms: in order; the first is where the wing's own link leads.
    """

    words: Any
    rooms: tuple[Room, ...]


_ADVISORS = frozenset({ADVISOR})
_ADMINS = frozenset({ADMIN})
_SUPERVISORS = frozenset({SUPERVISOR, ADMIN})

HOUSE = (
    Wing(
        _("Desk"),
        (
            Room("desk", "advisor.desk", _("Desk"), _ADVISORS),
            Room("work", "advisor.own_work", _("Your shifts"), _ADVISORS),
        ),
    ),
    Wing(_("Overview"), (Room("house", "admin.home", _("Overview"), _ADMINS),)),
    Wing(_("Live view"), (Room("floor", "floor.floor", _("Live view"), _SUPERVISORS),)),
    Wing(_("Reports"), (Room("measures", "admin.measures", _("Reports"), _SUPERVISORS),)),
    Wing(
        _("Hours and calls"),
        (
            Room("hours", "admin.hours", _("Opening hours"), _ADMINS),
            Room("capacity", "admin.capacity", _("Capacity"), _ADMINS),
            Room("callback_rules", "admin.callback_rules", _("Callbacks"), _ADMINS),
            Room("calls", "admin.calls", _("Calls"), _ADMINS),
            Room("costs", "admin.costs", _("Daily budget"), _ADMINS),
        ),
    ),
    Wing(
        _("Staff and rota"),
        (
            Room("rota", "admin.rota_week", _("Rota"), _SUPERVISORS),
            Room("staff", "admin.staff", _("Staff"), _ADMINS),
        ),
    ),
    Wing(
        _("Content"),
        (
            Room("crisis", "admin.crisis_lines", _("Crisis numbers"), _ADMINS),
            Room("safety_facts", "admin.safety_fact_list", _("Safety facts"), _ADMINS),
            Room("care", "admin.care_places", _("Referrals"), frozenset({ADMIN})),
            Room("wordings", "admin.wordings", _("Wording"), frozenset({ADMIN})),
            Room("websites", "admin.website_list", _("Websites"), _ADMINS),
        ),
    ),
    Wing(
        _("Security and privacy"),
        (
            Room("privacy", "admin.privacy", _("Privacy"), _SUPERVISORS),
            Room("safety", "admin.safety_page", _("Safety"), _ADMINS),
            Room("audit", "admin.audit_log", _("Audit log"), _ADMINS),
        ),
    ),
)


def install(app: Flask) -> None:
    """Gives the pages of staff their navigation."""
    app.context_processor(_rooms)


def _rooms() -> dict[str, Any]:
    """Asked on staff pages only: a visitor page must not need the database for it."""
    if not audience_of(request.endpoint) & {STAFF, *ROLES}:
        return {"wings": []}
    roles = {role.name for role in current_user.roles}
    return {"wings": wings_of(roles), "may_shut": bool(roles & {SUPERVISOR, ADMIN})}


def wings_of(roles: Collection[str]) -> list[Wing]:
    """What somebody with these roles may enter: the wings, each with those rooms, in order."""
    open_to = (
        Wing(wing.words, tuple(room for room in wing.rooms if room.roles.intersection(roles)))
        for wing in HOUSE
    )
    return [wing for wing in open_to if wing.rooms]
