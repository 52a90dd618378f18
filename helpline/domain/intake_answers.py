"""A visitor's answers to the optional intake questions, for the advisor who calls.

None of them is a diagnosis. The queue shows their signals to advisors and supervisors; nobody else
reads them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar

from helpline.domain.unreadable import is_unreadable

_Choice = TypeVar("_Choice", bound=StrEnum)


class Danger(StrEnum):
    """Whether anyone is in danger now."""

    YES = "yes"
    UNSURE = "unsure"
    NO = "no"


class About(StrEnum):
    """The topic of the request."""

    MOOD = "mood"
    SUICIDE = "suicide"
    SUBSTANCES = "substances"
    VIOLENCE = "violence"
    OTHER = "other"


class Urgent(StrEnum):
    """Why a visitor should not wait for the callback."""

    DANGER = "danger"
    SUICIDE = "suicide"
    VIOLENCE = "violence"


class Signal(StrEnum):
    """What the queue shows of the answers."""

    DANGER = "danger"
    MAYBE_DANGER = "maybe_danger"
    SUICIDE = "suicide"
    VIOLENCE = "violence"
    SUBSTANCES = "substances"


_SIGNALS: Mapping[StrEnum | None, Signal] = MappingProxyType(
    {
        Danger.YES: Signal.DANGER,
        Danger.UNSURE: Signal.MAYBE_DANGER,
        About.SUICIDE: Signal.SUICIDE,
        About.VIOLENCE: Signal.VIOLENCE,
        About.SUBSTANCES: Signal.SUBSTANCES,
    }
)


class ForWhom(StrEnum):
    """Whether the request is for the visitor or for another person."""

    SELF = "self"
    OTHER = "other"


class WhosePhone(StrEnum):
    """Whose phone is called when the request is for another person."""

    MINE = "mine"
    THEIRS = "theirs"


class Cover(StrEnum):
    """What the advisor says when someone else answers and the caller must not be named.

    None of them announces another call.
    """

    WRONG_NUMBER = "wrong_number"
    FRIEND = "friend"
    HANG_UP = "hang_up"


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of one request; None where a question was skipped.

    Args:
        may_say_who_asked: whether the person called may be told who made the request.
        asked_by: who made it, in their own words.
        person_knows: whether the person called expects the call.
        cover: what to say when someone else answers.
        code_word: what the advisor says first, so that the visitor recognises the helpline.
        safe_times: when it is safe to call, in the visitor's words.
    """

    danger: Danger | None = None
    about: About | None = None
    for_whom: ForWhom | None = None
    whose_phone: WhosePhone | None = None
    may_say_who_asked: bool = False
    asked_by: str | None = None
    person_knows: bool = False
    cover: Cover | None = None
    code_word: str | None = None
    safe_times: str | None = None

    @property
    def urgent(self) -> Urgent | None:
        """Return why the visitor should call another number now, or None.

        "Unsure" about danger counts as danger. Violence is kept apart, since its first number may
        differ.
        """
        if self.about == About.VIOLENCE:
            return Urgent.VIOLENCE
        if self.is_danger:
            return Urgent.DANGER
        return Urgent.SUICIDE if self.about == About.SUICIDE else None

    @property
    def is_danger(self) -> bool:
        """Return whether someone is, or may be, in danger."""
        return self.danger in (Danger.YES, Danger.UNSURE)

    @property
    def signals(self) -> tuple[Signal, ...]:
        return tuple(_SIGNALS[each] for each in (self.danger, self.about) if each in _SIGNALS)

    def to_text(self) -> str | None:
        """Return the answers as JSON (encrypted when stored), or None when all were skipped."""
        answers = {name: value for name in self.__slots__ if (value := getattr(self, name))}
        return json.dumps(answers, ensure_ascii=False) if answers else None

    @classmethod
    def from_text(cls, text: str | None) -> Answers:
        """Read what ``to_text`` wrote. Unknown or undecryptable answers count as skipped."""
        answers: dict[str, Any] = json.loads(text) if text and not is_unreadable(text) else {}
        return cls(
            danger=_choice_of(Danger, answers.get("danger")),
            about=_choice_of(About, answers.get("about")),
            for_whom=_choice_of(ForWhom, answers.get("for_whom")),
            whose_phone=_choice_of(WhosePhone, answers.get("whose_phone")),
            may_say_who_asked=answers.get("may_say_who_asked") is True,
            asked_by=answers.get("asked_by"),
            person_knows=answers.get("person_knows") is True,
            cover=_choice_of(Cover, answers.get("cover")),
            code_word=answers.get("code_word"),
            safe_times=answers.get("safe_times"),
        )


def _choice_of(choices: type[_Choice], value: object) -> _Choice | None:
    return next((choice for choice in choices if choice == value), None)
