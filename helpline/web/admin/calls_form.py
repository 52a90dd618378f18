"""Form of the call policy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from helpline.calls.settings import CallSettings
from helpline.domain.errors import InvalidPhoneNumber
from helpline.domain.phone_numbers import PhoneNumber
from helpline.policy.models import Dispatch, ServicePolicy
from helpline.web.language import gettext as _

BOUNDS = {
    "push_ring_at_once": (1, 10),
    "misses_until_away": (1, 20),
    "hand_deadline_minutes": (5, 240),
    "live_calls_per_callback": (0, 20),
}
_BETWEEN_DIGITS = re.compile(r"[\s.\-()]")


@dataclass(slots=True)
class CallsForm:
    """The values as typed, and errors by field."""

    dispatch: str
    numbers: dict[str, str]
    caller_ids: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, policy: ServicePolicy, caller_ids: Mapping[str, str], regions: Iterable[str]
    ) -> CallsForm:
        shown = dict.fromkeys((*regions, *caller_ids), "")
        return cls(
            dispatch=policy.dispatch,
            numbers={name: str(getattr(policy, name)) for name in BOUNDS},
            caller_ids=shown | dict(caller_ids),
        )

    @classmethod
    def read(cls, posted: Mapping[str, str]) -> CallsForm:
        prefix = "caller-id-"
        return cls(
            dispatch=posted.get("dispatch", ""),
            numbers={name: posted.get(name, "").strip() for name in BOUNDS},
            caller_ids={
                name.removeprefix(prefix): typed.strip()
                for name, typed in posted.items()
                if name.startswith(prefix) and len(name) == len(prefix) + 2
            },
        )

    def settings(self) -> CallSettings | None:
        """Return the parsed values, or None with ``errors`` set."""
        if self.dispatch not in tuple(Dispatch):
            self.errors["dispatch"] = _("Choose one of the two.")
        numbers = {name: self._number(name, typed) for name, typed in self.numbers.items()}
        caller_ids = {region: self._caller_id(region) for region in self.caller_ids}
        if self.errors:
            return None
        return CallSettings(
            dispatch=Dispatch(self.dispatch),
            caller_ids={region: number for region, number in caller_ids.items() if number},
            **numbers,
        )

    def _number(self, name: str, typed: str) -> int:
        least, most = BOUNDS[name]
        number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else -1
        if not least <= number <= most:
            self.errors[name] = _(
                "Enter a whole number from %(least)s to %(most)s.", least=least, most=most
            )
        return number

    def _caller_id(self, region: str) -> str:
        typed = _BETWEEN_DIGITS.sub("", self.caller_ids[region])
        if not typed:
            return ""
        try:
            return PhoneNumber(typed).e164
        except InvalidPhoneNumber:
            self.errors[f"caller-id-{region}"] = _(
                "Enter the full number, with + and the country code."
            )
            return ""
