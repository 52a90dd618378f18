"""Emergency closure: closed now until a time, with a message to visitors."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.db import db
from helpline.domain.errors import InvalidHours
from helpline.domain.hours_plan import EmergencyClosure, HoursPlan
from helpline.hours import queries
from helpline.web.access import ADMIN, SUPERVISOR, allow
from helpline.web.admin import closure_message as reasons_form
from helpline.web.admin.blueprint import admin
from helpline.web.admin.closure_message import ReasonField
from helpline.web.admin.hours_save import save
from helpline.web.admin.week_form import date_of
from helpline.web.language import gettext as _
from helpline.web.request_context import hours_plan, show_zone

_SPANS = {"1h": timedelta(hours=1), "2h": timedelta(hours=2), "4h": timedelta(hours=4)}
_DAY = timedelta(days=1)


@dataclass(slots=True)
class EmergencyClosureForm:
    until: str = "today"
    day: str = ""
    time: str = ""
    reasons: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def reason_fields(self) -> list[ReasonField]:
        return reasons_form.fields(self.reasons)

    def shut(self, plan: HoursPlan, now: datetime) -> EmergencyClosure | None:
        """Return the closure, or None with ``errors`` set."""
        self.errors |= reasons_form.wrong(self.reasons)
        ends_at = self._ends_at(plan, now)
        if ends_at is None or self.errors:
            return None
        try:
            return EmergencyClosure(now, ends_at, self.reasons)
        except InvalidHours as problem:
            self.errors["until"] = _(problem.message_key)
            return None

    def _ends_at(self, plan: HoursPlan, now: datetime) -> datetime | None:
        local = now.astimezone(plan.zone)
        if self.until in _SPANS:
            return now + _SPANS[self.until]
        if self.until == "today":
            return datetime.combine(local.date() + _DAY, time(), plan.zone)
        day = date_of(self.day) if self.day else local.date()
        try:
            wall = time.fromisoformat(self.time) if self.time else None
        except ValueError:
            wall = None
        if day is None or wall is None:
            self.errors["until"] = _("Enter a time, such as 16:00, and a date if it is not today.")
            return None
        return datetime.combine(day, wall.replace(tzinfo=None), plan.zone)


@admin.get("/hours/closed-now")
@allow(ADMIN, SUPERVISOR)
def shut_now() -> ResponseReturnValue:
    shut = _shut(hours_plan())
    return _page(
        EmergencyClosureForm(reasons=dict(shut.reasons)) if shut else EmergencyClosureForm()
    )


@admin.post("/hours/closed-now")
@allow(ADMIN, SUPERVISOR)
def save_shut_now() -> ResponseReturnValue:
    now = clock.now()
    form = EmergencyClosureForm(
        request.form.get("until", ""),
        request.form.get("until-date", "").strip(),
        request.form.get("until-time", "").strip(),
        reasons_form.read(request.form),
    )
    closure = form.shut(hours_plan(), now)
    if closure is None:
        return _page(form), 422
    return save(
        lambda before: replace(before, shut=closure),
        action="closed_now",
        back=url_for("admin.shut_now"),
        message=_("The helpline is closed. Visitors see the crisis numbers first."),
        at_once=True,
    )


@admin.post("/hours/open-again")
@allow(ADMIN, SUPERVISOR)
def open_again() -> ResponseReturnValue:
    return save(
        lambda before: replace(before, shut=None),
        action="opened_again",
        back=url_for("admin.shut_now"),
        message=_("The helpline follows its opening hours again."),
    )


def _page(form: EmergencyClosureForm) -> str:
    now, saved = clock.now(), queries.newest_version(db.session())
    plan = queries.plan_of(saved)
    show_zone(plan.zone)
    hours = plan.without_past(now).opening_hours()
    return render_template(
        "admin/emergency_closure.html",
        form=form,
        version=saved.version if saved else 0,
        shut=_shut(plan),
        is_open=hours.is_open(now),
        closes_at=hours.closes_at(now),
        opens_at=hours.next_opening(now),
        today=now.astimezone(plan.zone).date().isoformat(),
    )


def _shut(plan: HoursPlan) -> EmergencyClosure | None:
    return plan.shut if plan.shut and plan.shut.ends_at > clock.now() else None
