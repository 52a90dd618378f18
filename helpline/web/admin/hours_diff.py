"""Two versions of the opening hours, side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from helpline import clock
from helpline.domain.hours_plan import HoursPlan
from helpline.domain.opening_hours import Interval, Week
from helpline.web import hours_text
from helpline.web.formatting import until_words
from helpline.web.language import gettext as _
from helpline.web.language import locale, page_language


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    theirs: str
    ours: str

    @property
    def differs(self) -> bool:
        return self.theirs != self.ours


def side_by_side(saved_plan: HoursPlan, new_plan: HoursPlan) -> list[Row]:
    saved, new = dict(_rows(saved_plan)), dict(_rows(new_plan))
    return [
        Row(label, saved.get(label, _("nothing")), new.get(label, _("nothing")))
        for label in dict.fromkeys((*saved, *new))
    ]


def intervals(day: tuple[Interval, ...]) -> str:
    """ "10:00-13:00, 14:00-18:00", as an admin types them."""
    return ", ".join(str(interval) for interval in day) or _("closed")


def week(hours: Week) -> str:
    """ "Mon - Fri 10:00-18:00; Sat - Sun closed", as an admin types times."""
    names = locale().days["format"]["abbreviated"]
    runs: list[list[int]] = []
    for number, day in enumerate(hours.days):
        if runs and hours.days[runs[-1][0]] == day:
            runs[-1].append(number)
        else:
            runs.append([number])
    return "; ".join(
        f"{names[run[0]]}{' - ' + names[run[-1]] if len(run) > 1 else ''} "
        + intervals(hours.days[run[0]])
        for run in runs
    )


def _rows(plan: HoursPlan) -> Iterator[tuple[str, str]]:
    today = clock.now().astimezone(plan.zone).date()
    yield _("Time zone"), plan.zone_name.replace("_", " ")
    names = locale().days["stand-alone"]["wide"]
    for number, day in enumerate(plan.week.days):
        yield names[number], intervals(day)
    for version in plan.later:
        assert version.effective_from is not None, "a later week begins on a date"
        since = hours_text.date_words(version.effective_from, today)
        yield _("From %(day)s", day=since), week(version.week)
    for exception in plan.exceptions:
        yield (
            _("Exception %(number)s", number=exception.number),
            hours_text.exception_words(exception, page_language(), today),
        )
    if plan.shut:
        yield _("Emergency closure until"), until_words(plan.shut.ends_at)
