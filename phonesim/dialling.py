"""One Dial in progress: the legs it calls, and which of them is connected.

- Several numbers ring at once; the first to be ready (answered, and its whisper heard to the end)
  is connected, the others stop.
- A whisper runs on the child's side only; it may hang up, and may not dial.
- Digits to be sent are played when the leg is answered, before its whisper; w is half a second of
  silence, W a whole one. A value with other characters is ignored with a warning. Where there are
  digits, detection is ignored.
- Machine detection of a leg with a whisper delays the whisper; without one it runs while the
  parties talk.
- The parent leaving while a child still rings ends the child: no-answer; ending the parent through
  the API, or the star key: canceled.
- Where the Dial itself is refused there is no child and no status callback: only the action is
  requested. At a carrier that fails legs, the child exists and ends with the code.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from phonesim.calls import (
    CANCELED,
    COMPLETED,
    FAILED,
    IN_PROGRESS,
    LOST_RACE,
    NO_ANSWER,
    OTHER_LEFT,
    OUTBOUND_DIAL,
    TIME_LIMIT,
    Call,
    DialResult,
    Refusal,
    Source,
    StatusCallback,
)
from phonesim.carrier import BLOCKED, CALLER_ID, INVALID_NUMBER, UNVERIFIED
from phonesim.detection import detect
from phonesim.exchange import Exchange
from phonesim.instructions import Dial, Document, Number
from phonesim.numbers import is_e164, normalised

DIGITS = re.compile(r"[0-9A-D*#wW]+")
SECONDS_OF_DIGIT = {"w": 0.5, "W": 1.0}


class Dialling:
    """The children of one parent call. Everything here runs under the network's lock.

    Args:
        then: gets the result.
        whisper: plays a child its instructions, and goes on at their end.
    """

    def __init__(
        self,
        exchange: Exchange,
        parent: Call,
        verb: Dial,
        then: Callable[[DialResult], None],
        whisper: Callable[[Call, Callable[[], None]], None],
    ) -> None:
        self.exchange = exchange
        self.parent = parent
        self.verb = verb
        self.bridged: Call | None = None
        self.children: list[Call] = []
        self._then = then
        self._play_whisper = whisper
        self._over = False
        self._refusal: Refusal | None = None

    def start(self) -> None:
        """Call every number."""
        caller_id = self.verb.caller_id or self.parent.from_
        carrier = self.exchange.carrier_of(self.parent)
        self._refusal = refusal = self._refused(caller_id)
        if refusal is None or carrier.fails_legs:
            self.children = [self._child(noun, caller_id) for noun in self.verb.numbers]
        if refusal is not None:
            for child in self.children:
                child.error_code = refusal.code or carrier.codes[refusal.reason]
        for child in list(self.children):
            self.exchange.start(child)
        if not self.children:
            self._finish(FAILED)

    def _refused(self, caller_id: str) -> Refusal | None:
        """Why no number of this Dial can be called at all."""
        exchange, carrier = self.exchange, self.exchange.carrier_of(self.parent)
        if not exchange.may_show(caller_id, self.parent):
            return Refusal(CALLER_ID)
        for noun in self.verb.numbers:
            to = normalised(noun.number)
            if not is_e164(to):
                return Refusal(INVALID_NUMBER)
            if not exchange.may_reach(to):
                return Refusal(UNVERIFIED, to)
            if carrier.blocks(caller_id, to):
                return Refusal(BLOCKED)
            if (fault := exchange.faults.at_dial(to)) is not None:
                return Refusal(fault.kind, code=fault.code)
        return None

    def _child(self, noun: Number, caller_id: str) -> Call:
        digits = noun.send_digits if DIGITS.fullmatch(noun.send_digits) else ""
        child = Call(
            sid=self.exchange.carrier_of(self.parent).new_id("call"),
            carrier=self.parent.carrier,
            from_=caller_id,
            to=normalised(noun.number),
            direction=OUTBOUND_DIAL,
            created=self.exchange.clock.now(),
            source=Source(
                url=noun.url,
                method=noun.method,
                ready=Document("", (noun.confirm,)) if noun.confirm else None,
            ),
            status_callbacks=(
                StatusCallback(
                    noun.status_callback, noun.status_callback_method, noun.status_callback_events
                ),
            ),
            ring_timeout=self.verb.timeout,
            parent=self.parent,
            machine_detection="" if digits else noun.machine_detection,
            amd_callback=StatusCallback(noun.amd_status_callback, noun.amd_status_callback_method),
            amd_in_background=not noun.url,
            send_digits=digits,
            child_of=self,
        )
        child.on_answered = lambda: detect(
            self.exchange, child, lambda: self._child_answered(child)
        )
        self.exchange.add(child)
        if noun.send_digits and not digits:
            self.exchange.note(child, "warning 13222: Dial->Number: Invalid sendDigits value")
        return child

    def others(self) -> list[Call]:
        """The leg that the parent talks with, if any."""
        return [self.bridged] if self.bridged is not None else []

    def _child_answered(self, child: Call) -> None:
        """Send it its digits and let it hear its whisper, if it has any; then connect it."""
        if child.child_of is not self:  # It was sent elsewhere meanwhile.
            return
        if not child.send_digits:
            self._whisper(child)
            return
        seconds = sum(SECONDS_OF_DIGIT.get(each, 0.25) for each in child.send_digits)

        def sent() -> None:
            if not child.is_over:
                self.exchange.send_digits(child, child.send_digits)
                self._whisper(child)

        child.timers.append(self.exchange.after(seconds, sent))

    def _whisper(self, child: Call) -> None:
        if child.source.url or child.source.ready:
            self._play_whisper(child, lambda: self._connect(child))
        else:
            self._connect(child)

    def _connect(self, child: Call) -> None:
        if self._over or self.bridged is not None or child.is_over:
            return
        self.bridged = child
        self.exchange.note(child, f"connected with {self.parent.sid}")
        self.exchange.note(self.parent, f"connected with {child.sid}")
        self.exchange.answer_parent(self.parent)
        self.exchange.report(child, "connected", "connected")
        ends = partial(self.exchange.end, child, COMPLETED, TIME_LIMIT)
        child.timers.append(self.exchange.after(self.verb.time_limit, ends))
        for other in self.children:
            if other is not child:
                self._stop(other, reason=LOST_RACE)

    def _stop(self, child: Call, status: str = NO_ANSWER, reason: str = OTHER_LEFT) -> None:
        self.exchange.end(child, COMPLETED if child.status == IN_PROGRESS else status, reason)

    def child_ended(self, child: Call) -> None:
        """Go on with the parent once the connected leg, or the last one, has ended."""
        if self._over:
            return
        nobody_left = self.bridged is None and all(leg.is_over for leg in self.children)
        if child is self.bridged or nobody_left:
            self._finish(child.status)

    def child_left(self, child: Call) -> None:
        """A leg was sent elsewhere through the API; for this Dial it is over."""
        self.children = [leg for leg in self.children if leg is not child]
        if child is self.bridged or all(leg.is_over for leg in self.children):
            self._finish(COMPLETED)

    def release(self, child: Call) -> None:
        """A leg is sent elsewhere together with its parent."""
        self.children = [leg for leg in self.children if leg is not child]

    def key(self, key: str) -> None:
        """A key pressed by the parent: * may end the dialled call."""
        if key == "*" and self.verb.hangup_on_star:
            for child in self.children:
                self._stop(child, CANCELED)

    def parent_left(self, cancelled: bool) -> DialResult:
        """End every leg after the parent left."""
        self._over = True
        for child in self.children:
            self._stop(child, CANCELED if cancelled else NO_ANSWER)
        return self._result()

    def _finish(self, status: str) -> None:
        self._over = True
        self.parent.dialling = None
        self._then(self._result(status))

    def _result(self, status: str = "") -> DialResult:
        leg = self.bridged or (self.children[-1] if self.children else None)
        status = status or (leg.status if leg else FAILED)
        return DialResult(status, self.bridged is not None, leg, self._refusal)
