"""Conferences of several calls: the Conference noun of Dial.

https://www.twilio.com/docs/voice/twiml/conference: a conference begins when a participant enters
who may start it; until then participants hear music; it ends for all when a participant leaves
whose leaving ends it. Each call then continues with its Dial's action (DialCallStatus is
`answered`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from phonesim.calls import Call
from phonesim.twiml import Conference, Dial

if TYPE_CHECKING:
    from phonesim.network import Network

WAITING = "[waiting music]"
RESULT = {"DialCallStatus": "answered"}


@dataclass
class Room:
    """One conference under way."""

    name: str
    begun: bool = False
    stays: list[Stay] = field(default_factory=list)


class Stay:
    """One call's time in a room. Everything here runs under the network's lock."""

    bridged: Call | None = None

    def __init__(
        self,
        network: Network,
        parent: Call,
        verb: Dial,
        noun: Conference,
        then: Callable[[dict[str, str]], None],
    ) -> None:
        self.network = network
        self.parent = parent
        self.verb = verb
        self.noun = noun
        self._then = then
        self._room = network.rooms.setdefault(noun.name, Room(noun.name))

    def start(self) -> None:
        """Enter."""
        room = self._room
        room.stays.append(self)
        self.network.answer_parent(self.parent)
        self.network.note(self.parent, "entered a conference")
        if self.noun.start_on_enter:
            room.begun = True
        if not room.begun:
            self.network.hear(self.parent, WAITING)

    def others(self) -> list[Call]:
        """Who is in the room too, once it has begun."""
        if not self._room.begun:
            return []
        return [stay.parent for stay in self._room.stays if stay is not self]

    def key(self, key: str) -> None:
        """The star key leaves, where that is allowed; the call goes on."""
        if key == "*" and self.verb.hangup_on_star:
            self._leave()
            self._finish()

    def parent_left(self, cancelled: bool) -> dict[str, str]:
        """The call has ended."""
        self._leave()
        return RESULT

    def _leave(self) -> None:
        room = self._room
        if self not in room.stays:
            return
        room.stays.remove(self)
        if self.noun.end_on_exit:
            remaining, room.stays = room.stays, []
            for stay in remaining:
                stay._finish()
        if not room.stays:
            self.network.rooms.pop(room.name, None)

    def _finish(self) -> None:
        self.parent.dialling = None
        self._then(RESULT)
