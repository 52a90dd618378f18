"""Exceptions to the weekly hours, for visitors and staff."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from babel.dates import format_date

from helpline.domain.hours_plan import ExceptionKind, HoursException, HoursPlan
from helpline.web import formatting
from helpline.web.language import gettext as _
from helpline.web.language import locale

_SOON = timedelta(days=7)


def notes(plan: HoursPlan, now: datetime) -> list[str]:
    """Return notes on the coming week: "Closed on Thursday 8 November: Diwali". An emergency
    closure comes
    first.
    """
    language = str(locale()).replace("_", "-")
    today = now.astimezone(plan.zone).date()
    told = [
        exception_words(each, language, today)
        for each in plan.exceptions
        if each.last >= today and each.first <= today + _SOON
    ]
    shut = plan.shut
    if shut is not None and shut.starts_at <= now < shut.ends_at:
        reason = shut.reason(language)
        told.insert(
            0,
            _("Closed at the moment: %(reason)s", reason=reason)
            if reason
            else _("Closed at the moment, earlier than planned. We are sorry."),
        )
    return told


def exception_words(each: HoursException, language: str, today: date) -> str:
    """Return a sentence for an exception, with its reason in this language if any."""
    times = formatting.intervals_words(each.intervals)
    when = _when(each, today)
    match each.kind:
        case ExceptionKind.CLOSED:
            told = _("Closed %(when)s", when=when)
        case ExceptionKind.PART:
            told = _("Closed %(when)s, %(times)s", when=when, times=times)
        case _:
            told = _("Open %(when)s, %(times)s", when=when, times=times)
    reason = each.reason(language)
    return _("%(told)s: %(reason)s", told=told, reason=reason) if reason else told


def _when(each: HoursException, today: date) -> str:
    if each.first != each.last:
        return _(
            "from %(first)s to %(last)s",
            first=date_words(each.first, today),
            last=date_words(each.last, today),
        )
    days = (each.first - today).days
    if days in (0, 1):
        return _("tomorrow") if days else _("today")
    return _("on %(day)s", day=date_words(each.first, today))


def date_words(day: date, today: date) -> str:
    """ "Thursday 8 November", with the year if it is another."""
    form = "EEEE d MMMM" if day.year == today.year else "EEEE d MMMM y"
    return str(format_date(day, format=form, locale=locale()))
