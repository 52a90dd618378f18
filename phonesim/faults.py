"""Everything that can go wrong at a carrier, on demand or at random from a seed.

A fault is set by PUT /sim/faults. One with `to` affects only calls and texts to that number, one
with `about` ("call" or "message") only those, one about "redirect" only requests that send a call
in progress elsewhere, one with `status` only callbacks that bring that
status; `times` says how often it happens (null: every time). Random faults have a probability per
kind; what is drawn depends only on the seed, the kind, the number called and how often it was asked
before, so that a run can be repeated whatever the threads do. Without a `code` a fault has the
carrier's own for its kind.

| kind | what happens |
| --- | --- |
| http_429 | creation refused for now, with Retry-After `seconds` |
| http_500, http_503 | creation refused; nothing was made |
| http_500_made | the call is made, then the answer is a 500 |
| no_id | the call is made, and the answer does not name it |
| cut_before | the connection is cut; nothing was made |
| cut_after | the call is made, then the connection is cut |
| timeout | the answer is held back for `seconds`; the call is made unless `made` is false |
| error | creation refused with the carrier's `code` |
| child_error | a leg that Dial rings fails with `code` |
| dial_refused | Dial to `to` is refused with `code`: no leg is created, its action is requested |
| text_undelivered | a text ends as undelivered with `code` |
| stuck_ringing | the call stays in ringing: no answer, no time-out, only cancelling helps |
| webhook_double | a status callback comes twice |
| webhook_delay | it comes `seconds` late; later ones overtake it |
| webhook_shuffle | it comes after the next one of its call |
| webhook_drop | it never comes |
| webhook_bad_signature | it comes with a wrong signature |
| twiml_double | instructions are requested twice; the answer used is the second (`use`: 1 or 2) |
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from dataclasses import asdict, dataclass, fields
from typing import Any

CREATE = (
    "http_429",
    "http_500",
    "http_503",
    "http_500_made",
    "no_id",
    "cut_before",
    "cut_after",
    "timeout",
    "error",
)
RING = ("child_error", "stuck_ringing")
DIAL = ("dial_refused",)
TEXT = ("text_undelivered",)
WEBHOOK = (
    "webhook_drop",
    "webhook_double",
    "webhook_delay",
    "webhook_shuffle",
    "webhook_bad_signature",
)
INSTRUCTIONS = ("twiml_double",)
KINDS = CREATE + RING + DIAL + TEXT + WEBHOOK + INSTRUCTIONS

REDIRECT = "redirect"

_DEFAULT_SECONDS = {"http_429": 1.0, "timeout": 20.0, "webhook_delay": 60.0}


@dataclass
class Fault:
    """One thing to go wrong, and how often."""

    kind: str
    to: str = ""
    about: str = ""
    times: int | None = 1
    seconds: float | None = None
    code: int | None = None
    status: str = ""
    made: bool = True
    use: int = 2
    happened: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind of fault: {self.kind}")
        if self.seconds is None:
            self.seconds = _DEFAULT_SECONDS.get(self.kind, 0.0)

    @property
    def wait_seconds(self) -> float:
        """How long it lasts."""
        return self.seconds or 0.0

    @property
    def spent(self) -> bool:
        """Whether it has happened as often as it should."""
        return self.times is not None and self.happened >= self.times


class Faults:
    """The faults in force."""

    def __init__(self, seed: int | None = None) -> None:
        self._lock = threading.Lock()
        self._seed = seed or 0
        self._told: list[Fault] = []
        self._chances: dict[str, float] = {}
        self._asked: Counter[tuple[str, str]] = Counter()
        self._happened: Counter[str] = Counter()

    def replace(self, told: list[dict[str, Any]], at_random: dict[str, Any]) -> None:
        """Put these faults in force, and no others."""
        faults = [read_fault(one) for one in told]
        chances = {
            str(kind): float(chance) for kind, chance in at_random.get("probabilities", {}).items()
        }
        unknown = set(chances) - set(KINDS)
        if unknown:
            raise ValueError(f"unknown kind of fault: {sorted(unknown)[0]}")
        with self._lock:
            self._told = faults
            self._chances = chances
            self._seed = int(at_random.get("seed", self._seed))
            self._asked.clear()
            self._happened.clear()

    def add(self, fault: Fault) -> None:
        """Put one more in force."""
        with self._lock:
            self._told.append(fault)

    def state(self) -> dict[str, Any]:
        """What is in force, and how often each kind has happened."""
        with self._lock:
            return {
                "faults": [asdict(fault) for fault in self._told],
                "random": {"seed": self._seed, "probabilities": dict(self._chances)},
                "happened": dict(self._happened),
            }

    def at_create(self, to: str, about: str) -> Fault | None:
        """What goes wrong as a call or a message is created."""
        return self._first(CREATE, to, about=about)

    def at_ring(self, to: str, is_child: bool) -> Fault | None:
        """Return the fault that hits a leg about to ring."""
        return self._first(RING if is_child else ("stuck_ringing",), to)

    def at_dial(self, to: str) -> Fault | None:
        """Whether Dial is refused before there is a leg."""
        return self._first(DIAL, to)

    def at_delivery(self, to: str) -> Fault | None:
        """Whether a text does not arrive."""
        return self._first(TEXT, to)

    def at_webhook(self, to: str, status: str, about: str) -> list[Fault]:
        """What goes wrong with a status callback; several things may."""
        found = (self._first((kind,), to, status, about) for kind in WEBHOOK)
        return [fault for fault in found if fault is not None]

    def at_instructions(self, to: str) -> Fault | None:
        """Whether instructions are requested twice."""
        return self._first(INSTRUCTIONS, to)

    def _first(
        self, kinds: tuple[str, ...], to: str, status: str = "", about: str = ""
    ) -> Fault | None:
        with self._lock:
            for fault in self._told:
                if fault.kind in kinds and not fault.spent and _meets(fault, to, status, about):
                    fault.happened += 1
                    self._happened[fault.kind] += 1
                    return fault
            for kind in kinds if about != REDIRECT else ():
                if self._drawn(kind, to):
                    self._happened[kind] += 1
                    return Fault(kind, to=to)
        return None

    def _drawn(self, kind: str, to: str) -> bool:
        chance = self._chances.get(kind, 0.0)
        if chance <= 0:
            return False
        self._asked[kind, to] += 1
        return random.Random(f"{self._seed} {kind} {to} {self._asked[kind, to]}").random() < chance


def read_fault(told: dict[str, Any]) -> Fault:
    """A fault from JSON; ValueError says what is wrong with it."""
    allowed = {one.name for one in fields(Fault)} - {"happened"}
    unknown = set(told) - allowed
    if unknown:
        raise ValueError(f"a fault has no {sorted(unknown)[0]}")
    if "kind" not in told:
        raise ValueError("a fault needs a kind")
    return Fault(**told)


def _meets(fault: Fault, to: str, status: str, about: str) -> bool:
    allowed = (about,) if about == REDIRECT else ("", about)
    return (
        fault.to in ("", to)
        and fault.status in ("", status)
        and (not about or fault.about in allowed)
    )
