"""One <Dial> in progress: the legs it calls, and which of them is connected.

https://www.twilio.com/docs/voice/twiml/dial and .../number:
- several numbers ring at once; the first to be ready (answered, and its whisper heard to the end)
  is connected, the others stop;
- a whisper (Number's `url`) runs on the child's side only; it may hang up, and may not dial;
- digits of `sendDigits` are played when the leg is answered, before its whisper; w is half a second
  of silence, W a whole one. The order of the two is not documented. A value with other characters
  is ignored with a warning (https://www.twilio.com/docs/api/errors/13222). Where there are digits,
  detection is ignored (https://www.twilio.com/docs/voice/answering-machine-detection);
- machine detection on a Number with a whisper delays the whisper and passes it AnsweredBy
  ("sending a voice request with AnsweredBy"); without one it runs while the parties talk;
- the parent leaving while a child still rings ends the child: no-answer. `canceled` is for
  hangupOnStar and for the REST API
  (help centre, "What are the possible call statuses, and what do they mean?");
- the action receives DialCallStatus, DialCallSid, DialBridged, DialSipResponseCode once the leg is
  over, and DialCallDuration once answered
  (https://www.twilio.com/docs/voice/twiml/sip#dial-action-http-parameters);
- where Dial itself is refused (its callerId, a number that is none, a rule of the country called)
  there is no child and no status callback: only the action is requested, with
  DialCallStatus=failed, ErrorCode and ErrorMessage, and without DialCallSid
  (https://www.twilio.com/docs/api/errors/13214, .../13223; its parameters then are in
  https://github.com/twilio/twilio-voice-ios/issues/103).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from phonesim.calls import (
    CANCELED,
    COMPLETED,
    FAILED,
    IN_PROGRESS,
    NO_ANSWER,
    OUTBOUND_DIAL,
    Call,
    Source,
    StatusCallback,
)
from phonesim.errors import TwilioError
from phonesim.formats import is_e164, new_sid, normalised
from phonesim.program import Program
from phonesim.twiml import Dial, Gather, Hangup, Number, Pause, Play, Redirect, Say

if TYPE_CHECKING:
    from phonesim.network import Network

DIGITS = re.compile(r"[0-9A-D*#wW]+")
SECONDS_OF_DIGIT = {"w": 0.5, "W": 1.0}

# "The url attribute does not support any other TwiML verbs"; Pause and Redirect are let through.
WHISPER_VERBS = (Say, Play, Pause, Gather, Hangup, Redirect)


class Dialling:
    """The children of one parent call. Everything here runs under the network's lock."""

    def __init__(
        self, network: Network, parent: Call, verb: Dial, then: Callable[[dict[str, str]], None]
    ) -> None:
        self.network = network
        self.parent = parent
        self.verb = verb
        self.bridged: Call | None = None
        self.children: list[Call] = []
        self._then = then
        self._over = False
        self._refused: TwilioError | None = None

    def start(self) -> None:
        """Call every number."""
        caller_id = self.verb.caller_id or self.parent.from_
        self._refused = self._refusal(caller_id)
        if self._refused is None:
            self.children = [self._child(noun, caller_id) for noun in self.verb.numbers]
        for child in list(self.children):
            self.network.start(child)
        if not self.children:
            self._finish(FAILED)

    def _refusal(self, caller_id: str) -> TwilioError | None:
        """Why no number of this Dial can be called at all."""
        network = self.network
        if not network.may_show(caller_id, self.parent):
            return TwilioError(13214)
        for noun in self.verb.numbers:
            to = normalised(noun.number)
            if not is_e164(to):
                return TwilioError(13223)
            if not network.may_reach(to):
                return TwilioError(21219, to)
            if network.is_blocked(caller_id, to):
                return TwilioError(13225)
            if (fault := network.faults.at_dial(to)) is not None:
                return TwilioError(fault.code)
        return None

    def _child(self, noun: Number, caller_id: str) -> Call:
        digits = noun.send_digits if DIGITS.fullmatch(noun.send_digits) else ""
        child = Call(
            sid=new_sid("CA"),
            account_sid=self.parent.account_sid,
            from_=caller_id,
            to=normalised(noun.number),
            direction=OUTBOUND_DIAL,
            created=self.network.clock.now(),
            source=Source(url=noun.url, method=noun.method),
            status_callback=StatusCallback(
                noun.status_callback, noun.status_callback_method, noun.status_callback_events
            ),
            ring_timeout=self.verb.timeout,
            parent=self.parent,
            machine_detection="" if digits else noun.machine_detection,
            amd_callback=StatusCallback(noun.amd_status_callback, noun.amd_status_callback_method),
            amd_in_background=not noun.url,
            send_digits=digits,
            child_of=self,
        )
        self.network.add(child)
        if noun.send_digits and not digits:
            self.network.note(child, "warning 13222: Dial->Number: Invalid sendDigits value")
        return child

    def others(self) -> list[Call]:
        """The leg that the parent talks with, if any."""
        return [self.bridged] if self.bridged is not None else []

    def child_answered(self, child: Call) -> None:
        """Send it its digits and let it hear its whisper, if it has any; then connect it."""
        if not child.send_digits:
            self._whisper(child)
            return
        seconds = sum(SECONDS_OF_DIGIT.get(each, 0.25) for each in child.send_digits)

        def sent() -> None:
            if not child.is_over:
                self.network.send_digits(child, child.send_digits)
                self._whisper(child)

        child.timers.append(self.network.after(seconds, sent))

    def _whisper(self, child: Call) -> None:
        if child.source.url:
            child.program = Program(
                self.network,
                child,
                child.source,
                at_end=lambda: self._connect(child),
                allowed=WHISPER_VERBS,
            )
            child.program.start()
        else:
            self._connect(child)

    def _connect(self, child: Call) -> None:
        if self._over or self.bridged is not None or child.is_over:
            return
        self.bridged = child
        self.network.note(child, f"connected with {self.parent.sid}")
        self.network.note(self.parent, f"connected with {child.sid}")
        self.network.answer_parent(self.parent)
        child.timers.append(
            self.network.after(self.verb.time_limit, lambda: self.network.end(child, COMPLETED))
        )
        for other in self.children:
            if other is not child:
                self._stop(other)

    def _stop(self, child: Call, status: str = NO_ANSWER) -> None:
        self.network.end(child, COMPLETED if child.status == IN_PROGRESS else status)

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

    def key(self, key: str) -> None:
        """A key pressed by the parent: * may end the dialled call."""
        if key == "*" and self.verb.hangup_on_star:
            for child in self.children:
                self._stop(child, CANCELED)

    def parent_left(self, cancelled: bool) -> dict[str, str]:
        """End every leg after the parent left; return the parameters of the action."""
        self._over = True
        for child in self.children:
            self._stop(child, CANCELED if cancelled else NO_ANSWER)
        return self._result(self._reported())

    def _finish(self, status: str) -> None:
        self._over = True
        self.parent.dialling = None
        self._then(self._result(self._reported(), status))

    def _reported(self) -> Call | None:
        """The leg that the action hears of: the connected one, else the last."""
        return self.bridged or (self.children[-1] if self.children else None)

    def _result(self, child: Call | None, status: str = "") -> dict[str, str]:
        result = {
            "DialCallStatus": status or (child.status if child else FAILED),
            "DialBridged": "true" if self.bridged is not None else "false",
        }
        if child is not None:
            result["DialCallSid"] = child.sid
            if child.is_over:
                result["DialSipResponseCode"] = child.sip_code
            if child.duration_seconds is not None:
                result["DialCallDuration"] = str(child.duration_seconds)
            if child.error_code is not None:
                result["ErrorCode"] = str(child.error_code)
        elif self._refused is not None:
            result["ErrorCode"] = str(self._refused.code)
            result["ErrorMessage"] = self._refused.message
        return result
