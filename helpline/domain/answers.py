"""What a visitor answered to the three quiet questions. All may be skipped; none is a diagnosis.

It guides to the right care and is for the advisor who rings, nobody else.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from helpline.domain.unreadable import is_unreadable

_Choice = TypeVar("_Choice", bound=StrEnum)


class Danger(StrEnum):
    """Is anyone in danger right now?"""

    YES = "yes"
    UNSURE = "unsure"
    NO = "no"


class About(StrEnum):
    """What is it about?"""

    MOOD = "mood"
    SUICIDE = "suicide"
    SUBSTANCES = "substances"
    VIOLENCE = "violence"
    OTHER = "other"


class Urgent(StrEnum):
    """Why somebody should not wait for our call."""

    DANGER = "danger"
    SUICIDE = "suicide"
    VIOLENCE = "violence"


class ForWhom(StrEnum):
    """For yourself, or someone else?"""

    SELF = "self"
    OTHER = "other"


class WhosePhone(StrEnum):
    """When somebody asks for another person: whose phone is it that we ring?"""

    MINE = "mine"
    THEIRS = "theirs"


class Cover(StrEnum):
    """What is said to somebody else who answers, where we may not say who is calling. None of it
    announces another call."""

    WRONG_NUMBER = "wrong_number"
    FRIEND = "friend"
    HANG_UP = "hang_up"


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered; None where it was skipped.

    Args:
        may_say_who_asked: whether the person we ring may hear who asked for them.
        asked_by: who asked, in their own words.
        person_knows: whether the person we ring knows that we will, where somebody asked for them.
        cover: what to say to somebody else who answers.
        code_word: what we say first, so that they know it is us.
        safe_times: when it is safe to call this number, in their own words.
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
        """Why this visitor should call another number now; None: nothing they told says so. Not
        sure whether anyone is in danger counts as danger. Violence stays violence, since its first
        number may be another."""
        if self.about == About.VIOLENCE:
            return Urgent.VIOLENCE
        if self.danger in (Danger.YES, Danger.UNSURE):
            return Urgent.DANGER
        return Urgent.SUICIDE if self.about == About.SUICIDE else None

    def to_text(self) -> str | None:
        """For the database, where it is encrypted; None when everything was skipped."""
        told = {each: value for each in self.__slots__ if (value := getattr(self, each))}
        return json.dumps(told, ensure_ascii=False) if told else None

    @classmethod
    def from_text(cls, text: str | None) -> Answers:
        """As it was given; an answer that this release does not know counts as skipped, and so do
        all that cannot be decrypted."""
        told: dict[str, Any] = json.loads(text) if text and not is_unreadable(text) else {}
        return cls(
            danger=_known(Danger, told.get("danger")),
            about=_known(About, told.get("about")),
            for_whom=_known(ForWhom, told.get("for_whom")),
            whose_phone=_known(WhosePhone, told.get("whose_phone")),
            may_say_who_asked=told.get("may_say_who_asked") is True,
            asked_by=told.get("asked_by"),
            person_knows=told.get("person_knows") is True,
            cover=_known(Cover, told.get("cover")),
            code_word=told.get("code_word"),
            safe_times=told.get("safe_times"),
        )


def _known(choices: type[_Choice], value: object) -> _Choice | None:
    return next((each for each in choices if each == value), None)
