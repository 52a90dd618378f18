"""Dates on which the week does not hold: closed, partly closed, or open at other hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.db import db
from helpline.domain.hours_plan import (
    DateTaken,
    ExceptionKind,
    HoursException,
    HoursPlan,
    NotThere,
)
from helpline.hours import public_holidays, queries
from helpline.house import settings
from helpline.web import hours_words
from helpline.web.admin import draft
from helpline.web.admin.blueprint import admin
from helpline.web.admin.exception_form import ExceptionForm
from helpline.web.admin.saving_hours import save
from helpline.web.admin.week_form import date_of
from helpline.web.gate import ADMIN, audience
from helpline.web.here import show_zone
from helpline.web.language import gettext as _
from helpline.web.language import locale, site_languages
from helpline.web.parts import whole

_YEARS_AHEAD = 2


@dataclass(frozen=True, slots=True)
class ShownException:
    """An exception of the list."""

    number: int
    words: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownHoliday:
    """A public holiday to be ticked."""

    day: date
    day_words: str
    name: str
    there: str


@admin.get("/hours/exceptions")
@audience(ADMIN)
def exceptions() -> ResponseReturnValue:
    """Every exception that is to come, and the form for another."""
    return _page(ExceptionForm(), *_saved())


@admin.get("/hours/exceptions/<int:number>")
@audience(ADMIN)
def exception(number: int) -> ResponseReturnValue:
    """One exception, to be changed."""
    plan, version = _saved()
    found = next((each for each in plan.exceptions if each.number == number), None)
    if found is None:
        abort(404)
    return _page(ExceptionForm.of(found), plan, version)


@admin.post("/hours/exceptions")
@admin.post("/hours/exceptions/<int:number>")
@audience(ADMIN)
def save_exception(number: int = 0) -> ResponseReturnValue:
    """Previews an exception, or puts it in force. On an error everything typed is kept."""
    form = ExceptionForm.read(request.form, number)
    plan, _newest = _saved()
    version = request.form.get("version", 0, type=whole)
    button = request.form.get("do", "save")
    if button != "save":
        form.press(button)
        return _page(form, plan, version)
    found = form.exception(_today(plan))
    if found is None:
        return _page(form, plan, version), 422
    try:
        return save(
            lambda before: before.with_exception(found),
            deed="exception_changed" if number else "exception_added",
            back=url_for("admin.exceptions"),
            said=_("Saved. It is in force now."),
            may_edit=True,
        )
    except DateTaken as problem:
        form.errors["first"] = _taken(problem.other, plan)
        return _page(form, plan, version), 422
    except NotThere:
        abort(404)


@admin.post("/hours/exceptions/<int:number>/remove")
@audience(ADMIN)
def remove_exception(number: int) -> ResponseReturnValue:
    """The week holds again on its dates."""
    try:
        return save(
            lambda before: before.without_exception(number),
            deed="exception_removed",
            back=url_for("admin.exceptions"),
            said=_("Removed. The usual hours hold again."),
        )
    except NotThere:
        abort(404)


@admin.get("/hours/holidays")
@audience(ADMIN)
def holidays() -> ResponseReturnValue:
    """The public holidays of a year, by country and state, each to be ticked."""
    return _holidays_page(*_saved())


@admin.post("/hours/holidays")
@audience(ADMIN)
def save_holidays() -> ResponseReturnValue:
    """Closes on the days that were ticked."""
    plan, version = _saved()
    country, state, year = _place(plan)
    ticked = {day for each in request.form.getlist("day") if (day := date_of(each))}
    wanted = [
        HoursException(ExceptionKind.CLOSED, each.day, each.day, (), each.names)
        for each in public_holidays.of(country, state, year, site_languages())
        if each.day in ticked and each.day >= _today(plan)
    ]
    if not wanted:
        return _holidays_page(plan, version, _("Tick at least one day.")), 422
    try:
        return save(
            lambda before: before.with_exception(*wanted),
            deed="holidays_added",
            back=url_for("admin.exceptions"),
            said=_("Saved. We are closed on these days."),
        )
    except DateTaken as problem:
        return _holidays_page(plan, version, _taken(problem.other, plan)), 422


def _page(form: ExceptionForm, plan: HoursPlan, version: int) -> str:
    now = clock.now()
    show_zone(plan.zone)
    wanted = _draft(form, plan)
    return render_template(
        "admin/exceptions.html",
        form=form,
        version=version,
        today=_today(plan).isoformat(),
        shown=[
            _shown(each, _today(plan))
            for each in plan.as_of(now).exceptions
            if each.last >= _today(plan)
        ],
        preview=draft.preview(
            wanted or plan, plan, now, whole=wanted is not None or not form.first
        ),
    )


def _draft(form: ExceptionForm, plan: HoursPlan) -> HoursPlan | None:
    trial = ExceptionForm(form.kind, form.first, form.last, form.pairs, form.reasons, form.number)
    found = trial.exception(_today(plan))
    if found is None:
        return None
    try:
        return plan.with_exception(found)
    except (DateTaken, NotThere):
        return None


def _shown(each: HoursException, today: date) -> ShownException:
    missing = [code for code in site_languages() if each.reasons and not each.reasons.get(code)]
    return ShownException(
        each.number, hours_words.exception_words(each, site_languages()[0], today), tuple(missing)
    )


def _taken(other: HoursException, plan: HoursPlan) -> str:
    return _(
        "This date has hours of its own already: %(words)s. Change or remove that one.",
        words=hours_words.exception_words(other, site_languages()[0], _today(plan)),
    )


def _saved() -> tuple[HoursPlan, int]:
    found = queries.newest_save(db.session())
    return queries.plan_of(found), found.version if found else 0


def _today(plan: HoursPlan) -> date:
    return clock.now().astimezone(plan.zone).date()


def _place(plan: HoursPlan) -> tuple[str, str, int]:
    """The country, state and year that were chosen; else those of the deployment, and this year."""
    asked, this_year = request.values, _today(plan).year
    country = asked.get("country", settings().default_region)
    year = asked.get("year", this_year, type=whole)
    return country, asked.get("state", ""), min(max(year, this_year), this_year + _YEARS_AHEAD)


def _holidays_page(plan: HoursPlan, version: int, problem: str = "") -> str:
    country, state, year = _place(plan)
    this_year, names = _today(plan).year, locale().territories
    known = public_holidays.countries()
    return render_template(
        "admin/holidays.html",
        version=version,
        problem=problem,
        country=country,
        state=state,
        year=year,
        countries=sorted(((code, names.get(code, code)) for code in known), key=lambda c: c[1]),
        states=sorted(public_holidays.state_names(country).items(), key=lambda each: each[1]),
        years=range(this_year, this_year + _YEARS_AHEAD + 1),
        ticked=set(request.form.getlist("day")),
        holidays=_shown_holidays(plan, country, state, year),
    )


def _shown_holidays(plan: HoursPlan, country: str, state: str, year: int) -> list[ShownHoliday]:
    today, languages = _today(plan), site_languages()
    taken: dict[date, Any] = {
        day: each for each in plan.exceptions if each.takes_the_day for day in each.days()
    }
    return [
        ShownHoliday(
            each.day,
            hours_words.date_words(each.day, today),
            next(iter(each.names.values())),
            hours_words.exception_words(taken[each.day], languages[0], today)
            if each.day in taken
            else "",
        )
        for each in public_holidays.of(country, state, year, languages)
        if each.day >= today
    ]
