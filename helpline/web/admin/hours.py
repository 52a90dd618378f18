"""The opening hours, to be changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from helpline import clock
from helpline.accounts.models import Staff
from helpline.db import db
from helpline.domain.errors import InvalidHours
from helpline.domain.opening_hours import Interval, Week
from helpline.hours import service as hours_service
from helpline.hours.models import WeekSave
from helpline.web.admin.blueprint import admin
from helpline.web.admin.preview import preview_of, saved_week
from helpline.web.admin.week_form import DAYS, MOST_INTERVALS, WeekForm
from helpline.web.gate import ADMIN, audience
from helpline.web.here import opening_hours
from helpline.web.language import gettext as _
from helpline.web.language import locale


@dataclass(frozen=True, slots=True)
class ShownDay:
    """A day of the week editor."""

    key: str
    name: str
    intervals: list[dict[str, Any]]


@admin.get("/hours")
@audience(ADMIN)
def hours() -> ResponseReturnValue:
    """The weekly hours, to be changed."""
    saved = saved_week()
    return _editor(WeekForm.of(Week.from_data(saved.week)), saved.time_zone, saved.version)


@admin.post("/hours")
@audience(ADMIN)
def save_hours() -> ResponseReturnValue:
    """Puts new weekly hours in force. On an error everything typed is kept."""
    form = WeekForm.read(request.form)
    zone = request.form.get("zone", "")
    version = request.form.get("version", 0, type=int)
    week = form.week()
    if week is None:
        return _editor(form, zone, version), 422
    try:
        hours_service.save_week(
            week, zone, based_on=version, admin_id=int(current_user.id), now=clock.now()
        )
    except hours_service.UnknownTimeZone:
        form.errors["zone"] = _("Choose one of the time zones of the list.")
        return _editor(form, zone, version), 422
    except hours_service.SavedMeanwhile:
        saved = saved_week()
        return _editor(form, zone, saved.version, conflict=saved), 409
    flash(_("Saved. The new hours are in force now."))
    return redirect(url_for("admin.hours"), 303)


def _editor(form: WeekForm, zone: str, version: int, conflict: WeekSave | None = None) -> str:
    return render_template(
        "admin/hours.html",
        week=_shown_week(form),
        zone=zone,
        zones=sorted(available_timezones()),
        rows=MOST_INTERVALS,
        version=version,
        errors=form.errors,
        preview=preview_of(opening_hours()),
        conflict=_conflict(conflict) if conflict else None,
    )


def _shown_week(form: WeekForm) -> list[ShownDay]:
    names = locale().days["stand-alone"]["wide"]
    return [ShownDay(key, names[number], _bars(form, key)) for number, key in enumerate(DAYS)]


def _bars(form: WeekForm, key: str) -> list[dict[str, Any]]:
    """Each interval as typed, and where it lies on the ruler if that can be read."""
    bars: list[dict[str, Any]] = []
    for opens, closes in form.typed[key]:
        bar: dict[str, Any] = {"opens": opens, "closes": closes, "start": None, "end": None}
        try:
            interval = Interval.parse(opens, closes)
            bar |= {"start": interval.start, "end": interval.end}
        except InvalidHours:
            pass
        bars.append(bar)
    return bars


def _conflict(saved: WeekSave) -> dict[str, Any]:
    who = db.session().get(Staff, saved.saved_by) if saved.saved_by else None
    return {
        "by": who.name if who else _("the set-up"),
        "at": saved.saved_at,
        "week": _shown_week(WeekForm.of(Week.from_data(saved.week))),
        "zone": saved.time_zone,
    }
