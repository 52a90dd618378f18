"""The simulated phone network: its phones, its calls, and what happens to them.

A call goes queued, initiated, ringing, in-progress, completed; or from ringing to busy, no-answer
or canceled; or from initiated to failed
(https://www.twilio.com/docs/voice/api/call-resource#call-status-values). Everything happens under
one lock; whatever takes time is a timer or a job for the courier.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from phonesim.calls import (
    BUSY,
    CANCELED,
    COMPLETED,
    FAILED,
    IN_PROGRESS,
    INBOUND,
    INITIATED,
    NO_ANSWER,
    OUTBOUND_API,
    OUTBOUND_DIAL,
    QUEUED,
    RINGING,
    Behaviour,
    Call,
    Note,
    NotPossible,
    Phone,
    Source,
)
from phonesim.clock import SimClock
from phonesim.conference import Room, Stay
from phonesim.detection import detect
from phonesim.dialling import Dialling
from phonesim.errors import TwilioError
from phonesim.faults import Faults
from phonesim.formats import new_sid, new_token
from phonesim.lines import Line
from phonesim.messages import Messages
from phonesim.program import Program
from phonesim.recordings import Recording
from phonesim.scheduler import Scheduler, Timer, Workers
from phonesim.settings import Settings
from phonesim.tokens import Tokens
from phonesim.twiml import Dial
from phonesim.webhooks import Courier, Webhook

log = logging.getLogger(__name__)

VOICEMAIL_GREETING_SECONDS = 60.0
SWITCHBOARD_SECONDS = 30.0

ANONYMOUS = "anonymous"
WITHHELD = (
    *(ANONYMOUS, "Anonymous", "Restricted", "restricted", "unknown", "unavailable", ""),
    *("+266696687", "+86282452253", "+7378742833", "+2562533", "+8656696", "+464"),
)
"""Forms of a withheld number: words of the caller's carrier, and the same words typed on a
phone's keys (+266696687 is ANONYMOUS)
https://help.twilio.com/articles/223179988-Why-am-I-getting-calls-from-these-strange-numbers-
"""
INDIA = "+91"
DEMO_VOICE_URL = "https://demo.twilio.com/welcome/voice/"
DEMO_SMS_URL = "https://demo.twilio.com/welcome/sms/reply"
_DEMO = "<Response><Say>Congratulations! You have set up your number.</Say></Response>"

_EVENTS = {INITIATED: "initiated", RINGING: "ringing", IN_PROGRESS: "answered"}


def _presents(digits: str, number: str) -> bool:
    """Whether digits are a form of a number: with or without its country code and a leading 0."""
    bare = digits.removeprefix("0")
    return bare.isascii() and bare.isdigit() and len(bare) >= 8 and number.endswith(bare)


class Network:
    """Phones and calls."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.lock = threading.RLock()
        self.clock = SimClock(
            settings.clock_offset_seconds, settings.time_scale, settings.clock_speed
        )
        self.scheduler = Scheduler(self.clock)
        self.workers = Workers()
        self.faults = Faults(settings.seed)
        self.tokens = Tokens(settings)
        self.courier = Courier(
            settings, self.clock, self.scheduler, self.workers, self.faults, self.tokens
        )
        self.calls: dict[str, Call] = {}
        self.phones: dict[str, Phone] = {}
        self.default_behaviours: list[Behaviour] = []
        self.recordings: dict[str, Recording] = {}
        self.rooms: dict[str, Room] = {}
        self.messages = Messages(self)
        self.base_url = f"http://{settings.host}:{settings.port}"
        self.stopped = threading.Event()
        self.lines: dict[str, Line] = {}
        self._next_start_elapsed = 0.0
        self._furnish()

    def reset(self) -> None:
        """Forget every call, phone and fault; nothing of before happens any more."""
        with self.lock:
            self.scheduler.clear()
            for call in self.calls.values():
                call.forget()
            self.calls.clear()
            self.phones.clear()
            self.recordings.clear()
            self.rooms.clear()
            self.messages.clear()
            self.default_behaviours = []
            self._next_start_elapsed = 0.0
            self.clock.run_at()
            self.faults.replace([], {})
            self.courier.reset()
            self._furnish()

    def stop(self) -> None:
        """Let nothing more happen."""
        self.stopped.set()
        self.scheduler.stop()
        self.workers.stop()

    def _furnish(self) -> None:
        """The account's numbers and the phones with a name, as at the start."""
        settings = self.settings
        for number in settings.numbers:
            self.lines[number] = Line(
                number,
                settings.account_sid,
                self.clock,
                voice_url=DEMO_VOICE_URL if settings.demo_addresses else settings.voice_url,
                sms_url=DEMO_SMS_URL if settings.demo_addresses else settings.sms_url,
                voice_fallback_url=settings.voice_fallback_url,
                sms_fallback_url=settings.sms_fallback_url,
                status_callback=settings.status_callback,
            )
        for number, name in settings.phones.items():
            self.phones[number] = Phone(number, name)

    def line_of(self, number: str) -> Line:
        """The account's number."""
        return self.lines[number]

    def line(self, sid: str) -> Line:
        """The account's number with this identifier."""
        for line in self.lines.values():
            if line.sid == sid:
                return line
        raise TwilioError(20404, f"IncomingPhoneNumbers/{sid}")

    # -- small services for calls

    def after(self, seconds: float, action: Callable[[], None]) -> Timer:
        """Do this later, under the lock."""

        def locked() -> None:
            with self.lock:
                action()

        return self.scheduler.after(seconds, locked)

    def phone(self, number: str) -> Phone:
        """The phone with this number; every number has one."""
        with self.lock:
            if number not in self.phones:
                self.phones[number] = Phone(number)
            return self.phones[number]

    def note(self, call: Call, what: str) -> None:
        """Write it down with the call and its phone."""
        note = Note(self.clock.now(), what)
        call.log.append(note)
        self.phone(call.handset).log.append(note)

    def hear(self, call: Call, text: str) -> None:
        """The person (or machine) at this call's phone hears this."""
        call.heard.append(Note(self.clock.now(), text))
        self.note(call, f"heard: {text}")

    def may_show(self, number: str, parent: Call) -> bool:
        """Return whether a leg may show this caller id: one of the account's, or the caller's
        own.
        """
        return number in self.settings.numbers or (
            parent.direction == INBOUND and number == parent.from_
        )

    def may_reach(self, number: str) -> bool:
        """Whether the account may call or text a number: one on trial reaches verified ones only
        (https://www.twilio.com/docs/usage/trials)."""
        settings = self.settings
        return not settings.trial or number in settings.verified

    def is_blocked(self, caller_id: str, to: str) -> bool:
        """Whether a country's rule forbids this call, where such rules are in force.

        "Outbound calls to India can only be made from international (non-Indian) numbers"
        (https://www.twilio.com/en-us/guidelines/in/voice). With which code they are refused is not
        documented; that of calls blocked "due to regulatory reasons" is taken.
        """
        both = caller_id.startswith(INDIA) and to.startswith(INDIA)
        return self.settings.country_rules and both

    # -- the life of a call

    def add(self, call: Call) -> None:
        """Keep a new call."""
        with self.lock:
            self.calls[call.sid] = call
            call.statuses.append((call.status, self.clock.now()))

    def place(self, call: Call) -> None:
        """A call asked for through the API: queued now, started at the account's pace."""
        with self.lock:
            self.add(call)
            wait = self.settings.queue_seconds
            if self.settings.calls_per_second > 0:
                now = self.clock.elapsed()
                start = max(now + wait, self._next_start_elapsed)
                self._next_start_elapsed = start + 1 / self.settings.calls_per_second
                wait = start - now
            call.timers.append(self.after(wait, lambda: self.start(call)))

    def start(self, call: Call) -> None:
        """Dial the far end."""
        if call.is_over:
            return
        call.started = self.clock.now()
        self._go(call, INITIATED)
        call.timers.append(self.after(self.settings.setup_seconds, lambda: self._ring(call)))

    def _ring(self, call: Call) -> None:
        if call.is_over:
            return
        phone = self.phone(call.handset)
        fault = self.faults.at_ring(call.to, call.direction == OUTBOUND_DIAL)
        if fault is not None and fault.kind == "child_error":
            call.error_code = fault.code
        if call.error_code is not None:
            self.end(call, FAILED)
            return
        if phone.call is not None:
            self.end(call, BUSY)
            return
        behaviour = self._next_behaviour(phone)
        if behaviour.kind == "unreachable":
            self.end(call, FAILED)
        else:
            call.stuck = fault is not None
            self._go(call, RINGING)
            phone.call = phone.last_call = call
            phone.rings.append((call.sid, self.clock.now()))
            self.note(call, "rings")
            self._until_answered(call, phone, behaviour)

    def _until_answered(self, call: Call, phone: Phone, behaviour: Behaviour) -> None:
        def later(seconds: float, action: Callable[[], None]) -> None:
            call.timers.append(self.after(seconds, action))

        if call.stuck:
            later(call.ring_timeout, lambda: self._free(phone, call))
            return
        later(call.ring_timeout, lambda: self._give_up(call))
        if behaviour.kind == "answer":
            later(behaviour.answer_after, lambda: self._pick_up(call, behaviour))
        elif behaviour.kind == "switchboard":
            later(behaviour.answer_after, lambda: self._switchboard_answers(call, behaviour))
        elif behaviour.kind == "voicemail":
            later(behaviour.answer_after, lambda: self._pick_up(call, behaviour, machine=True))
        elif behaviour.kind == "decline":
            later(behaviour.answer_after, lambda: self.end(call, BUSY))

    def _next_behaviour(self, phone: Phone) -> Behaviour:
        """What the phone does this time; the last of several stays."""
        if phone.behaviours:
            return phone.behaviours.pop(0) if len(phone.behaviours) > 1 else phone.behaviours[0]
        return self.default_behaviours[0] if self.default_behaviours else Behaviour()

    def _give_up(self, call: Call) -> None:
        if call.status == RINGING:
            self.end(call, NO_ANSWER)

    def _pick_up(self, call: Call, behaviour: Behaviour, machine: bool = False) -> None:
        if call.status != RINGING or call.stuck:
            return
        self.note(call, "a machine answers" if machine else "answered")
        call.by_machine = machine
        call.presses = list(behaviour.press)
        call.press_after = behaviour.press_after
        if behaviour.kind != "manual":
            call.speaks_for = behaviour.speaks_for
        seconds = behaviour.hang_up_after
        if seconds is None and machine:
            seconds = VOICEMAIL_GREETING_SECONDS
        if seconds is not None:
            call.timers.append(self.after(seconds, lambda: self._put_down(call)))
        self._answered(call)

    def _switchboard_answers(self, call: Call, behaviour: Behaviour) -> None:
        if call.status != RINGING or call.stuck:
            return
        self.note(call, "a switchboard answers")
        call.by_machine = True
        call.switchboard = behaviour
        call.timers.append(self.after(SWITCHBOARD_SECONDS, lambda: self._nobody_behind(call)))
        self._answered(call)

    def _nobody_behind(self, call: Call) -> None:
        if call.switchboard is not None:
            self._put_down(call)

    def send_digits(self, call: Call, digits: str) -> None:
        """Digits that Twilio plays to the phone that was dialled; a switchboard listens."""
        self.note(call, f"hears digits {digits}")
        switchboard, keys = call.switchboard, digits.replace("w", "").replace("W", "")
        if switchboard is None:
            return
        if keys != switchboard.extension:
            self.note(call, "no such extension")
            return
        call.switchboard = None
        call.timers.append(
            self.after(switchboard.person_after, lambda: self._person_answers(call, switchboard))
        )

    def _person_answers(self, call: Call, behaviour: Behaviour) -> None:
        if call.is_over:
            return
        self.note(call, f"extension {behaviour.extension} answers")
        call.by_machine = False
        call.presses = list(behaviour.press)
        call.press_after = behaviour.press_after
        call.speaks_for = behaviour.speaks_for
        if behaviour.hang_up_after is not None:
            call.timers.append(self.after(behaviour.hang_up_after, lambda: self._put_down(call)))
        if call.program is not None and call.program.asking:
            self.keys_asked(call)

    def _answered(self, call: Call) -> None:
        """The call is connected with Twilio: from now on instructions are executed."""
        call.answered = self.clock.now()
        call.answered_elapsed = self.clock.elapsed()
        self._go(call, IN_PROGRESS)
        if call.time_limit is not None:
            call.timers.append(self.after(call.time_limit, lambda: self.end(call, COMPLETED)))
        detect(self, call, lambda: self._begin(call))

    def _begin(self, call: Call) -> None:
        if call.child_of is not None:
            call.child_of.child_answered(call)
        elif call.direction == OUTBOUND_API:
            self.run(call, call.source)

    def answer_parent(self, call: Call) -> None:
        """An inbound call is answered by the first verb that needs it."""
        if call.direction == INBOUND and call.status == RINGING:
            self._answered(call)

    def run(self, call: Call, source: Source) -> None:
        """Execute these instructions instead of any others."""
        if call.program is not None:
            call.program.stop()
        call.program = Program(self, call, source)
        call.program.start()

    def redirect(self, call: Call, source: Source) -> None:
        """Send a call in progress to other instructions; a dialled leg leaves its Dial."""
        dialling, call.child_of = call.child_of, None
        self.run(call, source)
        if dialling is not None:
            dialling.child_left(call)

    def dial(self, call: Call, verb: Dial, then: Callable[[dict[str, str]], None]) -> None:
        """Call other phones on behalf of this call."""
        room = verb.conference
        call.dialling = (
            Stay(self, call, verb, room, then) if room else Dialling(self, call, verb, then)
        )
        call.dialling.start()

    def keys_asked(self, call: Call) -> None:
        """A phone with a behaviour presses its next keys when it is asked for some."""
        if call.presses:
            keys = call.presses.pop(0)
            call.timers.append(self.after(call.press_after, lambda: self._press(call, keys)))

    def _press(self, call: Call, keys: str) -> None:
        if call.is_over:
            return
        self.note(call, f"pressed {keys}")
        for key in keys:
            if call.program is not None:
                call.program.key(key)

    def _put_down(self, call: Call) -> None:
        if not call.is_over:
            self.note(call, "hung up")
            self.end(call, COMPLETED if call.status == IN_PROGRESS else NO_ANSWER)

    def _free(self, phone: Phone, call: Call) -> None:
        if phone.call is call:
            phone.call = None

    def end(self, call: Call, status: str, cancelled: bool = False) -> None:
        """End a call, with everything that hangs on it.

        A call cancelled while it was queued sends no callback
        (https://www.twilio.com/docs/voice/api/call-resource#statuscallbackevent).
        """
        if call.is_over:
            return
        was_queued = call.status == QUEUED
        for timer in call.timers:
            timer.cancel()
        call.timers.clear()
        call.ended = self.clock.now()
        call.ended_elapsed = self.clock.elapsed()
        self._free(self.phone(call.handset), call)
        self._go(call, status, silent=was_queued)
        program, call.program = call.program, None
        if program is not None:
            program.stop(cancelled)
        if call.child_of is not None:
            call.child_of.child_ended(call)

    def _go(self, call: Call, status: str, silent: bool = False) -> None:
        now = self.clock.now()
        call.status = status
        call.updated = now
        call.statuses.append((status, now))
        log.info("call %s is %s", call.sid, status)
        if status not in (INITIATED, RINGING):
            self.note(call, status)
        event = _EVENTS.get(status, "completed")
        wanted = call.status_callback
        if not silent and wanted.wants(event):
            params = call.event_params(now)
            self.courier.notify(
                Webhook("status", call.sid, wanted.url, wanted.method, params, to=call.to)
            )

    # -- what the account's owner does through the API

    def cancel(self, call: Call) -> None:
        """Status=canceled: ends what is queued or ringing, leaves what is in progress alone."""
        with self.lock:
            if call.status in (QUEUED, INITIATED, RINGING):
                self.end(call, CANCELED, cancelled=True)

    def complete(self, call: Call) -> None:
        """Status=completed: ends it, also when it is in progress."""
        with self.lock:
            self.end(call, COMPLETED if call.status == IN_PROGRESS else CANCELED, cancelled=True)

    # -- what a person does with a phone

    def answer(self, number: str) -> None:
        """Pick up."""
        with self.lock:
            self._pick_up(self._ringing(number), Behaviour())

    def to_voicemail(self, number: str) -> None:
        """Let the answering machine pick up."""
        with self.lock:
            self._pick_up(self._ringing(number), Behaviour(), machine=True)

    def decline(self, number: str) -> None:
        """Reject it; the caller gets busy."""
        with self.lock:
            call = self._ringing(number)
            self.note(call, "declined")
            self.end(call, BUSY)

    def hang_up(self, number: str) -> None:
        """Put down; also gives up a call that rings at the other end."""
        with self.lock:
            call = self.phone(number).call
            if call is None:
                raise NotPossible("this phone is not on a call")
            if self.phone(number).state == "ringing":
                raise NotPossible("this phone is ringing: answer or decline")
            self._put_down(call)

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
            self._press(call, digits)

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

        A withheld number arrives as `anonymous`, or in another of the forms of WITHHELD
        (https://www.twilio.com/docs/voice/twiml#request-parameters).

        Args:
            withheld: whether the number is withheld; a string: in which form.
            extras: parameters that only some accounts and callers have: StirVerstat, AddOns.
            presented: the phone's number as its network presents it, without "+": Indian networks
                send "919876543210", "09876543210" or "9876543210".
        """
        if isinstance(withheld, str) and withheld not in WITHHELD:
            raise ValueError("unknown form of a withheld number")
        shown = presented or number
        if presented and not _presents(presented, number):
            raise ValueError("presented is the phone's own number, without its + or country code")
        if withheld is not False:
            shown = withheld if isinstance(withheld, str) else ANONYMOUS
        with self.lock:
            phone = self.phone(number)
            line = self.lines.get(to)
            if line is None:
                raise NotPossible("that number does not belong to the simulated account")
            if not line.voice_url:
                raise NotPossible("that number has no voice webhook")
            if phone.call is not None:
                raise NotPossible("this phone is in use")
            call = Call(
                sid=new_sid("CA"),
                account_sid=self.settings.account_sid,
                from_=shown,
                request_extras={"CallToken": new_token(shown), **(extras or {})},
                to=to,
                direction=INBOUND,
                created=self.clock.now(),
                status=RINGING,
                source=Source(twiml=_DEMO) if line.voice_url == DEMO_VOICE_URL else line.source(),
                status_callback=line.callback(),
                phone_number_sid=line.sid,
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
                call.timers.append(
                    self.after(behaviour.hang_up_after, lambda: self._put_down(call))
                )
            self.run(call, call.source)
            return call

    def keep_recording(self, call: Call, seconds: int, began: datetime) -> Recording:
        """Store what was said on a call."""
        recording = Recording(
            new_sid("RE"), call.account_sid, call.sid, seconds, began, self.base_url
        )
        self.recordings[recording.sid] = recording
        return recording

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
