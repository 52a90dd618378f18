"""Preview of unsaved opening hours: now, tonight, and two weeks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from helpline.domain.hours_plan import HoursPlan
from helpline.domain.opening_hours import DAY_MINUTES, OpeningHours, Period
from helpline.web import formatting, hours_text
from helpline.web.language import gettext as _
from helpline.web.language import page_language

DAYS_SHOWN = 14
_TONIGHT = time(22)
_SOON_DAYS = 7
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ShownDay:
    """A day of the two weeks.

    Args:
        bars: open intervals in minutes of the wall clock.
        reason: the public reason of an exception.
        is_new: whether it differs from what is saved.
    """

    label: str
    words: str
    bars: tuple[tuple[int, int], ...]
    reason: str
    is_new: bool


def preview(
    plan: HoursPlan,
    saved: HoursPlan,
    now: datetime,
    *,
    whole: bool = True,
    begins: date | None = None,
) -> dict[str, Any]:
    """Return the context of the preview.

    Args:
        plan: the draft.
        saved: the plan in force.
        whole: False where the draft could not be parsed, so that ``plan`` is the saved one.
        begins: when the draft comes into force; if not soon, the days shown begin then.
    """
    hours = plan.without_past(now).opening_hours()
    today = now.astimezone(plan.zone).date()
    far = begins is not None and (begins - today).days > _SOON_DAYS
    first = begins if begins is not None and far else today
    tonight = max(now, datetime.combine(today, _TONIGHT, plan.zone))
    return {
        "whole": whole,
        "is_draft": plan != saved,
        "is_open": hours.is_open(now),
        "closes_at": hours.closes_at(now),
        "opens_at": hours.next_opening(now),
        "week_words": formatting.week_words(plan.week_on(today)),
        "notes": hours_text.notes(plan, now),
        "tonight": {
            "at": tonight,
            "is_open": hours.is_open(tonight),
            "closes_at": hours.closes_at(tonight),
            "opens_at": hours.next_opening(tonight),
        },
        "days": _days(plan, hours, saved.without_past(now).opening_hours(), first),
        "days_from": hours_text.date_words(first, today) if far else "",
    }


def _days(
    plan: HoursPlan, hours: OpeningHours, before: OpeningHours, first: date
) -> list[ShownDay]:
    shown = []
    for number in range(DAYS_SHOWN):
        day = first + number * _DAY
        start, end = (datetime.combine(each, time(), plan.zone) for each in (day, day + _DAY))
        periods = hours.periods(start, end)
        shown.append(
            ShownDay(
                label=formatting.tab_words(start + _DAY / 2),
                words=_words(hours, periods, start, end),
                bars=tuple(_bar(each, plan.zone, day) for each in periods),
                reason=_reason(plan, day),
                is_new=periods != before.periods(start, end),
            )
        )
    return shown


def _words(hours: OpeningHours, periods: Sequence[Period], start: datetime, end: datetime) -> str:
    """Hours by the day on which they begin."""
    parts = []
    for period in periods:
        if period.opens_at == start and hours.is_open(start - timedelta(microseconds=1)):
            if period.closes_at == end:
                parts.append(_("open all day"))
            else:
                parts.append(_("until %(time)s", time=formatting.closing_words(period.closes_at)))
            continue
        if (period.opens_at, period.closes_at) == (start, end):
            parts.append(_("open all day"))
            continue
        opens, closes_at = formatting.clock_words(period.opens_at), hours.closes_at(period.opens_at)
        parts.append(
            _("from %(time)s", time=opens)
            if closes_at is None or closes_at - period.opens_at >= _DAY
            else f"{opens} - {formatting.closing_words(closes_at)}"
        )
    return ", ".join(parts) or _("closed")


def _bar(period: Period, zone: ZoneInfo, day: date) -> tuple[int, int]:
    start, end = (instant.astimezone(zone) for instant in (period.opens_at, period.closes_at))
    ends = DAY_MINUTES if end.date() > day else end.hour * 60 + end.minute
    return start.hour * 60 + start.minute, ends


def _reason(plan: HoursPlan, day: date) -> str:
    exceptions = (
        exception for exception in plan.exceptions if exception.first <= day <= exception.last
    )
    reasons = (exception.reason(page_language()) for exception in exceptions)
    return ", ".join(reason for reason in reasons if reason)
