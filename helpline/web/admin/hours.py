"""Weekly opening hours, from now or from a date."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.db import db
from helpline.domain.hours_plan import HoursPlan, NotInPlan
from helpline.hours import queries
from helpline.web import hours_text
from helpline.web.access import ADMIN, allow
from helpline.web.admin import hours_diff, hours_preview
from helpline.web.admin.blueprint import admin
from helpline.web.admin.hours_fields import parse_date
from helpline.web.admin.hours_save import save
from helpline.web.admin.week_form import WeekForm
from helpline.web.forms import unsubmitted
from helpline.web.language import gettext as _
from helpline.web.request_context import show_zone


@dataclass(frozen=True, slots=True)
class ShownWeek:
    since: str
    day_words: str
    words: str


@admin.get("/hours")
@allow(ADMIN)
def hours() -> ResponseReturnValue:
    """Show the weekly hours; with ``?from=`` those that begin on that date."""
    saved = queries.newest_version(db.session())
    plan = queries.plan_of(saved).without_past(clock.now())
    since = parse_date(request.args.get("from", ""))
    week = next((version.week for version in plan.later if version.effective_from == since), None)
    if week is None:
        since, week = None, plan.week_on(_today(plan))
    version = saved.version if saved else 0
    return _editor(WeekForm.of(plan, version, week, since), plan)


@admin.post("/hours")
@allow(ADMIN)
def save_hours() -> ResponseReturnValue:
    plan = queries.plan(db.session())
    form = WeekForm(plan)
    button = request.form.get("do", "save")
    if button != "save":
        form.press(button)
        return _editor(form, plan)
    if not form.validate():
        return _editor(form, plan), 422
    return save(
        lambda before: _changed(before, form),
        action="hours_planned" if form.is_scheduled else "hours_changed",
        back=url_for("admin.hours"),
        message=_("Saved. The new hours will apply automatically from their start date.")
        if form.is_scheduled
        else _("Saved. The new hours apply now."),
        may_edit=True,
    )


@admin.post("/hours/later/<since>/take-back")
@allow(ADMIN)
def take_back_hours(since: str) -> ResponseReturnValue:
    day = parse_date(since)
    if day is None:
        abort(404)
    try:
        return save(
            lambda before: before.without_later_week(day),
            action="hours_taken_back",
            back=url_for("admin.hours"),
            message=_("Scheduled hours removed. The earlier hours continue."),
        )
    except NotInPlan:
        abort(404)


def _changed(before: HoursPlan, form: WeekForm) -> HoursPlan:
    if form.starts_on is not None:
        return before.with_later_week(form.week(), form.starts_on)
    return replace(before.with_week(form.week(), today=_today(before)), zone_name=form.zone.data)


def _today(plan: HoursPlan) -> date:
    return clock.now().astimezone(plan.zone).date()


def _editor(form: WeekForm, saved: HoursPlan) -> str:
    now = clock.now()
    wanted = _draft(form, saved, now)
    show_zone((wanted or saved).zone)
    return render_template(
        "admin/hours.html",
        form=form,
        version=form.version.data,
        later=_later(saved, now),
        tomorrow=_today(saved).isoformat(),
        preview=hours_preview.preview(
            wanted or saved,
            saved,
            now,
            whole=wanted is not None,
            begins=form.starts_on if wanted else None,
        ),
    )


def _draft(form: WeekForm, saved: HoursPlan, now: datetime) -> HoursPlan | None:
    """The plan as it would be saved; None while the form has errors, which are shown on saving."""
    copy = WeekForm(saved, **unsubmitted(form))
    return _changed(saved, copy).without_past(now) if copy.validate() else None


def _later(plan: HoursPlan, now: datetime) -> list[ShownWeek]:
    today = now.astimezone(plan.zone).date()
    return [
        ShownWeek(
            version.effective_from.isoformat(),
            hours_text.date_words(version.effective_from, today),
            hours_diff.week(version.week),
        )
        for version in plan.later
        if version.effective_from is not None and version.effective_from > today
    ]
