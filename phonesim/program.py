"""The instructions that a call is executing.

They are executed by a generator that yields what it waits for (time, keys, a document, the end of a
Dial) and is resumed with what came. So a call needs no thread, and reads from top to bottom like
the document it plays.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from phonesim.calls import (
    BUSY,
    COMPLETED,
    HANGUP_VERB,
    NO_ANSWER,
    NO_MORE_VERBS,
    NOT_CONFIRMED,
    RINGING,
    Call,
    DialResult,
    Source,
    StatusCallback,
)
from phonesim.courier import Answer, Webhook
from phonesim.exchange import Exchange
from phonesim.instructions import (
    ACTION,
    ANSWER,
    INVALID,
    REDIRECT,
    TOO_MANY,
    UNREACHABLE,
    Confirm,
    Dial,
    Document,
    DocumentError,
    Gather,
    Hangup,
    Pause,
    Play,
    Record,
    Redirect,
    Reject,
    Say,
    Verb,
    speech_seconds,
)
from phonesim.recordings import Recording
from phonesim.scheduler import Timer

MAX_DOCUMENTS = 100


@dataclass(frozen=True)
class Wait:
    """What the program waits for; the first of these to happen resumes it.

    It gets None when the time is up, a key (a one-letter text), an Answer, or Dial's result.
    """

    seconds: float | None = None
    keys: bool = False
    fetch: Webhook | None = None
    dial: Dial | None = None


Steps = Generator[Wait, Any, Document | None]


class _HangUp(Exception):
    """The call is to end now."""

    def __init__(self, status: str = COMPLETED, reason: str = HANGUP_VERB) -> None:
        super().__init__(status)
        self.status = status
        self.reason = reason


Dialled = Callable[[Call, Dial, Callable[[DialResult], None]], None]


class Program:
    """Executes instructions for one call. Everything here runs under the network's lock.

    Args:
        dial: carries out a Dial; what it is given last gets the result.
        at_end: what happens after the last instruction; the call ends by default.
        allowed: the instructions that may occur; any by default.
    """

    def __init__(
        self,
        exchange: Exchange,
        call: Call,
        source: Source,
        dial: Dialled,
        at_end: Callable[[], None] | None = None,
        allowed: tuple[type, ...] | None = None,
    ) -> None:
        self.exchange = exchange
        self.carrier = exchange.carrier_of(call)
        self.call = call
        self.asking = False
        self._dial_out = dial
        self._allowed = allowed
        self._recording: tuple[Record, float, datetime] | None = None
        self._source = source
        self._asked = source.url
        self._place = ANSWER
        self._at_end = at_end or self._hang_up
        self._steps: Steps = self._run()
        self._wait = Wait()
        self._turn = 0
        self._timer: Timer | None = None
        self._stopped = False

    def start(self) -> None:
        """Begin with the first document."""
        self._resume(None)

    def drop(self) -> None:
        """Do nothing more, and send no webhooks."""
        self._stopped = True

    def stop(self, cancelled: bool = False) -> None:
        """Stop because the call has ended or does something else now.

        The result is still reported to a Dial's action when the first caller has hung up; the
        response to it changes nothing.
        """
        self._stopped = True
        self.asking = False
        if self._timer is not None:
            self._timer.cancel()
        dialling, self.call.dialling = self.call.dialling, None
        verb = self._wait.dial
        if dialling is not None and verb is not None:
            result = dialling.parent_left(cancelled)
            if verb.action and self.call.is_over:
                self._report(verb.action, verb.method, self._dial_params(verb, result))
        if self._recording is not None and self.call.is_over:
            record = self._recording[0]
            if (recording := self._keep_recording()) and record.action:
                params = self.carrier.record_params(recording, "hangup")
                self._report(record.action, record.method, params)

    def _report(self, url: str, method: str, params: dict[str, str]) -> None:
        """Ask for instructions that nobody is left to follow."""
        webhook = self._webhook(url, method, params)
        self.exchange.courier.fetch(webhook, lambda answer: None)

    def key(self, key: str) -> None:
        """A key was pressed on this call's phone."""
        if self.call.dialling is not None:
            self.call.dialling.key(key)
        elif self._wait.keys and not self._stopped:
            self._resume(key)

    # -- being resumed

    def _resume(self, value: Any) -> None:
        if self._stopped:
            return
        self._turn += 1
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        try:
            self._wait = self._steps.send(value)
        except StopIteration:
            self._finish(self._at_end)
        except _HangUp as wish:
            self._finish(partial(self.exchange.end, self.call, wish.status, wish.reason))
        else:
            self._arm(self._wait)

    def _hang_up(self) -> None:
        """The end of the instructions; a call in that was never answered is, for a moment."""
        self.exchange.answer_parent(self.call)
        self.exchange.end(self.call, COMPLETED, NO_MORE_VERBS)

    def _finish(self, ending: Callable[[], None]) -> None:
        self._stopped = True
        self.asking = False
        if self.call.program is self:
            self.call.program = None
        ending()

    def _arm(self, wait: Wait) -> None:
        turn = self._turn

        def when_still_waiting(value: Any) -> None:
            with self.exchange.lock:
                if turn == self._turn:
                    self._resume(value)

        if wait.seconds is not None:
            self._timer = self.exchange.after(wait.seconds, lambda: when_still_waiting(None))
        if wait.fetch is not None:
            self.exchange.courier.fetch(wait.fetch, when_still_waiting)
        if wait.dial is not None:
            self._dial_out(self.call, wait.dial, when_still_waiting)

    # -- documents

    def _run(self) -> Steps:
        try:
            try:
                yield from self._follow(self._first_document())
            except DocumentError as problem:
                if not self._source.fallback_url or not self.carrier.falls_back(self._place):
                    raise
                yield from self._follow(self._fallback(problem))
        except DocumentError as problem:
            self._note("error", problem)
            yield from self._apologise(problem)
        return None

    def _follow(self, first: Steps) -> Steps:
        """Play documents, one after the other, until there is no further one."""
        document = yield from first
        for _ in range(MAX_DOCUMENTS):
            if document is None:
                return None
            document = yield from self._execute(document)
        raise DocumentError(TOO_MANY, "too many documents in one call")

    def _fallback(self, problem: DocumentError) -> Steps:
        """Whatever document of a call fails, the fallback URL is requested once."""
        source = self._source
        self._note("error", problem, "; the fallback URL is requested")
        params = self.carrier.failure_params(problem.reason, self._asked)
        return (yield from self._fetch(source.fallback_url, source.fallback_method, params, ANSWER))

    def _note(self, kind: str, problem: DocumentError, then: str = "") -> None:
        code = self.carrier.document_code(problem.reason, self._place)
        self.exchange.note(self.call, f"{kind} {code}: {problem}{then}")

    def _apologise(self, problem: DocumentError) -> Steps:
        """Say that the application failed, where the carrier does, and end the call."""
        code = self.carrier.document_code(problem.reason, self._place)
        self.call.error_code = self.call.error_code or code
        if self.carrier.apology:
            self.exchange.answer_parent(self.call)
            yield from self._prompt(Say(self.carrier.apology))
        raise _HangUp

    def _first_document(self) -> Steps:
        source = self._source
        if source.ready is not None:
            return source.ready
        if source.document:
            return self.carrier.read_document(source.document, source.url or "about:blank")
        return (yield from self._fetch(source.url, source.method, place=ANSWER))

    def _fetch(
        self, url: str, method: str, extra: dict[str, str] | None = None, place: str = ACTION
    ) -> Steps:
        self._asked, self._place = url, place
        answer: Answer = yield Wait(fetch=self._webhook(url, method, extra))
        if answer.status == 0:
            raise DocumentError(UNREACHABLE, f"HTTP retrieval failure: {answer.problem}")
        if not answer.ok:
            raise DocumentError(UNREACHABLE, f"HTTP retrieval failure: status {answer.status}")
        document = self.carrier.read_document(answer.body, url, answer.content_type)
        for warning in document.warnings:
            self.exchange.note(self.call, f"warning {warning}")
        return document

    def _webhook(self, url: str, method: str, extra: dict[str, str] | None = None) -> Webhook:
        call = self.call
        params = self.carrier.call_params(call) | (extra or {})
        return Webhook(call.carrier, "twiml", call.sid, url, method, params, to=call.to)

    def _act(self, verb: Gather | Dial | Record, params: dict[str, str]) -> Steps:
        """Tell a verb's action what came of it, and continue with its answer if that takes over."""
        if not verb.action:
            return None
        if not verb.redirect:
            self._report(verb.action, verb.method, params)
            return None
        return (yield from self._fetch(verb.action, verb.method, params))

    def _execute(self, document: Document) -> Steps:
        """Play one document; another one comes back when the call goes on elsewhere."""
        for verb in document.verbs:
            if self._allowed is not None and not isinstance(verb, self._allowed):
                raise DocumentError(INVALID, f"{type(verb).__name__} cannot stand here")
            if not isinstance(verb, Reject | Pause | Dial):
                self.exchange.answer_parent(self.call)
            following = yield from self._do(verb)
            if following is not None:
                return following
        return None

    # -- verbs

    def _do(self, verb: Verb) -> Steps:
        match verb:
            case Say() | Play() | Pause():
                yield from self._prompt(verb)
            case Gather():
                return (yield from self._gather(verb))
            case Confirm():
                yield from self._confirm(verb)
            case Dial():
                return (yield from self._dial(verb))
            case Record():
                return (yield from self._record(verb))
            case Redirect():
                return (yield from self._fetch(verb.url, verb.method, place=REDIRECT))
            case Reject() if self.call.status == RINGING:
                raise _HangUp(BUSY if verb.reason == "busy" else NO_ANSWER)
            case Reject() | Hangup():
                raise _HangUp
        return None

    def _speak(self, text: str) -> None:
        self.exchange.hear(self.call, text)

    def _announce(self, prompt: Say | Play | Pause) -> None:
        if isinstance(prompt, Say):
            self._speak(prompt.text)
        elif isinstance(prompt, Play):
            self._speak(f"[plays {prompt.what}]")

    def _prompt(self, prompt: Say | Play | Pause) -> Generator[Wait, Any, None]:
        self._announce(prompt)
        yield Wait(seconds=speech_seconds(prompt))

    def _gather(self, verb: Gather) -> Steps:
        """Ask for keys; go to the action with them, or on when none came."""
        self.asking = verb.listens_to_keys
        if self.asking:
            self.exchange.keys_asked(self.call)
        key = yield from self._listen(verb)
        digits, finished_on = "", ""
        while key is not None:
            if key in verb.finish_on_key:
                finished_on = key
                break
            digits += key
            if verb.num_digits is not None and len(digits) >= verb.num_digits:
                break
            key = yield Wait(seconds=verb.digit_timeout or verb.timeout, keys=True)
        self.asking = False
        if not digits and not finished_on and not verb.action_on_empty_result:
            return None
        return (yield from self._act(verb, self.carrier.gather_params(digits, finished_on)))

    def _listen(self, verb: Gather) -> Generator[Wait, Any, str | None]:
        """Play the prompts; the first key cuts them short."""
        for prompt in verb.prompts:
            self._announce(prompt)
            key = yield Wait(seconds=speech_seconds(prompt), keys=verb.listens_to_keys)
            if key is not None:
                return str(key)
        last = yield Wait(seconds=verb.timeout, keys=verb.listens_to_keys)
        return None if last is None else str(last)

    def _confirm(self, verb: Confirm) -> Generator[Wait, Any, None]:
        """Play a document to a dialled phone, and let it be connected once it presses the key."""
        deadline = self.exchange.clock.elapsed() + verb.timeout
        document = yield from self._fetch(verb.url, "POST")
        prompts = document.verbs if document is not None else ()
        self.asking = bool(verb.key)
        if self.asking:
            self.exchange.keys_asked(self.call)
        for prompt in prompts:
            if isinstance(prompt, Say | Play | Pause):
                self._announce(prompt)
                ends = self.exchange.clock.elapsed() + speech_seconds(prompt)
                if (yield from self._pressed(verb.key, min(ends, deadline))):
                    return
        if verb.key and not (yield from self._pressed(verb.key, deadline)):
            raise _HangUp(reason=NOT_CONFIRMED)

    def _pressed(self, key: str, until: float) -> Generator[Wait, Any, bool]:
        """Whether a key is pressed by a moment of the clock; others are ignored."""
        while (left := until - self.exchange.clock.elapsed()) > 0:
            pressed = yield Wait(seconds=left, keys=bool(key))
            if pressed == key:
                return True
        return False

    def _dial(self, verb: Dial) -> Steps:
        if not verb.answer_on_bridge:
            self.exchange.answer_parent(self.call)
        result: DialResult = yield Wait(dial=verb)
        return (yield from self._act(verb, self._dial_params(verb, result)))

    def _dial_params(self, verb: Dial, result: DialResult) -> dict[str, str]:
        if verb.conference is not None:
            return self.carrier.conference_params(verb.conference.name)
        return self.carrier.dial_params(result)

    def _record(self, verb: Record) -> Steps:
        """Keep what the caller says until a key, silence, the longest time or the end of the call.

        A person at a simulated phone is never silent; a scripted one speaks for `speaks_for` and
        then is.
        """
        if verb.play_beep:
            self._speak("[beep]")
        self._recording = (verb, self.exchange.clock.elapsed(), self.exchange.clock.now())
        speaks = self.call.speaks_for
        longest = verb.max_length if speaks is None else min(verb.max_length, speaks + verb.timeout)
        key = yield from self._until_key(longest, verb.finish_on_key)
        recording = self._keep_recording()
        if recording is None:
            return None
        return (yield from self._act(verb, self.carrier.record_params(recording, key)))

    def _until_key(self, seconds: float, keys: str) -> Generator[Wait, Any, str]:
        """Wait for one of these keys; nothing, when the time is up."""
        deadline = self.exchange.clock.elapsed() + seconds
        while True:
            left = deadline - self.exchange.clock.elapsed()
            key = yield Wait(seconds=max(0.0, left), keys=True)
            if key is None or key in keys:
                return key or ""

    def _keep_recording(self) -> Recording | None:
        """Store the recording and report it, unless nobody spoke."""
        if self._recording is None:
            return None
        (verb, began_elapsed, began), self._recording = self._recording, None
        seconds = self.exchange.clock.elapsed() - began_elapsed
        if self.call.speaks_for is not None:
            seconds = min(seconds, self.call.speaks_for)
        if round(seconds) < 1:
            return None
        recording = self.exchange.keep_recording(self.call, round(seconds), began)
        if verb.status_callback:
            callback = StatusCallback(verb.status_callback, verb.status_callback_method)
            params = self.carrier.recording_status_params(recording)
            self.exchange.notify(self.call, "recording", callback, params)
        return recording
