"""Conferences of several calls.

A conference begins when enough participants are in it, one of whom may start it; until then they
hear what they wait with; it ends for all when a participant leaves whose leaving ends it. Each call
then continues with its action.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from phonesim.calls import Call, DialResult
from phonesim.exchange import Exchange
from phonesim.instructions import Dial, JoinConference

RESULT = DialResult("answered")


@dataclass
class Conference:
    """One conference under way."""

    name: str
    begun: bool = False
    participants: list[Participant] = field(default_factory=list)

    def public(self) -> dict[str, Any]:
        """As JSON."""
        members = [
            {"number": each.parent.handset, "muted": each.noun.muted} for each in self.participants
        ]
        return {"name": self.name, "begun": self.begun, "participants": members}

    def play(self, sound: str) -> None:
        """Let all hear a sound; nothing where it is empty."""
        for each in self.participants if sound else ():
            each.exchange.hear(each.parent, sound)


class Participant:
    """One call's time in a conference. Everything here runs under the network's lock."""

    def __init__(
        self,
        exchange: Exchange,
        conferences: dict[str, Conference],
        parent: Call,
        verb: Dial,
        noun: JoinConference,
        then: Callable[[DialResult], None],
    ) -> None:
        self.exchange = exchange
        self.parent = parent
        self.verb = verb
        self.noun = noun
        self._then = then
        self._conferences = conferences
        self._conference = conferences.setdefault(noun.name, Conference(noun.name))

    def start(self) -> None:
        """Enter."""
        conference = self._conference
        conference.play(self.noun.enter_sound)
        conference.participants.append(self)
        self.exchange.answer_parent(self.parent)
        self.exchange.note(self.parent, "entered a conference")
        may_start = any(each.noun.start_on_enter for each in conference.participants)
        conference.begun |= may_start and len(conference.participants) >= self.noun.starts_with
        if not conference.begun and self.noun.wait:
            self.exchange.hear(self.parent, self.noun.wait)

    def others(self) -> list[Call]:
        """Whom this call hears: the others who are not muted, once it has begun."""
        if not self._conference.begun:
            return []
        return [
            participant.parent
            for participant in self._conference.participants
            if participant is not self and not participant.noun.muted
        ]

    def key(self, key: str) -> None:
        """The star key leaves, where that is allowed; the call goes on."""
        if key == "*" and self.verb.hangup_on_star:
            self._leave()
            self._finish()

    def parent_left(self, cancelled: bool) -> DialResult:
        """The call has ended."""
        self._leave()
        return RESULT

    def _leave(self) -> None:
        conference = self._conference
        if self not in conference.participants:
            return
        conference.participants.remove(self)
        conference.play(self.noun.exit_sound)
        if self.noun.end_on_exit:
            remaining, conference.participants = conference.participants, []
            for participant in remaining:
                participant._finish()
        if not conference.participants:
            self._conferences.pop(conference.name, None)

    def _finish(self) -> None:
        self.parent.dialling = None
        self._then(RESULT)
