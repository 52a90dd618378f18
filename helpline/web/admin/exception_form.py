"""Form of an exception: dates, kind, times, and a reason in each language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

from helpline.domain.errors import InvalidHours
from helpline.domain.hours_plan import ExceptionKind, HoursException
from helpline.web.admin import closure_message as reasons_form
from helpline.web.admin.closure_message import ReasonField
from helpline.web.admin.week_form import (
    MOST_INTERVALS,
    UNTIL_MIDNIGHT,
    Pairs,
    bars_of,
    date_of,
    intervals_of,
    read_pairs,
    until_midnight,
)
from helpline.web.int_params import parse_index
from helpline.web.language import gettext as _


@dataclass(slots=True)
class ExceptionForm:
    """The values as typed, and errors by field.

    Args:
        number: of the exception being edited; 0 for a new one.
        fresh: the field that a button just added, to be focused.
    """

    kind: str = ""
    first: str = ""
    last: str = ""
    pairs: Pairs = field(default_factory=list)
    reasons: dict[str, str] = field(default_factory=dict)
    number: int = 0
    fresh: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, exception: HoursException) -> ExceptionForm:
        return cls(
            kind=exception.kind,
            first=exception.first.isoformat(),
            last=exception.last.isoformat() if exception.last != exception.first else "",
            pairs=[(one.opens, one.closes) for one in exception.intervals],
            reasons=dict(exception.reasons),
            number=exception.number,
        )

    @classmethod
    def read(cls, posted: Mapping[str, str], number: int) -> ExceptionForm:
        return cls(
            kind=posted.get("kind", ""),
            first=posted.get("first", "").strip(),
            last=posted.get("last", "").strip(),
            pairs=read_pairs(posted, "time"),
            reasons=reasons_form.read(posted),
            number=number,
        )

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Return the pairs of times to show: at least one."""
        return bars_of(self.pairs or [("", "")])

    @property
    def reason_fields(self) -> list[ReasonField]:
        return reasons_form.fields(self.reasons)

    @property
    def minute_short(self) -> bool:
        """Whether it is open until one minute before midnight."""
        return self.kind == ExceptionKind.HOURS and until_midnight(self.pairs) != self.pairs

    def press(self, button: str) -> None:
        """Apply a button beside the times; everything typed stays."""
        if button == UNTIL_MIDNIGHT:
            self.pairs = until_midnight(self.pairs)
        action, _colon, place = button.partition(":")
        if action == "add" and len(self.pairs) < MOST_INTERVALS:
            self.pairs = [*(self.pairs or [("", "")]), ("", "")]
            self.fresh = f"time-{len(self.pairs) - 1}-opens"
        elif action == "remove" and (gone := parse_index(place, self.pairs)) is not None:
            del self.pairs[gone]
            self.fresh = "time-add"

    def exception(self, today: date) -> HoursException | None:
        """Return the exception, or None with ``errors`` set."""
        first = date_of(self.first)
        last = date_of(self.last) if self.last else first
        if self.kind not in tuple(ExceptionKind):
            self.errors["kind"] = _("Choose a type of exception.")
        if first is None:
            self.errors["first"] = _("Choose a date.")
        if last is None and self.last:
            self.errors["last"] = _("Choose a last date, or leave it empty for one day.")
        if last is not None and last < today:
            self.errors["first"] = _("Choose today or a later date.")
        self.errors |= reasons_form.wrong(self.reasons)
        intervals = ()
        if self.kind in (ExceptionKind.PART, ExceptionKind.HOURS):
            intervals = self._intervals()
        if self.errors or first is None or last is None:
            return None
        try:
            return HoursException(
                ExceptionKind(self.kind), first, last, intervals, self.reasons, self.number
            )
        except InvalidHours as problem:
            self.errors["last"] = _(problem.message_key)
            return None

    def _intervals(self) -> tuple[Any, ...]:
        try:
            intervals = intervals_of(self.pairs)
        except InvalidHours as problem:
            self.errors["time"] = _(problem.message_key)
            return ()
        if not intervals:
            self.errors["time"] = _("Enter the times.")
        elif any(after.start < before.end for before, after in pairwise(intervals)):
            self.errors["time"] = _("Two opening times overlap. Change one of them.")
        return intervals
