"""Exceptions and public holidays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.current import settings
from helpline.db import db
from helpline.domain.hours_plan import DateTaken, HoursException, HoursPlan, NotInPlan
from helpline.hours import public_holidays, queries
from helpline.hours.public_holidays import PublicHoliday
from helpline.web import hours_text
from helpline.web.access import ADMIN, allow
from helpline.web.admin import holiday_text, hours_preview
from helpline.web.admin.blueprint import admin
from helpline.web.admin.exception_form import ExceptionForm
from helpline.web.admin.holidays_form import HolidaysForm
from helpline.web.admin.hours_save import save
from helpline.web.forms import unsubmitted
from helpline.web.int_params import parse_int
from helpline.web.language import gettext as _
from helpline.web.language import locale, site_languages
from helpline.web.request_context import show_zone

_YEARS_AHEAD = 2


@dataclass(frozen=True, slots=True)
class ShownException:
    number: int
    words: str
    missing: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class ShownHoliday:
    """A public holiday with its checkbox."""

    day: date
    day_words: str
    name: str
    there: str
    notes: tuple[str, ...]


@admin.get("/hours/exceptions")
@allow(ADMIN)
def exceptions() -> ResponseReturnValue:
    plan, version = _saved()
    return _page(ExceptionForm(_today(plan), formdata=None, version=version), plan)


@admin.get("/hours/exceptions/<int:number>")
@allow(ADMIN)
def exception(number: int) -> ResponseReturnValue:
    plan, version = _saved()
    existing = next(
        (exception for exception in plan.exceptions if exception.number == number), None
    )
    if existing is None:
        abort(404)
    return _page(ExceptionForm.of(existing, version, _today(plan)), plan)


@admin.post("/hours/exceptions")
@admin.post("/hours/exceptions/<int:number>")
@allow(ADMIN)
def save_exception(number: int = 0) -> ResponseReturnValue:
    plan, _newest = _saved()
    form = ExceptionForm(_today(plan), number)
    button = request.form.get("do", "save")
    if button != "save":
        form.press(button)
        return _page(form, plan)
    if not form.validate():
        return _page(form, plan), 422
    exception = form.exception()
    try:
        return save(
            lambda before: before.with_exception(_of_same_holiday(exception, before)),
            action="exception_changed" if number else "exception_added",
            back=url_for("admin.exceptions"),
            message=_("Saved. Your changes apply now."),
            may_edit=True,
        )
    except DateTaken as problem:
        form.first.errors = [_taken(problem.other, plan)]
        return _page(form, plan), 422
    except NotInPlan:
        abort(404)


@admin.post("/hours/exceptions/<int:number>/remove")
@allow(ADMIN)
def remove_exception(number: int) -> ResponseReturnValue:
    try:
        return save(
            lambda before: before.without_exception(number),
            action="exception_removed",
            back=url_for("admin.exceptions"),
            message=_("Exception removed. The weekly hours apply again."),
        )
    except NotInPlan:
        abort(404)


@admin.get("/hours/holidays")
@allow(ADMIN)
def holidays() -> ResponseReturnValue:
    plan, version = _saved()
    return _holidays_page(plan, version, HolidaysForm(_listed(plan), closed=(), special=()))


@admin.post("/hours/holidays")
@allow(ADMIN)
def save_holidays() -> ResponseReturnValue:
    plan, version = _saved()
    form = HolidaysForm(_listed(plan))
    if not form.validate():
        return _holidays_page(plan, version, form), 422
    exceptions = form.exceptions(*_place(plan)[:2])
    try:
        return save(
            lambda before: before.with_exception(*exceptions),
            action="holidays_added",
            back=url_for("admin.exceptions"),
            message=_("Saved. These days are now exceptions."),
        )
    except DateTaken as problem:
        form.closed.errors = [_taken(problem.other, plan)]
        return _holidays_page(plan, version, form), 422


def _of_same_holiday(changed: HoursException, before: HoursPlan) -> HoursException:
    """An edited exception keeps the holiday it was added for."""
    holidays = (
        exception.holiday for exception in before.exceptions if exception.number == changed.number
    )
    return replace(changed, holiday=next(holidays, None))


def _page(form: ExceptionForm, plan: HoursPlan) -> str:
    now = clock.now()
    show_zone(plan.zone)
    wanted = _draft(form, plan)
    return render_template(
        "admin/exceptions.html",
        form=form,
        version=form.version.data,
        today=_today(plan).isoformat(),
        shown=[
            _shown(exception, _today(plan))
            for exception in plan.without_past(now).exceptions
            if exception.last >= _today(plan)
        ],
        moved=holiday_text.moved(plan, _today(plan)),
        preview=hours_preview.preview(
            wanted or plan, plan, now, whole=wanted is not None or not form.first.data
        ),
    )


def _draft(form: ExceptionForm, plan: HoursPlan) -> HoursPlan | None:
    """The plan as it would be saved; None while the form has errors, which are shown on saving."""
    copy = ExceptionForm(form.today, form.number, **unsubmitted(form))
    if not copy.validate():
        return None
    try:
        return plan.with_exception(copy.exception())
    except (DateTaken, NotInPlan):
        return None


def _shown(exception: HoursException, today: date) -> ShownException:
    missing = [
        code for code in site_languages() if exception.reasons and not exception.reasons.get(code)
    ]
    return ShownException(
        exception.number,
        hours_text.exception_words(exception, site_languages()[0], today),
        tuple(missing),
        holiday_text.estimate(exception.first, today)
        if exception.holiday and exception.holiday.is_estimated
        else "",
    )


def _taken(other: HoursException, plan: HoursPlan) -> str:
    return _(
        "This date already has an exception: %(words)s. Edit or remove it first.",
        words=hours_text.exception_words(other, site_languages()[0], _today(plan)),
    )


def _saved() -> tuple[HoursPlan, int]:
    saved = queries.newest_version(db.session())
    return queries.plan_of(saved), saved.version if saved else 0


def _today(plan: HoursPlan) -> date:
    return clock.now().astimezone(plan.zone).date()


def _place(plan: HoursPlan) -> tuple[str, str, int]:
    """The chosen country, state and year, else the deployment's and this year."""
    asked, this_year = request.values, _today(plan).year
    country = asked.get("country", settings().default_region)
    year = asked.get("year", this_year, type=parse_int)
    return country, asked.get("state", ""), min(max(year, this_year), this_year + _YEARS_AHEAD)


def _categories(country: str) -> list[str]:
    chosen = request.values.getlist("category")
    return [category for category in public_holidays.categories(country) if category in chosen] or [
        public_holidays.PUBLIC
    ]


def _listed(plan: HoursPlan) -> list[PublicHoliday]:
    country, state, year = _place(plan)
    holidays = public_holidays.holidays_of(
        country, state, year, site_languages(), _categories(country)
    )
    return [holiday for holiday in holidays if holiday.day >= _today(plan)]


def _holidays_page(plan: HoursPlan, version: int, form: HolidaysForm) -> str:
    country, state, year = _place(plan)
    this_year, names = _today(plan).year, locale().territories
    countries = public_holidays.countries()
    return render_template(
        "admin/holidays.html",
        version=version,
        form=form,
        country=country,
        state=state,
        year=year,
        countries=sorted(((code, names.get(code, code)) for code in countries), key=lambda c: c[1]),
        states=sorted(public_holidays.state_names(country).items(), key=lambda each: each[1]),
        years=range(this_year, this_year + _YEARS_AHEAD + 1),
        categories=[
            (category, holiday_text.category(category))
            for category in public_holidays.categories(country)
        ],
        chosen=_categories(country),
        holidays=_shown_holidays(plan, form.listed),
    )


def _shown_holidays(plan: HoursPlan, listed: Iterable[PublicHoliday]) -> list[ShownHoliday]:
    today, languages = _today(plan), site_languages()
    exceptions: dict[date, Any] = {
        day: each for each in plan.exceptions if each.replaces_hours for day in each.days()
    }
    return [
        ShownHoliday(
            each.day,
            hours_text.date_words(each.day, today),
            each.name,
            hours_text.exception_words(exceptions[each.day], languages[0], today)
            if each.day in exceptions
            else "",
            holiday_text.notes(each, today),
        )
        for each in listed
    ]
