"""Emergency closure: closed now until a time, with a message to visitors."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import RadioField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from helpline import clock
from helpline.db import db
from helpline.domain.errors import InvalidHours
from helpline.domain.hours_plan import EmergencyClosure, HoursPlan
from helpline.hours import queries
from helpline.web.access import ADMIN, SUPERVISOR, allow
from helpline.web.admin.blueprint import admin
from helpline.web.admin.hours_fields import date_field, message_field
from helpline.web.admin.hours_save import save
from helpline.web.forms import only_if
from helpline.web.language import gettext
from helpline.web.language import lazy_gettext as _
from helpline.web.request_context import hours_plan, show_zone

_SPANS = {"1h": timedelta(hours=1), "2h": timedelta(hours=2), "4h": timedelta(hours=4)}
_DAY = timedelta(days=1)
_MIDNIGHT, _OTHER_TIME = "today", "time"
_TIME_REQUIRED = _("Enter a time, such as 16:00, and a date if it is not today.")


def _is_other_time(form: EmergencyClosureForm) -> bool:
    return form.until.data not in (_MIDNIGHT, *_SPANS)


class EmergencyClosureForm(FlaskForm):  # type: ignore[misc]
    """Until when to close, and a message to visitors."""

    until = RadioField(
        _("How long"),
        choices=[
            SelectChoice(_MIDNIGHT, _("Until midnight tonight")),
            SelectChoice("1h", _("For 1 hour")),
            SelectChoice("2h", _("For 2 hours")),
            SelectChoice("4h", _("For 4 hours")),
            SelectChoice(_OTHER_TIME, _("Until another time")),
        ],
        default=_OTHER_TIME,
        validate_choice=False,
    )
    until_time = TimeField(
        _("Time"),
        name="until-time",
        format=["%H:%M", "%H:%M:%S"],
        invalid_value_message=_TIME_REQUIRED,
        validators=[only_if(_is_other_time), DataRequired(_TIME_REQUIRED)],
    )
    until_date = date_field(
        _("Date (if not today)"),
        _TIME_REQUIRED,
        only_if(_is_other_time),
        optional=True,
        name="until-date",
    )
    reason = message_field(_("Message to visitors"))

    def closure(self, plan: HoursPlan, now: datetime) -> EmergencyClosure:
        """Return the closure. Call only after ``validate()``.

        Raises:
            InvalidHours: it would end in the past, or too late.
        """
        return EmergencyClosure(now, self._ends_at(plan, now), self.reason.by_language)

    def _ends_at(self, plan: HoursPlan, now: datetime) -> datetime:
        today = now.astimezone(plan.zone).date()
        if self.until.data in _SPANS:
            return now + _SPANS[self.until.data]
        if self.until.data == _MIDNIGHT:
            return datetime.combine(today + _DAY, time(), plan.zone)
        return datetime.combine(self.until_date.data or today, self.until_time.data, plan.zone)


@admin.get("/hours/closed-now")
@allow(ADMIN, SUPERVISOR)
def shut_now() -> ResponseReturnValue:
    shut = _shut(hours_plan())
    return _page(EmergencyClosureForm(until=_MIDNIGHT, reason=dict(shut.reasons) if shut else {}))


@admin.post("/hours/closed-now")
@allow(ADMIN, SUPERVISOR)
def save_shut_now() -> ResponseReturnValue:
    now = clock.now()
    form = EmergencyClosureForm()
    if not form.validate():
        return _page(form), 422
    try:
        closure = form.closure(hours_plan(), now)
    except InvalidHours as problem:
        form.until.errors = [gettext(problem.message_key)]
        return _page(form), 422
    return save(
        lambda before: replace(before, shut=closure),
        action="closed_now",
        back=url_for("admin.shut_now"),
        message=gettext("The helpline is closed. Visitors see the crisis numbers first."),
        at_once=True,
    )


@admin.post("/hours/open-again")
@allow(ADMIN, SUPERVISOR)
def open_again() -> ResponseReturnValue:
    return save(
        lambda before: replace(before, shut=None),
        action="opened_again",
        back=url_for("admin.shut_now"),
        message=gettext("The helpline follows its opening hours again."),
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
