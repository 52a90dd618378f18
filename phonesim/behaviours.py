"""What a simulated phone does by itself when it rings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

BEHAVIOURS = ("manual", "answer", "decline", "no_answer", "voicemail", "unreachable", "switchboard")


@dataclass(frozen=True)
class Behaviour:
    """What a phone does by itself when it rings. Times are simulated seconds.

    - manual: nothing; a person or a test presses the buttons
    - answer: answers after `answer_after`; presses one of `press` each time keys are asked for,
      `press_after` later; hangs up `hang_up_after` after answering
    - decline: rejects after `answer_after` (the caller gets busy)
    - no_answer: rings until the caller gives up
    - voicemail: a machine answers after `answer_after`, presses nothing, hangs up at last
    - unreachable: never rings; the call fails; texts are not delivered
    - switchboard: a recorded greeting answers after `answer_after`; once the digits of `extension`
      are sent, a person picks up `person_after` later and does as with `answer`; without them
      nobody does, and it hangs up

    Where it is recorded, it speaks for `speaks_for` and is silent then.
    """

    kind: str = "manual"
    answer_after: float = 1.0
    press: tuple[str, ...] = ()
    press_after: float = 1.0
    hang_up_after: float | None = None
    speaks_for: float = 5.0
    extension: str = ""
    person_after: float = 5.0

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Behaviour:
        """A behaviour from JSON; ValueError says what is wrong with it."""
        allowed = {
            *("kind", "answer_after", "press", "press_after", "hang_up_after", "speaks_for"),
            *("extension", "person_after"),
        }
        unknown = set(told) - allowed
        if unknown:
            raise ValueError(f"a behaviour has no {sorted(unknown)[0]}")
        kind = str(told.get("kind", "answer" if told else "manual"))
        if kind not in BEHAVIOURS:
            raise ValueError(f"unknown kind of behaviour: {kind}")
        if (kind == "switchboard") != bool(told.get("extension")):
            raise ValueError("a switchboard, and nothing else, needs an extension")
        press = told.get("press") or ()
        hang_up_after = told.get("hang_up_after")
        return cls(
            kind=kind,
            answer_after=float(told.get("answer_after", 20 if kind == "voicemail" else 1)),
            press=(press,) if isinstance(press, str) else tuple(str(keys) for keys in press),
            press_after=float(told.get("press_after", 1)),
            hang_up_after=None if hang_up_after is None else float(hang_up_after),
            speaks_for=float(told.get("speaks_for", 5)),
            extension=str(told.get("extension", "")),
            person_after=float(told.get("person_after", 5)),
        )

    def public(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {
            "kind": self.kind,
            "answer_after": self.answer_after,
            "press": list(self.press),
            "press_after": self.press_after,
            "hang_up_after": self.hang_up_after,
            "speaks_for": self.speaks_for,
            "extension": self.extension,
            "person_after": self.person_after,
        }
