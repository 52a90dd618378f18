"""The week as typed: two times for each interval of each day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from helpline.domain.errors import InvalidHours
from helpline.domain.opening_hours import Interval, Week
from helpline.web.language import gettext as _

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_INTERVALS = 6


@dataclass(slots=True)
class WeekForm:
    """What was typed for each day, kept as it was, with what is wrong with it."""

    typed: dict[str, list[tuple[str, str]]]
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, week: Week) -> WeekForm:
        """The fields as they show a week."""
        return cls(
            {
                key: [(each.opens, each.closes) for each in day]
                for key, day in zip(DAYS, week.days, strict=True)
            }
        )

    @classmethod
    def read(cls, posted: Mapping[str, str]) -> WeekForm:
        """The fields as they were sent; pairs left empty are none."""
        typed: dict[str, list[tuple[str, str]]] = {}
        for key in DAYS:
            pairs = [
                (
                    posted.get(f"{key}-{place}-opens", "").strip(),
                    posted.get(f"{key}-{place}-closes", "").strip(),
                )
                for place in range(MOST_INTERVALS)
            ]
            typed[key] = [pair for pair in pairs if any(pair)]
        return cls(typed)

    def week(self) -> Week | None:
        """The week that was typed; None when something is wrong, and errors says what, by day."""
        days: list[tuple[Interval, ...]] = []
        for key in DAYS:
            intervals: list[Interval] = []
            for opens, closes in self.typed[key]:
                if not opens or not closes:
                    self.errors[key] = _("Give both times, or leave both empty.")
                    continue
                if opens == closes:
                    self.errors[key] = _(
                        "The two times are the same. For the whole day, write 00:00 and 24:00."
                    )
                    continue
                try:
                    intervals.append(Interval.parse(opens, closes))
                except InvalidHours as problem:
                    self.errors[key] = _(problem.message_key)
            days.append(tuple(intervals))
        if self.errors:
            return None
        try:
            return Week(tuple(days))
        except InvalidHours as problem:
            day = DAYS[problem.day] if problem.day is not None else DAYS[0]
            self.errors[day] = _(problem.message_key)
            return None
