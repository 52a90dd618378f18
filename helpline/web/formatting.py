"""Format times, waits and hours for templates."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, get_timezone_name

from helpline import clock
from helpline.current import settings
from helpline.directory.crisis.published_directory import CrisisLine
from helpline.domain import phone_numbers
from helpline.domain.clock_changes import Showing, offset_name, showing
from helpline.domain.errors import InvalidPhoneNumber
from helpline.domain.opening_hours import DAY_MINUTES, Interval, OpeningHours, Week
from helpline.domain.queue_order import WaitBand, wait_band
from helpline.domain.unreadable import is_unreadable
from helpline.i18n import states, times
from helpline.i18n.catalogs import pgettext_noop
from helpline.web.language import gettext as _
from helpline.web.language import locale, ngettext, site_name, time_format
from helpline.web.request_context import zone

_DAY_LONG = timedelta(days=1)
_DAYS_OF_WEEK = 7
_BY_NAME = (-1, 0, 1)
"""Days with names: yesterday, today, tomorrow. Languages place a date and a name differently in a
sentence.
"""

# English patterns of a time, a day, a short day, and the two occurrences of a repeated hour.
_CLOCK = pgettext_noop("format", "h:mm a")
_DAY = pgettext_noop("format", "EEEE d MMMM")
_TAB = pgettext_noop("format", "EEE d MMM")
_CLOCK_FIRST = pgettext_noop("format", "h:mm a', first'")
_CLOCK_SECOND = pgettext_noop("format", "h:mm a', second'")


def page_context() -> dict[str, object]:
    """Return what every page shows: its language and the helpline's name and number."""
    number = settings().helpline_number
    shown = locale()
    return {
        "lang": str(shown).replace("_", "-"),
        "text_direction": shown.text_direction,
        "site_name": site_name(),
        "helpline_tel": number,
        "helpline_number": shown_number(number, settings().default_region),
    }


@lru_cache(maxsize=1024)
def shown_number(dialled: str, region: str = "ZZ") -> str:
    """Format a number of the helpline.

    Args:
        dialled: E.164, or as dialled in the region.
        region: needed for a number that is not E.164.
    """
    if is_unreadable(dialled):
        return dialled
    return phone_numbers.display_number(dialled, region)


def international_words(number: str) -> str:
    """Format a number in international form; unchanged if it is none."""
    try:
        return shown_number(number)
    except InvalidPhoneNumber:
        return number


def with_extension(number: str, extension: str | None) -> str:
    """ "+91 22 2345 6789 ext. 12"."""
    if not extension:
        return number
    return _("%(number)s ext. %(extension)s", number=number, extension=extension)


def _local(at: datetime) -> datetime:
    return at.astimezone(zone())


def clock_words(at: datetime) -> str:
    """ "6:00 PM" in the helpline's zone; "1:30 AM, first (UTC-4)" in a repeated hour."""
    local = _local(at)
    match showing(local):
        case Showing.ONLY:
            return _time(local.time())
        case Showing.FIRST:
            pattern = _CLOCK_FIRST
        case _:
            pattern = _CLOCK_SECOND
    return f"{_time_put(local.time(), time_format(pattern), locale())} ({offset_name(local)})"


def _time(wall: time) -> str:
    return _time_put(wall, time_format(_CLOCK), locale())


@lru_cache(maxsize=4096)
def _time_put(wall: time, pattern: str, shown_in: Locale) -> str:
    return times.format_clock_time(wall, pattern, shown_in)


@lru_cache(maxsize=1024)
def _day_put(day: date, pattern: str, shown_in: Locale) -> str:
    return str(format_date(day, pattern, locale=shown_in))


def day_words(at: datetime) -> str:
    """ "today", "tomorrow", or "Wednesday 25 November"."""
    return _day_of(_local(at).date(), _local(clock.now()).date())


def _day_of(day: date, today: date) -> str:
    days = (day - today).days
    if days == 0:
        return _("today")
    if days == 1:
        return _("tomorrow")
    if days == -1:
        return _("yesterday")
    return _day_put(day, time_format(_DAY), locale())


def tab_words(at: datetime) -> str:
    """ "Today", "Tomorrow", or "Wed 25 Nov", short enough for a tab."""
    days = (_local(at).date() - _local(clock.now()).date()).days
    if days in (0, 1):
        return _("Tomorrow") if days else _("Today")
    return _day_put(_local(at).date(), time_format(_TAB), locale())


def moment_words(at: datetime) -> str:
    """ "tomorrow at 10:00 AM", or "tonight at midnight"."""
    return _moment_of(_local(at), _local(clock.now()).date(), clock_words(at))


def dated_moment_words(at: datetime) -> str:
    """ "tomorrow, Tuesday 24 November, at 10:00 AM": a moment, always with its date."""
    local = _local(at)
    if (local.date() - _local(clock.now()).date()).days not in _BY_NAME or local.time() == time():
        return moment_words(at)
    return _(
        "%(day)s, %(date)s, at %(time)s",
        day=day_words(at),
        date=_day_put(local.date(), time_format(_DAY), locale()),
        time=clock_words(at),
    )


def _moment_of(local: datetime, today: date, clock_time: str) -> str:
    """A day and a time, a midnight by the day that ends with it: tonight's always, others in
    languages that count it to the night.
    """
    days = (local.date() - today).days
    if local.time() == time():
        if days == 1:
            return _("tonight at midnight")
        if times.midnight_ends_day(locale()):
            return _until_midnight(local.date() - _DAY_LONG, today)
    day = _day_of(local.date(), today)
    if days in _BY_NAME:
        return _("%(day)s at %(time)s", day=day, time=clock_time)
    return _("%(date)s at %(time)s", date=day, time=clock_time)


def until_words(at: datetime) -> str:
    """When something ends, after the word "until": "6:00 PM" today, "midnight tonight", "tomorrow
    at 2:00 AM", "Sunday 11:00 PM", "the end of Sunday".
    """
    local, today = _local(at), _local(clock.now()).date()
    if local.time() == time():
        return _until_midnight(local.date() - _DAY_LONG, today)
    days = (local.date() - today).days
    if days == 0:
        return clock_words(at)
    if 1 < days < _DAYS_OF_WEEK:
        return _("%(day)s %(time)s", day=_weekday(local.date()), time=clock_words(at))
    return moment_words(at)


def _until_midnight(day: date, today: date) -> str:
    days = (day - today).days
    if days == 0:
        return _("midnight tonight")
    if days == 1:
        return _("the end of tomorrow")
    if 1 < days < _DAYS_OF_WEEK:
        return _("the end of %(day)s", day=_weekday(day))
    return _("the end of %(day)s", day=_day_put(day, time_format(_DAY), locale()))


def _weekday(day: date) -> str:
    return str(locale().days["format"]["wide"][day.weekday()])


def closing_words(at: datetime) -> str:
    """A closing time among times of one day: "6:00 PM", or "midnight"."""
    return _("midnight") if _local(at).time() == time() else clock_words(at)


def about_words(at: datetime) -> str:
    """ "tomorrow at about 10:00 AM": a time that depends on the queue."""
    day, time_of_day = day_words(at), clock_words(at)
    if (_local(at).date() - _local(clock.now()).date()).days in _BY_NAME:
        return _("%(day)s at about %(time)s", day=day, time=time_of_day)
    return _("%(date)s at about %(time)s", date=day, time=time_of_day)


def since_words(at: datetime) -> str:
    """ "4 minutes": how long ago."""
    return span_words(clock.now() - at)


def span_words(span: timedelta) -> str:
    """A span of time in words, rounded down."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 1:
        return _("less than a minute")
    if minutes < 120:
        return ngettext("%(num)d minute", "%(num)d minutes", minutes)
    hours = minutes // 60
    if hours < 48:
        return ngettext("%(num)d hour", "%(num)d hours", hours)
    return ngettext("%(num)d day", "%(num)d days", hours // 24)


def iso(at: datetime) -> str:
    return at.isoformat()


def zone_words() -> str:
    """ "India Time": the helpline's zone."""
    return _zone_put(zone().key, locale())


@lru_cache(maxsize=1024)
def _zone_put(zone_name: str, shown_in: Locale) -> str:
    return get_timezone_name(ZoneInfo(zone_name), locale=shown_in)


def wait_words(minutes: int | None) -> str | None:
    """The expected wait; None when unknown."""
    return {
        WaitBand.UNDER_5: _("a few minutes"),
        WaitBand.UNDER_15: _("less than 15 minutes"),
        WaitBand.UNDER_30: _("less than half an hour"),
        WaitBand.UNDER_60: _("less than an hour"),
        WaitBand.OVER_HOUR: _("more than an hour"),
    }.get(wait_band(minutes))


def language_name(code: str) -> str:
    """A language by its own name."""
    return _language_put(code, locale())


@lru_cache(maxsize=1024)
def _language_put(code: str, shown_in: Locale) -> str:
    try:
        return Locale.parse(code).get_display_name(shown_in) or code
    except ValueError:
        return code


def country_name(code: str) -> str:
    """A country by its name in the language of this page."""
    return str(locale().territories.get(code, code))


def state_name(code: str) -> str:
    """A state by its name in the language of this page."""
    return states.state_name(code, str(locale()))


def weekly_hours_words(line: CrisisLine) -> str:
    """ "Mon - Fri 9:30 AM - 5:30 PM", with the zone of another country."""
    hours = line.opening_hours
    assert hours is not None
    week = week_words(hours.versions[0].week)
    if line.region == settings().default_region:
        return week
    return _("%(hours)s (%(zone)s)", hours=week, zone=_zone_put(hours.zone.key, locale()))


def opens_words(line: CrisisLine, opens_at: datetime) -> str:
    """ "Opens tomorrow at 8:00 AM", in the line's own zone."""
    hours = line.opening_hours
    assert hours is not None
    local, today = opens_at.astimezone(hours.zone), clock.now().astimezone(hours.zone).date()
    return _("Opens %(time)s", time=_moment_of(local, today, _time(local.time())))


def state_words(hours: OpeningHours, now: datetime) -> str:
    """ "Open now, until 6:00 PM", "Open day and night", or the next opening."""
    closes_at, opens_at = hours.closes_at(now), hours.next_opening(now)
    if hours.is_open(now):
        if closes_at is None:
            return _("Open day and night")
        return _("Open now, until %(time)s", time=until_words(closes_at))
    if opens_at is None:
        return _("Closed. No opening is planned yet")
    return _("Closed now. We open %(time)s", time=moment_words(opens_at))


def week_words(week: Week) -> str:
    """ "available 7 days a week, 10:00 AM - 6:00 PM", or each kind of day by its hours."""
    if week.is_closed:
        return _("no opening hours at present")
    if week.never_closes:
        return _("available day and night, 7 days a week")
    kinds = set(week.days)
    if len(kinds) == 1:
        return _("available 7 days a week, %(hours)s", hours=intervals_words(week.days[0]))
    runs: list[tuple[int, int]] = []
    for number, day in enumerate(week.days):
        if runs and week.days[runs[-1][0]] == day:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return "; ".join(
        f"{_days(first, last)} {intervals_words(week.days[first])}" for first, last in runs
    )


def _days(first: int, last: int) -> str:
    names = locale().days["format"]["abbreviated"]
    return names[first] if first == last else f"{names[first]} - {names[last]}"


def intervals_words(intervals: tuple[Interval, ...]) -> str:
    """ "10:00 AM - 1:00 PM and 2:00 PM - 6:00 PM"; "all day" from midnight to midnight."""
    if not intervals:
        return _("closed")
    if intervals == (_WHOLE_DAY,):
        return _("all day")
    return _(" and ").join(
        _("%(start)s - %(end)s", start=_minute(interval.start), end=_minute(interval.end))
        for interval in intervals
    )


_WHOLE_DAY = Interval(0, DAY_MINUTES)


def _minute(minute: int) -> str:
    if minute == DAY_MINUTES:
        return _("midnight")
    return _time(time(minute // 60 % 24, minute % 60))
