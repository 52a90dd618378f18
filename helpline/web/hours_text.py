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
    closure comes first.
    """
    language = str(locale()).replace("_", "-")
    today = now.astimezone(plan.zone).date()
    sentences = [
        exception_words(exception, language, today)
        for exception in plan.exceptions
        if exception.last >= today and exception.first <= today + _SOON
    ]
    shut = plan.shut
    if shut is not None and shut.starts_at <= now < shut.ends_at:
        reason = shut.reason(language)
        sentences.insert(
            0,
            _("Closed at the moment: %(reason)s", reason=reason)
            if reason
            else _("Closed at the moment, earlier than planned. We are sorry."),
        )
    return sentences


def exception_words(exception: HoursException, language: str, today: date) -> str:
    """Return a sentence for an exception, with its reason in this language if any."""
    times = formatting.intervals_words(exception.intervals)
    when = _when(exception, today)
    match exception.kind:
        case ExceptionKind.CLOSED:
            sentence = _("Closed %(when)s", when=when)
        case ExceptionKind.PART:
            sentence = _("Closed %(when)s, %(times)s", when=when, times=times)
        case _:
            sentence = _("Open %(when)s, %(times)s", when=when, times=times)
    reason = exception.reason(language)
    return _("%(told)s: %(reason)s", told=sentence, reason=reason) if reason else sentence


def _when(exception: HoursException, today: date) -> str:
    if exception.first != exception.last:
        return _(
            "from %(first)s to %(last)s",
            first=date_words(exception.first, today),
            last=date_words(exception.last, today),
        )
    days = (exception.first - today).days
    if days in (0, 1):
        return _("tomorrow") if days else _("today")
    return _("on %(day)s", day=date_words(exception.first, today))


def date_words(day: date, today: date) -> str:
    """ "Thursday 8 November", with the year if it is another."""
    form = "EEEE d MMMM" if day.year == today.year else "EEEE d MMMM y"
    return str(format_date(day, format=form, locale=locale()))
