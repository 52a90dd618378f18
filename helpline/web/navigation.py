"""Navigation of staff pages, by role."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_login import current_user

from helpline.web.access import ADMIN, ADVISOR, ROLES, STAFF, SUPERVISOR, audience_of
from helpline.web.language import lazy_gettext as _


@dataclass(frozen=True, slots=True)
class NavItem:
    """An entry of the navigation.

    Args:
        key: as templates name themselves with ``{% set here = "hours" %}``.
        words: its label.
        roles: who may use it.
    """

    key: str
    endpoint: str
    words: Any
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class NavGroup:
    """A group of entries; the navigation shows all groups, and the entries of one.

    Args:
        words: its label.
        rooms: its entries; the group links to the first.
    """

    words: Any
    rooms: tuple[NavItem, ...]


_ADVISORS = frozenset({ADVISOR})
_ADMINS = frozenset({ADMIN})
_SUPERVISORS = frozenset({SUPERVISOR, ADMIN})
_AT_PHONE = frozenset({ADVISOR, SUPERVISOR})

NAVIGATION = (
    NavGroup(
        _("Desk"),
        (
            NavItem("desk", "advisor.desk", _("Desk"), _ADVISORS),
            NavItem("today", "advisor.today", _("Calls of this shift"), _ADVISORS),
            NavItem("work", "advisor.own_work", _("Your shifts"), _ADVISORS),
        ),
    ),
    NavGroup(
        _("Callers"),
        (
            NavItem("callers", "callers.look_up", _("Find a request"), _AT_PHONE),
            NavItem("new_request", "callers.new_request", _("New request"), _AT_PHONE),
        ),
    ),
    NavGroup(_("Overview"), (NavItem("house", "admin.home", _("Overview"), _ADMINS),)),
    NavGroup(_("Live view"), (NavItem("floor", "floor.floor", _("Live view"), _SUPERVISORS),)),
    NavGroup(_("Reports"), (NavItem("measures", "admin.measures", _("Reports"), _SUPERVISORS),)),
    NavGroup(
        _("Hours and calls"),
        (
            NavItem("hours", "admin.hours", _("Opening hours"), _ADMINS),
            NavItem("capacity", "admin.capacity", _("Capacity"), _ADMINS),
            NavItem("callback_rules", "admin.callback_rules", _("Callbacks"), _ADMINS),
            NavItem("calls", "admin.calls", _("Calls"), _ADMINS),
            NavItem("alerts", "admin.alerts", _("Alerts"), _ADMINS),
            NavItem("outcomes", "admin.outcomes", _("Outcomes"), _ADMINS),
            NavItem("costs", "admin.costs", _("Daily budget"), _ADMINS),
            NavItem(
                "text_registration", "admin.text_registration", _("Text registration"), _ADMINS
            ),
        ),
    ),
    NavGroup(
        _("Staff and rota"),
        (
            NavItem("rota", "admin.rota_week", _("Rota"), _SUPERVISORS),
            NavItem("staff", "admin.staff", _("Staff"), _ADMINS),
        ),
    ),
    NavGroup(
        _("Content"),
        (
            NavItem("service", "admin.service", _("Service"), _ADMINS),
            NavItem("crisis", "admin.crisis_lines", _("Crisis numbers"), _ADMINS),
            NavItem("safety_facts", "admin.safety_fact_list", _("Safety facts"), _ADMINS),
            NavItem("care", "admin.care_places", _("Referrals"), frozenset({ADMIN})),
            NavItem("wordings", "admin.wordings", _("Wording"), frozenset({ADMIN})),
            NavItem("websites", "admin.website_list", _("Websites"), _ADMINS),
            NavItem("webhooks", "admin.webhook_list", _("Webhooks"), _ADMINS),
        ),
    ),
    NavGroup(
        _("Security and privacy"),
        (
            NavItem("privacy", "admin.privacy", _("Privacy"), _SUPERVISORS),
            NavItem("complaints", "admin.complaints", _("Complaints"), _ADMINS),
            NavItem("safety", "admin.safety_page", _("Safety"), _ADMINS),
            NavItem("audit", "admin.audit_log", _("Audit log"), _ADMINS),
        ),
    ),
)


def navigation_context() -> dict[str, Any]:
    """Return the navigation of a staff page; visitor pages must not need the database for it."""
    if not audience_of(request.endpoint) & {STAFF, *ROLES}:
        return {"wings": []}
    roles = {role.name for role in current_user.roles}
    return {"wings": nav_groups_for(roles), "may_shut": bool(roles & {SUPERVISOR, ADMIN})}


def nav_groups_for(roles: Collection[str]) -> list[NavGroup]:
    """Return the groups and entries for these roles."""
    open_to = (
        NavGroup(wing.words, tuple(room for room in wing.rooms if room.roles.intersection(roles)))
        for wing in NAVIGATION
    )
    return [wing for wing in open_to if wing.rooms]
