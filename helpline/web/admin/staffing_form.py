"""Assumptions of the staffing report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from helpline.reports.staffing import CALL_MINUTES_BOUNDS, Assumptions
from helpline.web.language import gettext as _

BOUNDS = {
    "live_minutes": CALL_MINUTES_BOUNDS,
    "callback_minutes": CALL_MINUTES_BOUNDS,
    "answered_percent": (1, 99),
    "answered_seconds": (0, 3600),
    "occupancy_percent": (1, 100),
    "shrinkage_percent": (0, 90),
}


@dataclass(slots=True)
class StaffingForm:
    """Numbers by name as typed; missing or invalid ones count as measured."""

    typed: dict[str, str]
    usual: Assumptions
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, asked: Mapping[str, str], defaults: Assumptions) -> StaffingForm:
        form = cls({}, defaults)
        for name, (least, most) in BOUNDS.items():
            form.typed[name] = asked.get(name, "").strip() or f"{getattr(defaults, name):g}"
            if form._number(name) is None:
                form.errors[name] = _(
                    "Enter a number from %(least)s to %(most)s.",
                    least=f"{least:g}",
                    most=f"{most:g}",
                )
        return form

    def assumptions(self) -> Assumptions:
        return Assumptions(
            live_minutes=self._known("live_minutes"),
            callback_minutes=self._known("callback_minutes"),
            answered_percent=int(self._known("answered_percent")),
            answered_seconds=int(self._known("answered_seconds")),
            occupancy_percent=int(self._known("occupancy_percent")),
            shrinkage_percent=int(self._known("shrinkage_percent")),
        )

    def _known(self, name: str) -> float:
        typed = self._number(name)
        return float(getattr(self.usual, name)) if typed is None else typed

    def _number(self, name: str) -> float | None:
        typed, (least, most) = self.typed[name], BOUNDS[name]
        try:
            number = float(typed) if len(typed) < 8 else -1.0
        except ValueError:
            return None
        return number if least <= number <= most else None
