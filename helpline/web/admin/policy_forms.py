"""Forms of integer policy values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from helpline.callbacks.policy_changes import CapacitySettings, RetrySettings, ServiceLevelTarget
from helpline.domain.errors import InvalidPolicy
from helpline.policy.models import CapacityMode, ServicePolicy
from helpline.web.language import gettext as _

MOST_ATTEMPTS = 10


@dataclass(slots=True)
class IntegerForm:
    """Integers by name within their bounds."""

    BOUNDS: ClassVar[Mapping[str, tuple[int, int]]] = {}

    typed: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    def numbers(self) -> dict[str, int]:
        """Return the parsed values; -1 where ``errors`` names one."""
        return {name: self._number(name, *bounds) for name, bounds in self.BOUNDS.items()}

    def _number(self, name: str, least: int, most: int) -> int:
        number = parse_int(self.typed[name])
        if not least <= number <= most:
            self.errors[name] = _(
                "Enter a whole number from %(least)s to %(most)s.", least=least, most=most
            )
            return -1
        return number


class CapacityForm(IntegerForm):
    BOUNDS: ClassVar[Mapping[str, tuple[int, int]]] = {
        "slot_minutes": (5, 240),
        "slot_days_ahead": (1, 60),
        "slot_lead_minutes": (0, 7 * 24 * 60),
        "last_start_minutes": (0, 24 * 60),
        "slot_capacity": (0, 1000),
        "shift_share_percent": (0, 100),
    }

    @classmethod
    def of(cls, policy: ServicePolicy) -> CapacityForm:
        shown = {name: str(getattr(policy, name)) for name in cls.BOUNDS}
        return cls({**shown, "capacity_mode": policy.capacity_mode})

    @classmethod
    def read(cls, posted: Mapping[str, str]) -> CapacityForm:
        return cls({name: posted.get(name, "").strip() for name in (*cls.BOUNDS, "capacity_mode")})

    def capacity(self) -> CapacitySettings | None:
        if self.typed["capacity_mode"] not in tuple(CapacityMode):
            self.errors["capacity_mode"] = _("Choose one of the two.")
        numbers = self.numbers()
        if self.errors:
            return None
        return CapacitySettings(capacity_mode=CapacityMode(self.typed["capacity_mode"]), **numbers)


class RetryForm(IntegerForm):
    BOUNDS: ClassVar[Mapping[str, tuple[int, int]]] = {
        "max_attempts": (1, MOST_ATTEMPTS),
        "claim_minutes": (1, 60),
        "wrap_up_minutes": (1, 60),
        "wanted_grace_minutes": (0, 24 * 60),
        "expire_after_days": (1, 60),
        "most_rings_a_day": (1, 50),
        "most_callbacks_a_day": (1, 20),
    }

    @classmethod
    def of(cls, policy: ServicePolicy) -> RetryForm:
        shown = {name: str(getattr(policy, name)) for name in cls.BOUNDS}
        pauses = ", ".join(str(pause) for pause in policy.retry_pauses_minutes)
        return cls({**shown, "retry_pauses_minutes": pauses})

    @classmethod
    def read(cls, posted: Mapping[str, str]) -> RetryForm:
        names = (*cls.BOUNDS, "retry_pauses_minutes")
        return cls({name: posted.get(name, "").strip() for name in names})

    def patience(self) -> RetrySettings | None:
        numbers = self.numbers()
        pauses = tuple(parse_int(text) for text in self.typed["retry_pauses_minutes"].split(","))
        if self.errors:
            return None
        try:
            return RetrySettings(retry_pauses_minutes=pauses, **numbers)
        except InvalidPolicy:
            self.errors["retry_pauses_minutes"] = _(
                "Enter whole minutes separated by commas, such as 15, 60. Each value can be "
                "from 1 to 10080 (one week)."
            )
            return None


class TargetForm(IntegerForm):
    BOUNDS: ClassVar[Mapping[str, tuple[int, int]]] = {
        "service_level_minutes": (1, 1440),
        "service_level_percent": (1, 100),
    }

    @classmethod
    def of(cls, policy: ServicePolicy) -> TargetForm:
        return cls({name: str(getattr(policy, name)) for name in cls.BOUNDS})

    @classmethod
    def read(cls, posted: Mapping[str, str]) -> TargetForm:
        return cls({name: posted.get(name, "").strip() for name in cls.BOUNDS})

    def target(self) -> ServiceLevelTarget | None:
        numbers = self.numbers()
        return None if self.errors else ServiceLevelTarget(**numbers)


def parse_int(typed: str) -> int:
    """Return an integer; -1 if it is none."""
    text = typed.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1
