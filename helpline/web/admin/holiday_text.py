"""Texts about public holidays: categories, notes, and dates that may move."""

from __future__ import annotations

from datetime import date

from helpline.domain.hours_plan import HoursPlan
from helpline.hours import public_holidays
from helpline.hours.public_holidays import PUBLIC, PublicHoliday, check_again_on
from helpline.web import hours_text
from helpline.web.language import gettext as _
from helpline.web.language import site_languages


def category(name: str) -> str:
    """Return the name of a category, such as "Half-day holidays"."""
    names = {
        PUBLIC: _("Public holidays"),
        "optional": _("Optional holidays"),
        "optional_women": _("Optional holidays for women"),
        "government": _("Government offices closed"),
        "half_day": _("Half-day holidays"),
        "bank": _("Bank holidays"),
        "school": _("School holidays"),
        "unofficial": _("Unofficial days"),
    }
    return names.get(name, name.replace("_", " ").capitalize())


def notes(holiday: PublicHoliday, today: date) -> tuple[str, ...]:
    """Return notes for admins that visitors do not see."""
    notes = [] if holiday.category == PUBLIC else [category(holiday.category)]
    if holiday.is_estimated:
        notes.append(estimate(holiday.day, today))
    else:
        notes += holiday.notes
    return tuple(notes)


def estimate(day: date, today: date) -> str:
    """Return "The date is an estimate. Check it again on Sunday 24 January 2027." in words."""
    on = check_again_on(day, today)
    if on == today:
        return _("This date is an estimate. Check it now.")
    return _(
        "This date is an estimate. Check it again on %(day)s.",
        day=hours_text.date_words(on, today),
    )


def moved(plan: HoursPlan, today: date) -> list[dict[str, str | int]]:
    """Return a sentence for each holiday whose date has moved since it was chosen."""
    return [
        {"number": holiday.number, "words": _moved_words(holiday, today)}
        for holiday in public_holidays.moved_holidays(plan.exceptions, today, site_languages())
    ]


def _moved_words(holiday: public_holidays.MovedHoliday, today: date) -> str:
    day = hours_text.date_words(holiday.day, today)
    if holiday.new_day is None:
        return _(
            "%(name)s on %(day)s is no longer in the list of holidays. Check the date.",
            name=holiday.name,
            day=day,
        )
    return _(
        "%(name)s is now expected on %(now_on)s. Your exception is on %(day)s.",
        name=holiday.name,
        now_on=hours_text.date_words(holiday.new_day, today),
        day=day,
    )
