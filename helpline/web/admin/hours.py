"""Weekly opening hours, from now or from a date."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.db import db
from helpline.domain.hours_plan import HoursPlan, NotInPlan
from helpline.domain.opening_hours import DAY_NAMES, WeekVersion
from helpline.hours import queries
from helpline.web import hours_text
from helpline.web.access import ADMIN, allow
from helpline.web.admin import hours_diff, hours_preview
from helpline.web.admin.blueprint import admin
from helpline.web.admin.hours_save import save
from helpline.web.admin.week_form import WeekForm, bars_of, date_of, time_zones
from helpline.web.int_params import parse_int
from helpline.web.language import gettext as _
from helpline.web.language import locale
from helpline.web.request_context import show_zone


@dataclass(frozen=True, slots=True)
class ShownDay:
    key: str
    name: str
    intervals: list[dict[str, Any]]


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
    since = date_of(request.args.get("from", ""))
    week = next((version.week for version in plan.later if version.effective_from == since), None)
    if week is None:
        since, week = None, plan.week_on(_today(plan))
    form = WeekForm.of(week, plan.zone_name, since)
    return _editor(form, plan, saved.version if saved else 0)


@admin.post("/hours")
@allow(ADMIN)
def save_hours() -> ResponseReturnValue:
    form = WeekForm.read(request.form)
    plan = queries.plan(db.session())
    version = request.form.get("version", 0, type=parse_int)
    button = request.form.get("do", "save")
    if button != "save":
        form.press(button, request.form)
        return _editor(form, plan, version)
    week, since = form.week(), form.begins(_today(plan), plan.zone_name)
    if week is None or form.errors:
        return _editor(form, plan, version), 422
    return save(
        lambda before: _changed(before, WeekVersion(since, week), form.zone),
        action="hours_planned" if since else "hours_changed",
        back=url_for("admin.hours"),
        message=_("Saved. The new hours will apply automatically from their start date.")
        if since
        else _("Saved. The new hours apply now."),
        may_edit=True,
    )


@admin.post("/hours/later/<since>/take-back")
@allow(ADMIN)
def take_back_hours(since: str) -> ResponseReturnValue:
    day = date_of(since)
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


def _changed(before: HoursPlan, version: WeekVersion, zone: str) -> HoursPlan:
    if version.effective_from is not None:
        return before.with_later_week(version.week, version.effective_from)
    return replace(before.with_week(version.week, today=_today(before)), zone_name=zone)


def _today(plan: HoursPlan) -> date:
    return clock.now().astimezone(plan.zone).date()


def _editor(form: WeekForm, saved: HoursPlan, version: int) -> str:
    now = clock.now()
    wanted = _draft(form, saved, now)
    show_zone((wanted or saved).zone)
    return render_template(
        "admin/hours.html",
        form=form,
        week=_shown_week(form),
        zones=time_zones(),
        version=version,
        errors=form.errors,
        later=_later(saved, now),
        tomorrow=_today(saved).isoformat(),
        preview=hours_preview.preview(
            wanted or saved,
            saved,
            now,
            whole=wanted is not None,
            begins=date_of(form.since_date) if wanted and form.since == "date" else None,
        ),
    )


def _draft(form: WeekForm, saved: HoursPlan, now: datetime) -> HoursPlan | None:
    """The plan as it would be saved; None while the input cannot be parsed. Errors are shown on
    saving.
    """
    trial = WeekForm(form.typed, form.zone, form.since, form.since_date)
    week, since = trial.week(), trial.begins(_today(saved), saved.zone_name)
    if week is None or trial.errors:
        return None
    return _changed(saved, WeekVersion(since, week), form.zone).without_past(now)


def _shown_week(form: WeekForm) -> list[ShownDay]:
    names = locale().days["stand-alone"]["wide"]
    return [
        ShownDay(key, names[number], bars_of(form.typed[key]))
        for number, key in enumerate(DAY_NAMES)
    ]


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
