"""The exchange: phones, numbers and legs, and the life of each leg.

A call goes queued, initiated, ringing, in-progress, completed; or from ringing to busy, no-answer
or canceled; or from initiated to failed. Everything happens under one lock; whatever takes time is
a timer or a job for the courier. What a call does once it is connected is above this: instructions
(`phonesim.program`), other legs (`phonesim.dialling`, `phonesim.conference`).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from phonesim.behaviours import Behaviour
from phonesim.calls import (
    BUSY,
    COMPLETED,
    DECLINED,
    FAILED,
    IN_PROGRESS,
    INBOUND,
    INITIATED,
    NO_ANSWER,
    OUTBOUND_DIAL,
    PUT_DOWN,
    QUEUED,
    RING_TIMEOUT,
    RINGING,
    TIME_LIMIT,
    Call,
    Note,
    StatusCallback,
)
from phonesim.carrier import TOO_MANY_CALLS, Carrier
from phonesim.clock import SimClock
from phonesim.courier import Courier, Webhook
from phonesim.faults import Faults
from phonesim.lines import Line
from phonesim.phones import Phone
from phonesim.recordings import Recording
from phonesim.scheduler import Scheduler, Timer, Workers
from phonesim.settings import Settings

log = logging.getLogger(__name__)

VOICEMAIL_GREETING_SECONDS = 60.0
SWITCHBOARD_SECONDS = 30.0

_EVENTS = {INITIATED: "initiated", RINGING: "ringing", IN_PROGRESS: "answered"}


class Exchange:
    """Phones, numbers and legs.

    Args:
        carriers: by their names.
    """

    def __init__(self, settings: Settings, carriers: Mapping[str, Carrier]) -> None:
        self.settings = settings
        self.carriers = carriers
        self.lock = threading.RLock()
        self.clock = SimClock(
            settings.clock_offset_seconds, settings.time_scale, settings.clock_speed
        )
        self.scheduler = Scheduler(self.clock)
        self.workers = Workers()
        self.faults = Faults(settings.seed)
        self.courier = Courier(
            settings, self.clock, self.scheduler, self.workers, self.faults, carriers
        )
        self.calls: dict[str, Call] = {}
        self.phones: dict[str, Phone] = {}
        self.lines: dict[str, Line] = {}
        self.recordings: dict[str, Recording] = {}
        self.default_behaviours: list[Behaviour] = []
        self.stopped = threading.Event()
        self._add_numbers()

    def clear(self) -> None:
        """Forget every call and phone; nothing of before happens any more."""
        self.scheduler.clear()
        for call in self.calls.values():
            call.forget()
        self.calls.clear()
        self.phones.clear()
        self.recordings.clear()
        self.default_behaviours = []
        self.clock.run_at()
        self.faults.replace([], {})
        self.courier.reset()
        self._add_numbers()

    def stop(self) -> None:
        """Let nothing more happen."""
        self.stopped.set()
        self.scheduler.stop()
        self.workers.stop()

    def _add_numbers(self) -> None:
        """The account's numbers and the phones with a name, as at the start."""
        for carrier in self.carriers.values():
            self.lines.update((number, carrier.line(number)) for number in carrier.numbers)
        for number, name in self.settings.phones.items():
            self.phones[number] = Phone(number, name)

    def carrier_of(self, call: Call) -> Carrier:
        """Return the carrier of a call."""
        return self.carriers[call.carrier]

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
        return number in self.carrier_of(parent).numbers or (
            parent.direction == INBOUND and number == parent.from_
        )

    def may_reach(self, number: str) -> bool:
        """Whether the account may call or text a number: one on trial reaches verified ones
        only."""
        settings = self.settings
        return not settings.trial or number in settings.verified

    def notify(
        self,
        call: Call,
        kind: str,
        callback: StatusCallback,
        params: dict[str, str],
        status: str = "",
    ) -> None:
        """Send a callback about a call."""
        self.courier.notify(
            Webhook(
                call.carrier,
                kind,
                call.sid,
                callback.url,
                callback.method,
                params,
                call.to,
                status,
            )
        )

    # -- the life of a call

    def add(self, call: Call) -> None:
        """Keep a new call."""
        with self.lock:
            self.calls[call.sid] = call
            call.statuses.append((call.status, self.clock.now()))

    def start(self, call: Call) -> None:
        """Dial the far end."""
        if call.is_over:
            return
        call.started = self.clock.now()
        self._go(call, INITIATED)
        carrier = self.carrier_of(call)
        if 0 < carrier.calls_at_once < self._legs_of(carrier.name):
            call.error_code = carrier.codes[TOO_MANY_CALLS]
        call.timers.append(self.after(self.settings.setup_seconds, lambda: self._ring(call)))

    def _legs_of(self, carrier: str) -> int:
        """How many legs a carrier has under way, ringing ones and both of a conversation."""
        under_way = (INITIATED, RINGING, IN_PROGRESS)
        return sum(
            call.carrier == carrier and call.status in under_way for call in self.calls.values()
        )

    def _ring(self, call: Call) -> None:
        if call.is_over:
            return
        phone = self.phone(call.handset)
        fault = self.faults.at_ring(call.to, call.direction == OUTBOUND_DIAL)
        if fault is not None and fault.kind == "child_error":
            call.error_code = fault.code or self.carrier_of(call).codes[fault.kind]
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
            later(behaviour.answer_after, lambda: self.pick_up(call, behaviour))
        elif behaviour.kind == "switchboard":
            later(behaviour.answer_after, lambda: self._switchboard_answers(call, behaviour))
        elif behaviour.kind == "voicemail":
            later(behaviour.answer_after, lambda: self.pick_up(call, behaviour, machine=True))
        elif behaviour.kind == "decline":
            later(behaviour.answer_after, lambda: self.end(call, BUSY, DECLINED))

    def _next_behaviour(self, phone: Phone) -> Behaviour:
        """What the phone does this time; the last of several stays."""
        if phone.behaviours:
            return phone.behaviours.pop(0) if len(phone.behaviours) > 1 else phone.behaviours[0]
        return self.default_behaviours[0] if self.default_behaviours else Behaviour()

    def _give_up(self, call: Call) -> None:
        if call.status == RINGING:
            self.end(call, NO_ANSWER, RING_TIMEOUT)

    def pick_up(self, call: Call, behaviour: Behaviour, machine: bool = False) -> None:
        """Connect a call that rings."""
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
            call.timers.append(self.after(seconds, lambda: self.put_down(call)))
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
            self.put_down(call)

    def send_digits(self, call: Call, digits: str) -> None:
        """Play digits to the phone that was dialled; a switchboard listens."""
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
            call.timers.append(self.after(behaviour.hang_up_after, lambda: self.put_down(call)))
        if call.program is not None and call.program.asking:
            self.keys_asked(call)

    def _answered(self, call: Call) -> None:
        """The call is connected: from now on instructions are executed."""
        call.answered = self.clock.now()
        call.answered_elapsed = self.clock.elapsed()
        self._go(call, IN_PROGRESS)
        if call.time_limit is not None:
            ends = partial(self.end, call, COMPLETED, TIME_LIMIT)
            call.timers.append(self.after(call.time_limit, ends))
        if call.on_answered is not None:
            call.on_answered()

    def answer_parent(self, call: Call) -> None:
        """An inbound call is answered by the first verb that needs it."""
        if call.direction == INBOUND and call.status == RINGING:
            self._answered(call)

    def keys_asked(self, call: Call) -> None:
        """A phone with a behaviour presses its next keys when it is asked for some."""
        if call.presses:
            keys = call.presses.pop(0)
            call.timers.append(self.after(call.press_after, lambda: self.press_keys(call, keys)))

    def press_keys(self, call: Call, keys: str) -> None:
        """Press keys on the phone of a call."""
        if call.is_over:
            return
        self.note(call, f"pressed {keys}")
        for key in keys:
            if call.program is not None:
                call.program.key(key)

    def put_down(self, call: Call) -> None:
        """Hang up the phone of a call."""
        if not call.is_over:
            self.note(call, "hung up")
            self.end(call, COMPLETED if call.status == IN_PROGRESS else NO_ANSWER, PUT_DOWN)

    def _free(self, phone: Phone, call: Call) -> None:
        if phone.call is call:
            phone.call = None

    def end(self, call: Call, status: str, reason: str = "", cancelled: bool = False) -> None:
        """End a call, with everything that hangs on it. One cancelled while it was queued sends no
        callback.

        Args:
            reason: one of those in `phonesim.calls`.
        """
        if call.is_over:
            return
        was_queued = call.status == QUEUED
        call.ended_by = reason
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
        if not silent:
            self.report(call, _EVENTS.get(status, "completed"), status)

    def report(self, call: Call, event: str, status: str) -> None:
        """Tell an event of a call to whom it concerns.

        Args:
            status: what a fault of one status is compared with.
        """
        for callback in call.status_callbacks:
            if callback.wants(event):
                params = self.carrier_of(call).status_params(call, event)
                self.notify(call, "status", callback, params, status)

    def keep_recording(self, call: Call, seconds: int, began: datetime) -> Recording:
        """Store what was said on a call."""
        sid = self.carrier_of(call).new_id("recording")
        recording = Recording(sid, call.sid, call.carrier, seconds, began)
        self.recordings[sid] = recording
        return recording
