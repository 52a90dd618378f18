"""Texts of the reports."""

from __future__ import annotations

from collections.abc import Collection
from datetime import time
from typing import Any

from babel.dates import format_time

from helpline.reports.daily_counts import Measure
from helpline.reports.figures import Share, Summary
from helpline.reports.tables import WAIT_BANDS
from helpline.web.disposition_text import disposition_labels
from helpline.web.language import gettext as _
from helpline.web.language import locale, ngettext

NOTHING = "–"
"""Shown for a missing value."""


def number_words(number: float | None, digits: int = 0) -> str:
    """ "1,204", "3.5"; a dash for None."""
    return NOTHING if number is None else f"{number:,.{digits}f}"


def percent_words(share: Share) -> str:
    """ "83%"; a dash for none of nobody. Never rounded to 0% or 100%."""
    if share.share is None:
        return NOTHING
    percent = round(float(100 * share.share))
    if percent == 100 and share.part < share.whole:
        percent = 99
    return f"{max(percent, 1) if share.part else 0}%"


def minutes_words(minutes: float | None) -> str:
    """ "11 min", "4.2 min"; a dash for None."""
    return NOTHING if minutes is None else _("%(minutes)s min", minutes=short_minutes(minutes))


def short_minutes(minutes: float | None) -> str:
    """ "4.2", "11", where the heading has the unit; a dash for None."""
    if minutes is None:
        return NOTHING
    return f"{minutes:.1f}".removesuffix(".0") if minutes < 10 else f"{minutes:,.0f}"


def seconds_words(seconds: float | None) -> str:
    """ "8 s", "3 min"; words for an unbounded wait."""
    if seconds is None:
        return _("unlimited")
    if seconds >= 90:
        return minutes_words(seconds / 60)
    return _("%(num)s s", num=number_words(seconds))


def of_words(share: Share) -> str:
    """ "45 of 50"."""
    return _(
        "%(part)s of %(whole)s", part=number_words(share.part), whole=number_words(share.whole)
    )


def big_figures(summary: Summary, within_minutes: int, percent: int) -> list[dict[str, str]]:
    """Return the headline figures. The average wait is always beside the service level: a target
    can be met while those who missed it wait for ever.
    """
    return [
        {
            "name": _("Service level (called within %(minutes)s min)", minutes=within_minutes),
            "figure": percent_words(summary.service_level),
            "more": _(
                "%(of)s, target %(target)s%%",
                of=of_words(summary.service_level),
                target=percent,
            ),
            "verdict": _verdict(summary.service_level, percent),
        },
        {
            "name": _("Average wait"),
            "figure": minutes_words(summary.average_wait),
            "more": _(
                "Median %(half)s, 90th percentile %(nine)s",
                half=minutes_words(summary.median_wait),
                nine=minutes_words(summary.wait_90th_percentile),
            ),
        },
        {
            "name": _("Requests"),
            "figure": number_words(summary.requests),
            "more": _("%(of)s outside opening hours", of=of_words(summary.asked_closed)),
        },
        {
            "name": _("Abandoned"),
            "figure": percent_words(summary.left),
            "more": _(
                "%(of)s, %(early)s of them before the call was due",
                of=of_words(summary.left),
                early=number_words(summary.cancelled_early),
            ),
        },
        {
            "name": _("Reached on first attempt"),
            "figure": percent_words(summary.first_reached),
            "more": _("%(of)s first attempts", of=of_words(summary.first_reached)),
        },
        {
            "name": _("Attempts until reached"),
            "figure": number_words(summary.tries, 1),
            "more": _(
                "%(reached)s reached, %(not_reached)s not reached",
                reached=number_words(summary.reached),
                not_reached=number_words(summary.not_reached),
            ),
        },
        {
            "name": _("Talk time"),
            "figure": minutes_words(summary.talk),
            "more": _(
                "on average; wrap-up time %(wrap_up)s", wrap_up=minutes_words(summary.wrap_up)
            ),
        },
        {
            "name": _("Inbound calls"),
            "figure": number_words(summary.calls_in),
            "more": _(
                "%(answered)s answered by an advisor", answered=number_words(summary.answered)
            ),
        },
    ]


def waiting_words(summary: Summary, within_minutes: int) -> str:
    """Who is still waiting, and the longest wait; empty for none."""
    if not summary.waiting:
        return ""
    text = ngettext(
        "%(num)d person is still waiting.", "%(num)d people are still waiting.", summary.waiting
    )
    oldest = _("Longest wait: %(minutes)s.", minutes=minutes_words(summary.longest_waiting))
    if not summary.waiting_overdue:
        return f"{text} {oldest}"
    overdue = _(
        "Waiting longer than the target of %(target)s min: %(number)s.",
        target=within_minutes,
        number=number_words(summary.waiting_overdue),
    )
    return f"{text} {oldest} {overdue}"


def by_words(days: int, many_days: int) -> dict[str, str]:
    if days == 1:
        return {"heading": _("By hour"), "step": _("Hour"), "numbers": _("Numbers by hour")}
    if days <= many_days:
        return {"heading": _("By day"), "step": _("Day"), "numbers": _("Numbers by day")}
    return {"heading": _("By month"), "step": _("Month"), "numbers": _("Numbers by month")}


def _verdict(share: Share, percent: int) -> str:
    if share.share is None:
        return ""
    return "is-met" if share.share * 100 >= percent else "is-missed"


def part_words(table: str, part: str) -> str:
    return str(_PARTS.get(table, dict)().get(part, part))


def _channels() -> dict[str, str]:
    return {
        "web": _("Helpline website"),
        "embed": _("Panel on other websites"),
        "api": _("API"),
        "text": _("Text message"),
        "phone": _("Inbound call"),
        "staff": _("Staff, for a caller"),
        "follow_up": _("Follow-up"),
    }


def _pages() -> dict[str, str]:
    return {"": _("Page not recorded")}


def _outcomes() -> dict[str, str]:
    return {
        "reached": _("Reached"),
        "unreached": _("Not reached"),
        "cancelled": _("Cancelled"),
        "expired": _("Expired"),
        "behind": _("Duplicate request for the same number"),
        "closed": _("Closed as a duplicate or hoax"),
    }


def _left() -> dict[str, str]:
    return {
        "cancelled": _("Cancelled while waiting"),
        "cancelled_early": _("Cancelled before the call was due"),
        "expired": _("Expired"),
    }


def _dispositions() -> dict[str, str]:
    return {**disposition_labels(), "none": _("No outcome recorded")}


def _not_rung() -> dict[str, str]:
    return {
        "advisor_no_answer": _("Advisor's phone not answered"),
        "advisor_declined": _("Advisor did not press 1"),
        "advisor_hung_up": _("Advisor hung up"),
        "visitor_failed": _("Visitor's number could not be called"),
        "not_placed": _("Call not placed"),
        "refused": _("Refused by the phone company"),
        "closed": _("Helpline closed"),
        "cancelled": _("Cancelled by the visitor"),
        "no_answer": _("No answer, ringing not confirmed"),
        "busy": _("Busy, ringing not confirmed"),
        "talked": _("Answered, ringing not confirmed"),
        "unknown": _("Not known"),
    }


def _calls_in() -> dict[str, str]:
    return {
        "talked": _("Talked with an advisor"),
        "booked": _("Asked for a callback"),
        "message": _("Left a message"),
        "held": _("Already had a request"),
        "left": _("Hung up"),
    }


_PARTS = {
    "channels": _channels,
    "pages": _pages,
    "outcomes": _outcomes,
    "left": _left,
    "dispositions": _dispositions,
    "not_rung": _not_rung,
    "calls_in": _calls_in,
}


def band_words(most: int | None) -> str:
    """ "up to 5 minutes", "5 to 10 minutes", "more than 2 hours"."""
    if most is None:
        return _("more than %(least)s minutes", least=WAIT_BANDS[-1])
    place = WAIT_BANDS.index(most)
    if place == 0:
        return _("up to %(most)s minutes", most=most)
    return _("%(least)s to %(most)s minutes", least=WAIT_BANDS[place - 1], most=most)


def weekday_words(weekday: int) -> str:
    """ "Monday"."""
    return str(locale().days["stand-alone"]["wide"][weekday])


def short_weekday(weekday: int) -> str:
    """ "Mon"."""
    return str(locale().days["stand-alone"]["abbreviated"][weekday])


def hour_words(hour: int) -> str:
    """ "14:00"."""
    return str(format_time(time(hour), "HH:mm", locale=locale()))


def heat(numbers: dict[Measure, dict[str, int]], passed: Collection[str]) -> list[dict[str, Any]]:
    """Return the week as seven rows of 24 hours: requests, and whether the helpline was open.

    Args:
        passed: the hours with data; others are left out.
    """
    asked, opened = numbers[Measure.ASKED], numbers[Measure.OPEN]
    most = max(asked.values(), default=0)
    rows = []
    for weekday in range(7):
        keys = [f"{weekday}{hour:02}" for hour in range(24)]
        hours = [
            {
                "hour": hour_words(hour),
                "number": asked.get(key, 0),
                "shade": f"{0.12 + 0.88 * asked.get(key, 0) / most:.2f}" if asked.get(key) else "0",
                "open": opened.get(key, 0) > 0,
                "passed": key in passed,
            }
            for hour, key in enumerate(keys)
        ]
        rows.append(
            {
                "name": weekday_words(weekday),
                "short": short_weekday(weekday),
                "hours": hours,
                "number": sum(asked.get(key, 0) for key in keys),
            }
        )
    return rows
