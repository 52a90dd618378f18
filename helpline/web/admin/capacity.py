"""Capacity and callback rules, with a preview of the coming week."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from babel.dates import format_date
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.callbacks import change_capacity
from helpline.callbacks import queries as callbacks
from helpline.callbacks.rescheduling import NeedsApproval
from helpline.current import settings
from helpline.db import StaleVersion, db
from helpline.domain.errors import InvalidPolicy
from helpline.domain.slots import require_any_slot
from helpline.policy import queries as policy_queries
from helpline.policy import service as policy_service
from helpline.policy.models import ServicePolicy
from helpline.policy.numbers import CALLBACKS
from helpline.telephony import regions
from helpline.web.access import ADMIN, allow
from helpline.web.admin.blueprint import admin
from helpline.web.admin.hours_save import agreed, ask, said_of
from helpline.web.admin.policy_forms import CallbackRulesForm, CapacityForm
from helpline.web.forms import conflict_page
from helpline.web.language import gettext as _
from helpline.web.language import locale
from helpline.web.preflight_text import region_name
from helpline.web.request_context import hours_plan, opening_hours
from helpline.web.sessions import current_staff_id


@admin.get("/capacity")
@allow(ADMIN)
def capacity() -> ResponseReturnValue:
    return _capacity_page(CapacityForm.of(policy_queries.current(db.session())))


@admin.post("/capacity")
@allow(ADMIN)
def save_capacity() -> ResponseReturnValue:
    form = CapacityForm()
    if not form.validate() or not _offers_anything(form):
        return _capacity_page(form), 422
    if request.form.get("do") == "preview":
        return _capacity_page(form, preview=True)
    try:
        outcome = change_capacity.save_capacity(
            form.values(),
            expected_version=form.version.data,
            admin_id=current_staff_id(),
            now=clock.now(),
            agreed=agreed(),
        )
    except NeedsApproval as affected:
        return ask(affected, form.version.data, url_for("admin.capacity"))
    except StaleVersion:
        newest = CapacityForm.of(policy_queries.current(db.session()))
        return conflict_page(form, newest, partial(_capacity_page, preview=True))
    flash(said_of(_("Saved. It applies to new bookings."), outcome))
    return redirect(url_for("admin.capacity"), 303)


@admin.get("/callbacks")
@allow(ADMIN)
def callback_rules() -> ResponseReturnValue:
    return _rules_page(CallbackRulesForm.of(policy_queries.current(db.session())))


@admin.post("/callbacks")
@allow(ADMIN)
def save_callback_rules() -> ResponseReturnValue:
    form = CallbackRulesForm()
    if not form.validate():
        return _rules_page(form), 422
    try:
        policy_service.save(
            CALLBACKS,
            form.values(),
            expected_version=form.version.data,
            admin_id=current_staff_id(),
            now=clock.now(),
        )
    except StaleVersion:
        newest = CallbackRulesForm.of(policy_queries.current(db.session()))
        return conflict_page(form, newest, _rules_page)
    flash(_("Saved. Your changes apply now."))
    return redirect(url_for("admin.callback_rules"), 303)


def _capacity_page(form: CapacityForm, *, preview: bool = False) -> str:
    now = clock.now()
    return render_template(
        "admin/capacity.html",
        form=form,
        days=_upcoming_days(_policy_with(form) if preview else None, now),
        previewed=preview,
        over=callbacks.overbooked_starts(db.session(), now),
    )


_FIELDS = {
    "lead_minutes": "slot_lead_minutes",
    "last_start_before_close_minutes": "last_start_minutes",
}


def _policy_with(form: CapacityForm) -> ServicePolicy:
    """The policy as it would be, not saved."""
    return policy_queries.with_changes(policy_queries.current(db.session()), **form.values())


def _offers_anything(form: CapacityForm) -> bool:
    """Whether anything could be booked; else the form has the reason."""
    now, slots = clock.now(), policy_queries.slot_policy(_policy_with(form))
    try:
        require_any_slot(hours_plan().weekly_hours(now), slots, now)
    except InvalidPolicy as problem:
        form[_FIELDS[problem.field]].errors = [_(problem.message_key)]
        return False
    return True


def _upcoming_days(changed: ServicePolicy | None, now: datetime) -> list[dict[str, Any]]:
    """The coming days: current capacity, and with what was typed."""
    session, hours = db.session(), opening_hours(now)
    before = callbacks.upcoming_capacity(session, hours, now, policy_queries.current(session))
    after = callbacks.upcoming_capacity(session, hours, now, changed) if changed else before
    return [
        {
            "name": format_date(current.day, "EEE d MMM", locale=locale()),
            "places": current.places,
            "booked": current.booked,
            "then": other.places,
        }
        for current, other in zip(before, after, strict=True)
    ]


def _rules_page(form: CallbackRulesForm) -> str:
    facts = {region: regions.facts(region).calling_hours for region in settings().allowed_regions}
    return render_template(
        "admin/callback_rules.html",
        form=form,
        calling_hours=[
            (region_name(region), str(fact.value), fact)
            for region, fact in facts.items()
            if fact.value is not None
        ],
    )
