"""The simulated phone network, as a carrier's API and the people at its phones use it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from phonesim.behaviours import Behaviour
from phonesim.calls import (
    API_REQUEST,
    BUSY,
    CANCELED,
    COMPLETED,
    DECLINED,
    IN_PROGRESS,
    INBOUND,
    INITIATED,
    QUEUED,
    RINGING,
    Call,
    DialResult,
    NotPossible,
    Source,
)
from phonesim.carrier import Carrier
from phonesim.conference import Conference, Participant
from phonesim.detection import detect
from phonesim.dialling import Dialling
from phonesim.exchange import Exchange
from phonesim.instructions import WHISPER_VERBS, Dial
from phonesim.lines import Line
from phonesim.messages import Messages
from phonesim.numbers import ANONYMOUS, WITHHELD, presents
from phonesim.program import Program
from phonesim.settings import Settings


class Network(Exchange):
    """Phones, calls and texts."""

    def __init__(self, settings: Settings, carriers: Mapping[str, Carrier]) -> None:
        super().__init__(settings, carriers)
        self.messages = Messages(self)
        self.conferences: dict[str, Conference] = {}
        self._next_start_elapsed: dict[str, float] = {}

    def reset(self) -> None:
        """Forget every call, phone, text and fault; nothing of before happens any more."""
        with self.lock:
            self.clear()
            self.messages.clear()
            self.conferences.clear()
            self._next_start_elapsed.clear()

    # -- what an account's owner does through the API

    def place(self, call: Call) -> bool:
        """Queue a call asked for through the API; it starts at the account's pace.

        Returns:
            whether others are before it.
        """
        with self.lock:
            self.add(call)
            call.on_answered = lambda: detect(self, call, lambda: self.run(call, call.source))
            wait = self.settings.queue_seconds
            pace = self.carrier_of(call).calls_per_second
            if pace > 0:
                now = self.clock.elapsed()
                wait = max(wait, self._next_start_elapsed.get(call.carrier, 0.0) - now)
                self._next_start_elapsed[call.carrier] = now + wait + 1 / pace
            call.timers.append(self.after(wait, lambda: self.start(call)))
            return wait > self.settings.queue_seconds

    def run(self, call: Call, source: Source) -> None:
        """Execute these instructions instead of any others."""
        if call.program is not None:
            call.program.stop()
        program = call.program = Program(self, call, source, self.dial)
        program.start()

    def dial(self, call: Call, verb: Dial, then: Callable[[DialResult], None]) -> None:
        """Call other phones on behalf of this call, or let it join a conference."""
        connection = (
            Participant(self, self.conferences, call, verb, verb.conference, then)
            if verb.conference
            else Dialling(self, call, verb, then, self._whisper)
        )
        call.dialling = connection
        connection.start()

    def _whisper(self, child: Call, then: Callable[[], None]) -> None:
        program = Program(self, child, child.source, self.dial, at_end=then, allowed=WHISPER_VERBS)
        child.program = program
        program.start()

    def redirect(self, call: Call, source: Source) -> None:
        """Send a call in progress to other instructions; a dialled leg leaves its Dial."""
        dialling, call.child_of = call.child_of, None
        self.run(call, source)
        if dialling is not None:
            dialling.child_left(call)

    def transfer(self, call: Call, source: Source, leg: Call, leg_source: Source) -> None:
        """Send a call and the leg that it talks with to other instructions, at once."""
        if leg.child_of is not None:
            leg.child_of.release(leg)
        leg.child_of = None
        self.run(call, source)
        self.run(leg, leg_source)

    def cancel(self, call: Call) -> None:
        """End a call that is queued or rings; leave one in progress alone."""
        with self.lock:
            if call.status in (QUEUED, INITIATED, RINGING):
                self.end(call, CANCELED, API_REQUEST, cancelled=True)

    def complete(self, call: Call) -> None:
        """End a call, also one in progress."""
        with self.lock:
            status = COMPLETED if call.status == IN_PROGRESS else CANCELED
            self.end(call, status, API_REQUEST, cancelled=True)

    # -- what a person does with a phone

    def answer(self, number: str) -> None:
        """Pick up."""
        with self.lock:
            self.pick_up(self._ringing(number), Behaviour())

    def to_voicemail(self, number: str) -> None:
        """Let the answering machine pick up."""
        with self.lock:
            self.pick_up(self._ringing(number), Behaviour(), machine=True)

    def decline(self, number: str) -> None:
        """Reject it; the caller gets busy."""
        with self.lock:
            call = self._ringing(number)
            self.note(call, "declined")
            self.end(call, BUSY, DECLINED)

    def hang_up(self, number: str) -> None:
        """Put down; also gives up a call that rings at the other end."""
        with self.lock:
            call = self.phone(number).call
            if call is None:
                raise NotPossible("this phone is not on a call")
            if self.phone(number).state == "ringing":
                raise NotPossible("this phone is ringing: answer or decline")
            self.put_down(call)

    def press(self, number: str, digits: str) -> None:
        """Press keys."""
        if not digits or set(digits) - set("0123456789*#"):
            raise NotPossible("keys are 0 to 9, * and #")
        with self.lock:
            call = self.phone(number).call
            if call is None or self.phone(number).state == "ringing":
                raise NotPossible("this phone is not on a call")
            if call.by_machine:
                raise NotPossible("an answering machine cannot press keys")
            self.press_keys(call, digits)

    def call_in(
        self,
        number: str,
        to: str,
        behaviour: Behaviour,
        withheld: bool | str = False,
        extras: Mapping[str, str] | None = None,
        presented: str = "",
    ) -> Call:
        """Call one of the account's numbers from this phone; it may be one of them itself.

        A withheld number arrives as `anonymous`, or in another of the forms of WITHHELD.

        Args:
            withheld: whether the number is withheld; a string: in which form.
            extras: parameters of webhooks that only some accounts and callers have.
            presented: the phone's number as its network presents it, without "+": Indian networks
                send "919876543210", "09876543210" or "9876543210".
        """
        shown = _caller_id(number, withheld, presented)
        with self.lock:
            phone, line = self.phone(number), self._called_line(to)
            if phone.call is not None:
                raise NotPossible("this phone is in use")
            carrier = self.carriers[line.carrier]
            call = Call(
                sid=carrier.new_id("call"),
                carrier=line.carrier,
                from_=shown,
                request_extras=carrier.inbound_extras(shown) | dict(extras or {}),
                to=to,
                direction=INBOUND,
                created=self.clock.now(),
                status=RINGING,
                source=carrier.source(line),
                status_callbacks=line.callbacks(),
                own_handset=number,
                presses=list(behaviour.press),
                press_after=behaviour.press_after,
                speaks_for=behaviour.speaks_for if behaviour.kind != "manual" else None,
            )
            call.started = self.clock.now()
            self.add(call)
            phone.call = phone.last_call = call
            self.note(call, "calls the helpline")
            if behaviour.hang_up_after is not None:
                call.timers.append(self.after(behaviour.hang_up_after, lambda: self.put_down(call)))
            self.run(call, call.source)
            return call

    def _called_line(self, number: str) -> Line:
        line = self.lines.get(number)
        if line is None:
            raise NotPossible("that number does not belong to the simulated account")
        if not line.voice_url:
            raise NotPossible("that number has no voice webhook")
        return line

    def behave(self, number: str, behaviours: list[Behaviour]) -> None:
        """What this phone does by itself from now on: one thing each time, the last one stays."""
        with self.lock:
            self.phone(number).behaviours = list(behaviours)

    def _ringing(self, number: str) -> Call:
        phone = self.phone(number)
        if phone.call is None or phone.state != "ringing":
            raise NotPossible("this phone is not ringing")
        if phone.call.stuck:
            raise NotPossible("this call is stuck: it cannot be answered")
        return phone.call

    # -- looking

    def all_calls(self) -> dict[str, Any]:
        """Return every call, oldest first, and how often each phone rang."""
        with self.lock:
            return {
                "now": self.clock.now().isoformat(timespec="milliseconds"),
                "calls": [call.public() for call in self.calls.values()],
                "rings": {
                    phone.number: len(phone.rings) for phone in self.phones.values() if phone.rings
                },
            }

    def since(self, call: Call) -> datetime:
        """When a call began, for the filters of the list; its creation until it is dialled."""
        return call.started or call.created


def _caller_id(number: str, withheld: bool | str, presented: str) -> str:
    """Return what the called side sees of a caller's number."""
    if isinstance(withheld, str) and withheld not in WITHHELD:
        raise ValueError("unknown form of a withheld number")
    if presented and not presents(presented, number):
        raise ValueError("presented is the phone's own number, without its + or country code")
    if withheld is False:
        return presented or number
    return withheld if isinstance(withheld, str) else ANONYMOUS
