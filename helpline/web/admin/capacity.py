"""Capacity and retry policy, with a preview of the coming week."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from babel.dates import format_date
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.callbacks import policy_changes as callback_settings
from helpline.callbacks import queries as callbacks
from helpline.callbacks.policy_changes import CapacitySettings
from helpline.callbacks.rescheduling import NeedsApproval
from helpline.db import StaleVersion, db
from helpline.domain.errors import InvalidPolicy
from helpline.domain.slots import require_any_slot
from helpline.policy import queries as policy_queries
from helpline.web.access import ADMIN, allow
from helpline.web.admin.blueprint import admin
from helpline.web.admin.hours_save import agreed, ask, said_of
from helpline.web.admin.policy_forms import CapacityForm, RetryForm
from helpline.web.int_params import parse_int
from helpline.web.language import gettext as _
from helpline.web.language import locale
from helpline.web.request_context import hours_plan, opening_hours
from helpline.web.sessions import current_staff_id


@admin.get("/capacity")
@allow(ADMIN)
def capacity() -> ResponseReturnValue:
    policy = policy_queries.current(db.session())
    return _capacity_page(CapacityForm.of(policy), policy.version)


@admin.post("/capacity")
@allow(ADMIN)
def save_capacity() -> ResponseReturnValue:
    form = CapacityForm.read(request.form)
    version = request.form.get("version", 0, type=parse_int)
    wanted = form.capacity()
    if wanted is None:
        return _capacity_page(form, version), 422
    if not _offers_anything(form, wanted):
        return _capacity_page(form, version), 422
    if request.form.get("do") == "preview":
        return _capacity_page(form, version, wanted=wanted)
    try:
        settled = callback_settings.save_capacity(
            wanted,
            expected_version=version,
            admin_id=current_staff_id(),
            now=clock.now(),
            agreed=agreed(),
        )
    except NeedsApproval as in_the_way:
        return ask(in_the_way, version, url_for("admin.capacity"))
    except StaleVersion:
        newest = policy_queries.current(db.session())
        saved_form = CapacityForm.of(newest)
        return _capacity_page(form, newest.version, wanted=wanted, saved_form=saved_form), 409
    flash(said_of(_("Saved. It applies to new bookings."), settled))
    return redirect(url_for("admin.capacity"), 303)


@admin.get("/callbacks")
@allow(ADMIN)
def callback_rules() -> ResponseReturnValue:
    policy = policy_queries.current(db.session())
    return _rules_page(RetryForm.of(policy), policy.version)


@admin.post("/callbacks")
@allow(ADMIN)
def save_callback_rules() -> ResponseReturnValue:
    form = RetryForm.read(request.form)
    version = request.form.get("version", 0, type=parse_int)
    wanted = form.patience()
    if wanted is None:
        return _rules_page(form, version), 422
    try:
        callback_settings.save_retry_settings(
            wanted, expected_version=version, admin_id=current_staff_id(), now=clock.now()
        )
    except StaleVersion:
        newest = policy_queries.current(db.session())
        return _rules_page(form, newest.version, saved_form=RetryForm.of(newest)), 409
    flash(_("Saved. Your changes apply now."))
    return redirect(url_for("admin.callback_rules"), 303)


def _capacity_page(
    form: CapacityForm,
    version: int,
    *,
    wanted: CapacitySettings | None = None,
    saved_form: CapacityForm | None = None,
) -> str:
    now = clock.now()
    return render_template(
        "admin/capacity.html",
        form=form,
        version=version,
        theirs=saved_form,
        days=_places(wanted, now),
        previewed=wanted is not None,
        over=callbacks.overbooked_starts(db.session(), now),
    )


_FIELDS = {
    "lead_minutes": "slot_lead_minutes",
    "last_start_before_close_minutes": "last_start_minutes",
}


def _offers_anything(form: CapacityForm, wanted: CapacitySettings) -> bool:
    """Whether anything could be booked; else the form has the reason."""
    now = clock.now()
    try:
        require_any_slot(hours_plan().weekly_hours(now), wanted.slots, now)
    except InvalidPolicy as problem:
        form.errors[_FIELDS[problem.field]] = _(problem.message_key)
        return False
    return True


def _places(wanted: CapacitySettings | None, now: datetime) -> list[dict[str, Any]]:
    """The coming days: current capacity, and with what was typed."""
    session, hours = db.session(), opening_hours(now)
    policy = policy_queries.current(session)
    then = policy_queries.with_changes(policy, **asdict(wanted)) if wanted else policy
    before = callbacks.upcoming_capacity(session, hours, now, policy)
    after = callbacks.upcoming_capacity(session, hours, now, then) if wanted else before
    return [
        {
            "name": format_date(current.day, "EEE d MMM", locale=locale()),
            "places": current.places,
            "booked": current.booked,
            "then": other.places,
        }
        for current, other in zip(before, after, strict=True)
    ]


def _rules_page(form: RetryForm, version: int, *, saved_form: RetryForm | None = None) -> str:
    return render_template(
        "admin/callback_rules.html", form=form, version=version, theirs=saved_form
    )
