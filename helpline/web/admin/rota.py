"""The rota, and where opening hours are not covered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms import Field

from helpline import clock
from helpline.db import StaleVersion, db
from helpline.domain.opening_hours import Interval, OpeningHours, Period
from helpline.domain.rota import ShiftsOverlap, cover
from helpline.staff.errors import AlreadyOff
from helpline.staff.models import Staff
from helpline.staff.rota import queries
from helpline.staff.rota import service as rota
from helpline.staff.rota.models import ShiftException
from helpline.staff.rota.queries import RotaAdvisor
from helpline.web import formatting
from helpline.web.access import ADMIN, SUPERVISOR, allow
from helpline.web.admin.blueprint import admin
from helpline.web.admin.hours_fields import parse_date
from helpline.web.admin.rota_form import ShiftExceptionForm, ShiftForm
from helpline.web.forms import posted_version
from helpline.web.language import gettext as _
from helpline.web.language import locale
from helpline.web.request_context import opening_hours, profile
from helpline.web.sessions import current_staff_id

_DAY = timedelta(days=1)
_WEEK = 7 * _DAY


@admin.get("/rota")
@allow(SUPERVISOR, ADMIN)
def rota_week() -> ResponseReturnValue:
    hours = opening_hours()
    first = _monday(hours.zone)
    people = queries.members(db.session())
    days = [_shown_day(first + number * _DAY, hours, people) for number in range(7)]
    return render_template(
        "admin/rota.html",
        days=days,
        title=_week_words(first),
        before=(first - _WEEK).isoformat(),
        after=(first + _WEEK).isoformat(),
        is_this_week=first <= clock.now().astimezone(hours.zone).date() < first + _WEEK,
        people=[_summed(person, first, hours.zone) for person in people],
        any_shifts=any(person.rota.shifts or person.rota.extras for person in people),
        gaps=sum(len(day["nobody"]) for day in days),
        may_change=current_user.has_role(ADMIN),
    )


@admin.get("/rota/<int:staff_id>")
@allow(ADMIN)
def rota_member(staff_id: int) -> ResponseReturnValue:
    return _member_page(staff_id)


@admin.post("/rota/<int:staff_id>/shifts")
@allow(ADMIN)
def add_shifts(staff_id: int) -> ResponseReturnValue:
    form = ShiftForm()
    if not form.validate():
        return _member_page(staff_id, form), 422
    shifts = form.shifts()
    return _change(
        staff_id,
        lambda version, now: rota.add_shifts(
            staff_id, shifts, expected_version=version, admin_id=current_staff_id(), now=now
        ),
        form=form,
        field=form.opens,
    )


@admin.post("/rota/<int:staff_id>/shifts/<int:shift_id>/end")
@allow(ADMIN)
def end_shift(staff_id: int, shift_id: int) -> ResponseReturnValue:
    last = parse_date(request.form.get("last_day", ""))
    if last is None:
        flash(_("Enter the last date of the shift, such as 2026-11-23."), "warning")
        return redirect(url_for("admin.rota_member", staff_id=staff_id), 303)
    return _change(
        staff_id,
        lambda version, now: rota.end_shift(
            shift_id, staff_id, last, expected_version=version, admin_id=current_staff_id(), now=now
        ),
    )


@admin.post("/rota/<int:staff_id>/exceptions")
@allow(ADMIN)
def add_shift_exception(staff_id: int) -> ResponseReturnValue:
    form = ShiftExceptionForm()
    if not form.validate():
        return _member_page(staff_id, exception=form), 422
    first, last = form.day.data, form.until.data or form.day.data

    def add(version: int, now: datetime) -> None:
        by: dict[str, Any] = {"expected_version": version, "admin_id": current_staff_id()}
        if form.is_extra:
            rota.add_extra(staff_id, first, form.extra, **by, now=now)
        else:
            rota.add_day_off(staff_id, first, last, **by, now=now)

    field = form.extra_opens if form.is_extra else form.day
    return _change(staff_id, add, exception=form, field=field)


@admin.post("/rota/<int:staff_id>/exceptions/<int:exception_id>/remove")
@allow(ADMIN)
def remove_shift_exception(staff_id: int, exception_id: int) -> ResponseReturnValue:
    return _change(
        staff_id,
        lambda version, now: rota.remove_exception(
            exception_id, staff_id, expected_version=version, admin_id=current_staff_id(), now=now
        ),
    )


def _change(
    staff_id: int,
    action: Callable[[int, datetime], None],
    *,
    form: ShiftForm | None = None,
    exception: ShiftExceptionForm | None = None,
    field: Field | None = None,
) -> ResponseReturnValue:
    """Apply a change; on a conflict show the page again with the input and the reason.

    Args:
        field: where the reason is shown; without a form it is a message on the page.
    """
    try:
        action(posted_version(), clock.now())
    except StaleVersion:
        return _member_page(staff_id, form, exception, conflict=True), 409
    except ShiftsOverlap as clash:
        problem = _overlap_words(clash)
    except AlreadyOff:
        problem = _("This is already a day off.")
    else:
        flash(_("Saved. It applies to new bookings."))
        return redirect(url_for("admin.rota_member", staff_id=staff_id), 303)
    if field is None:
        flash(problem, "warning")
        return redirect(url_for("admin.rota_member", staff_id=staff_id), 303)
    field.errors = [problem]
    return _member_page(staff_id, form, exception), 422


def _overlap_words(clash: ShiftsOverlap) -> str:
    return _(
        "This overlaps a shift from %(opens)s to %(closes)s around %(day)s. Change the "
        "times. Shifts of one person must not overlap.",
        opens=clash.interval.opens,
        closes=clash.interval.closes,
        day=_date_words(clash.day),
    )


def _member_page(
    staff_id: int,
    form: ShiftForm | None = None,
    exception: ShiftExceptionForm | None = None,
    *,
    conflict: bool = False,
) -> str:
    session = db.session()
    today = clock.now().astimezone(opening_hours().zone).date()
    member = session.get_one(Staff, staff_id)
    names = locale().days["stand-alone"]["wide"]
    exceptions = queries.exceptions_of(session, staff_id)
    return render_template(
        "admin/rota_member.html",
        member=member,
        version=queries.version_of(session, staff_id),
        shifts=[
            {
                "id": row.id,
                "day": names[row.weekday],
                "hours": queries.shift_of(row).interval,
                "first": _date_words(row.valid_from),
                "last": row.valid_until and _date_words(row.valid_until),
            }
            for row in queries.shifts_of(session, staff_id)
            if row.valid_until is None or row.valid_until >= today
        ],
        exceptions=[
            {
                "id": row.id,
                "day": _date_words(row.day),
                "hours": _extra_words(row),
            }
            for row in exceptions
            if row.day >= today - _DAY
        ],
        today=today.isoformat(),
        form=form or ShiftForm(None, first=today),
        exception=exception or ShiftExceptionForm(None),
        conflict=conflict,
    )


def _extra_words(exception: ShiftException) -> str | None:
    if exception.start_minute is None or exception.end_minute is None:
        return None
    return str(Interval(exception.start_minute, exception.end_minute))


def _shown_day(on: date, hours: OpeningHours, people: Iterable[RotaAdvisor]) -> dict[str, Any]:
    people = list(people)
    start, end = _midnight(on, hours.zone), _midnight(on + _DAY, hours.zone)
    opened = [_cut(each, start, end) for each in hours.periods(start, end)]
    at_work = {each.id: each.rota.at_work(hours.zone, start, end) for each in people}
    spoken = {each.id: each.languages for each in people}
    coverage = cover(opened, at_work, spoken, profile().spoken_languages)
    names = {each.id: each.name for each in people}
    return {
        "date": on.isoformat(),
        "name": format_date(on, "EEEE", locale=locale()),
        "short": format_date(on, "d MMM", locale=locale()),
        "is_today": clock.now().astimezone(hours.zone).date() == on,
        "open": [_span(each, hours.zone) for each in opened],
        "bars": [_bar(each, start) for each in opened],
        "gap_bars": [_bar(each, start) for each in coverage.nobody],
        "nobody": [_span(each, hours.zone) for each in coverage.nobody],
        "without": [
            (formatting.language_name(code), [_span(each, hours.zone) for each in periods])
            for code, periods in coverage.without.items()
        ],
        "outside": [
            (names[who], [_span(each, hours.zone) for each in periods])
            for who, periods in coverage.outside.items()
        ],
        "shifts": sorted(
            (each.start, str(each), person.name)
            for person in people
            for each in person.rota.starting_on(on)
        ),
        "off": [
            person.name
            for person in people
            if on in person.rota.days_off and any(s.begins_on(on) for s in person.rota.shifts)
        ],
    }


def _summed(person: RotaAdvisor, first: date, zone: ZoneInfo) -> dict[str, Any]:
    start, end = _midnight(first, zone), _midnight(first + _WEEK, zone)
    worked = sum((period.length for period in person.rota.at_work(zone, start, end)), timedelta())
    hours = worked / timedelta(hours=1)
    return {
        "id": person.id,
        "name": person.name,
        "languages": person.languages,
        "hours": f"{hours:.1f}".removesuffix(".0"),
    }


def _monday(zone: ZoneInfo) -> date:
    """The Monday of the requested week, else of this one."""
    try:
        asked = date.fromisoformat(request.args.get("week", ""))
    except ValueError:
        asked = clock.now().astimezone(zone).date()
    asked = min(max(asked, date(2000, 1, 8)), date(2100, 1, 1))
    return asked - asked.weekday() * _DAY


def _cut(period: Period, start: datetime, end: datetime) -> Period:
    return Period(max(period.opens_at, start), min(period.closes_at, end))


def _bar(period: Period, midnight: datetime) -> tuple[int, int]:
    minute = timedelta(minutes=1)
    return (period.opens_at - midnight) // minute, period.length // minute


def _span(period: Period, zone: ZoneInfo) -> str:
    opens, closes = (at.astimezone(zone) for at in (period.opens_at, period.closes_at))
    ends = "24:00" if closes.time() == time() else f"{closes:%H:%M}"
    return f"{opens:%H:%M}-{ends}"


def _midnight(on: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, time(), zone)


def _week_words(first: date) -> str:
    last = first + 6 * _DAY
    return _("%(first)s to %(last)s", first=_date_words(first), last=_date_words(last))


def _date_words(on: date) -> str:
    return str(format_date(on, "EEE d MMM y", locale=locale()))
