"""Plivo as a carrier of the simulated network: what its webhooks say, and what it reads.

- Every voice request: https://www.plivo.com/docs/voice/xml/request
- ring_url, answer_url, hangup_url: https://www.plivo.com/docs/voice/api/call/make-a-call
- Dial's action and callbackUrl: https://www.plivo.com/docs/voice/xml/routing. The names of their
  events are not documented.
- Record: https://www.plivo.com/docs/voice/xml/record
- Texts: https://www.plivo.com/docs/messaging/api/message (status callbacks, handling incoming)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

from phonesim import calls
from phonesim.calls import INBOUND, OUTBOUND_DIAL, Call, DialResult, Source
from phonesim.carrier import Retries
from phonesim.instructions import ANSWER, WRONG_TYPE, Document, DocumentError
from phonesim.lines import Line
from phonesim.numbers import INDIA
from phonesim.plivo import causes
from phonesim.plivo.account import Tokens
from phonesim.plivo.applications import Applications
from phonesim.plivo.formats import digits, e164, new_uuid, plain_time, utc_time
from phonesim.plivo.plivoxml import parse
from phonesim.recordings import Recording
from phonesim.settings import Settings
from phonesim.texts import Answered, Keywords, Message, Reply, segments

NAME = "plivo"
MEDIA_PATH = "/plivo-media"

_XML_TYPES = ("text/xml", "application/xml")
_STATUS_PARAMS = ("Event", "CallStatus", "DialAction", "DialStatus", "Status")
_STATUSES = {
    calls.QUEUED: "ringing",
    calls.INITIATED: "ringing",
    calls.RINGING: "ringing",
    calls.IN_PROGRESS: "in-progress",
    calls.COMPLETED: "completed",
    calls.BUSY: "busy",
    calls.NO_ANSWER: "no-answer",
    calls.CANCELED: "no-answer",
    calls.FAILED: "failed",
}
_DIAL_STATUSES = {calls.CANCELED: "cancel"}
_DIAL_EVENTS = {"answered": "answer", "connected": "connected", "completed": "hangup"}
_EVENTS = {"ringing": "Ring", "answered": "StartApp", "completed": "Hangup"}
_MESSAGE_KINDS = ("message", "text")
_MESSAGE_RETRIES = Retries((60, 120, 240), frozenset(("ct", "rt", "4xx", "5xx", "3xx")))
KEYWORDS = Keywords(
    stop=("STOP", "END", "QUIT"),
    start=("START", "UNSTOP"),
    help=("HELP", "INFO"),
    stop_reply=(
        "You have been unsubscribed and will not receive any more messages from this number."
    ),
    start_reply="You have been resubscribed.",
    help_reply=(
        "Text STOP to stop receiving messages from this number. Message and data rates may apply."
    ),
)
"""Answered by Plivo on numbers of the USA and Canada alone
(https://www.plivo.com/docs/messaging/concepts/dnd-service; the second answer is not documented).
"""
_INTENTS = {
    **dict.fromkeys(KEYWORDS.stop, "optout"),
    **dict.fromkeys(KEYWORDS.start, "optin"),
    **dict.fromkeys(KEYWORDS.help, "help"),
}


class Plivo:
    """One simulated account at Plivo; where countries have rules, one of India's region."""

    name = NAME
    apology = ""
    codes: Mapping[str, int] = causes.CODES
    fails_legs = True

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.auth_id = settings.plivo_auth_id
        self.tokens = Tokens(settings.plivo_auth_tokens)
        self.numbers: Sequence[str] = settings.plivo_numbers
        self.calls_per_second = settings.plivo_calls_per_second
        self.calls_at_once = settings.plivo_calls_at_once
        self.applications = Applications(settings)
        self.base_url = f"http://{settings.host}:{settings.port}"

    def blocks(self, caller_id: str, to: str) -> bool:
        """Both ends of a call are in India, as is the account."""
        both = caller_id.startswith(INDIA) and to.startswith(INDIA)
        return self.settings.country_rules and not both

    def keywords_of(self, number: str) -> Keywords:
        return KEYWORDS if number.startswith("+1") else Keywords()

    def falls_back(self, place: str) -> bool:
        return place == ANSWER

    def document_code(self, reason: str, place: str) -> int:
        return causes.document_code(reason, place)

    def retries(self, url: str, kind: str) -> Retries:
        """One retry when nothing came in time; the fragment of an address says otherwise."""
        if kind in _MESSAGE_KINDS:
            return _MESSAGE_RETRIES
        said = parse_qs(urlsplit(url).fragment)
        failures = frozenset(said.get("rp", ["ct,rt"])[0].split(","))
        if "all" in failures:
            failures = frozenset(("ct", "rt", "4xx", "5xx"))
        count = min(int(said.get("rc", ["1"])[0]), 5)
        return Retries((0.0,) * count, failures, int(said.get("rt", ["40000"])[0]) / 1000)

    def new_id(self, kind: str) -> str:
        return new_uuid()

    def line(self, number: str) -> Line:
        return self.applications.default.attach(Line(number, NAME))

    def source(self, line: Line) -> Source:
        return line.source()

    # -- documents

    def read_document(
        self, text: str | bytes, url: str, content_type: str = "text/xml"
    ) -> Document:
        if content_type.split(";", maxsplit=1)[0].strip().lower() not in _XML_TYPES:
            raise DocumentError(WRONG_TYPE, f"Content-Type is {content_type}")
        return parse(text, url)

    def read_replies(self, text: bytes, url: str) -> Answered | None:
        try:
            root = ElementTree.fromstring(text)
        except ElementTree.ParseError:
            return None
        return [
            Reply(
                (element.text or "").strip(),
                e164(element.get("dst", "")),
                e164(element.get("src", "")),
                element.get("callbackUrl", ""),
            )
            for element in root.iter("Message")
        ]

    # -- webhooks

    def headers(
        self, url: str, form: Mapping[str, str], kind: str, *, forged: bool
    ) -> dict[str, str]:
        if kind in _MESSAGE_KINDS:
            signed = self.tokens.message_headers(url, forged=forged)
        else:
            signed = self.tokens.headers(url, form, forged=forged)
        return signed | {"User-Agent": "Plivo"}

    def log_of(self, params: Mapping[str, str]) -> dict[str, Any]:
        return {
            "statuses": {name: params[name] for name in _STATUS_PARAMS if name in params},
            "sequence": params.get("Sequence"),
        }

    def inbound_extras(self, caller_id: str) -> dict[str, str]:
        return {}

    def call_params(self, call: Call) -> dict[str, str]:
        """What every request of a call says. A dialled leg speaks in the name of its parent, until
        it is transferred.
        """
        if call.parent is not None and call.child_of is not None:
            return self.call_params(call.parent)
        params = {
            "CallUUID": call.sid,
            "ParentAuthID": self.auth_id,
            "From": digits(call.from_),
            "To": digits(call.to),
            "CallStatus": _STATUSES[call.status],
            "Direction": "inbound" if call.direction == INBOUND else "outbound",
            "SessionStart": utc_time(call.started),
        }
        if call.request_id:
            params |= {
                "RequestUUID": call.request_id,
                "ALegRequestUUID": call.request_id,
                "ALegUUID": call.sid,
            }
        return params | call.request_extras

    def status_params(self, call: Call, event: str) -> dict[str, str]:
        params = self.call_params(call.parent or call)
        if call.direction == OUTBOUND_DIAL:
            return params | _dial_event(call, event)
        params["Event"] = _EVENTS[event]
        if event == "completed":
            cause = causes.cause_of(call)
            seconds = str(call.duration_seconds or 0)
            params |= {
                "HangupCause": cause.telephony,
                "HangupCauseCode": str(cause.code),
                "HangupCauseName": cause.name,
                "HangupSource": cause.source,
                "Duration": seconds,
                "BillDuration": seconds,
                "TotalCost": "0.00000",
                "StartTime": plain_time(call.started),
                "AnswerTime": plain_time(call.answered),
                "EndTime": plain_time(call.ended),
            }
            if call.ended_by == calls.RING_TIMEOUT:
                params["CallStatus"] = "timeout"
        return params

    def detection_params(self, call: Call, seconds: float) -> dict[str, str]:
        raise NotImplementedError("machine detection is not simulated")

    def gather_params(self, digits: str, finished_on: str) -> dict[str, str]:
        return {"Digits": digits, "InputType": "dtmf"}

    def dial_params(self, result: DialResult) -> dict[str, str]:
        leg = result.leg
        return {
            "DialStatus": _DIAL_STATUSES.get(result.status) or _STATUSES[result.status],
            "DialRingStatus": "true" if leg and _rang(leg) else "false",
            "DialHangupCause": causes.cause_of(leg).telephony if leg else "",
            "DialALegUUID": leg.parent.sid if leg and leg.parent else "",
            "DialBLegUUID": leg.sid if leg and leg.answered else "",
        }

    def conference_params(self, name: str) -> dict[str, str]:
        return {"ConferenceAction": "exit", "ConferenceName": name}

    def record_params(self, recording: Recording, ended_by: str) -> dict[str, str]:
        return self.recording_status_params(recording) | {
            "Digits": "" if ended_by == "hangup" else ended_by
        }

    def recording_status_params(self, recording: Recording) -> dict[str, str]:
        ends = recording.began + timedelta(seconds=recording.seconds)
        return {
            "RecordUrl": self.recording_url(recording),
            "RecordingID": recording.sid,
            "RecordingDuration": str(recording.seconds),
            "RecordingDurationMs": str(recording.seconds * 1000),
            "RecordingStartMs": str(round(recording.began.timestamp() * 1000)),
            "RecordingEndMs": str(round(ends.timestamp() * 1000)),
        }

    def recording_url(self, recording: Recording) -> str:
        """Where its sound is; whoever has the address may fetch it."""
        return f"{self.base_url}{MEDIA_PATH}/{recording.sid}.wav"

    def failure_params(self, reason: str, url: str) -> dict[str, str]:
        return {}

    def message_params(self, message: Message) -> dict[str, str]:
        params = {
            "MessageUUID": message.sid,
            "ParentMessageUUID": message.sid,
            "From": digits(message.from_),
            "To": digits(message.to),
            "Type": "sms",
            "Status": message.status,
            "Units": str(segments(message.body)),
            "TotalRate": "0.00000",
            "TotalAmount": "0.00000",
            "MCC": "404",
            "MNC": "001",
            "Sequence": str(len(message.statuses)),
            "MessageTime": utc_time(message.created),
        }
        if message.error_code is not None:
            params["ErrorCode"] = str(message.error_code)
        return params

    def text_params(self, message: Message) -> dict[str, str]:
        return {
            "MessageUUID": message.sid,
            "From": digits(message.from_),
            "To": digits(message.to),
            "Text": message.body,
            "Type": "sms",
            "Units": str(segments(message.body)),
            "TotalRate": "0.00000",
            "TotalAmount": "0.00000",
            "MessageIntent": _INTENTS.get(message.body.strip().upper(), ""),
        }


def _rang(leg: Call) -> bool:
    return any(status == calls.RINGING for status, _ in leg.statuses)


def _dial_event(leg: Call, event: str) -> dict[str, str]:
    """What callbackUrl of Dial is told of a dialled leg."""
    action = _DIAL_EVENTS[event]
    params = {
        "Event": f"Dial{action.capitalize()}",
        "DialAction": action,
        "DialBLegStatus": "hangup" if action == "hangup" else "answer",
        "DialALegUUID": leg.parent.sid if leg.parent else "",
        "DialBLegUUID": leg.sid,
        "DialBLegFrom": digits(leg.from_),
        "DialBLegTo": digits(leg.to),
        "DialBLegPosition": "1",
    }
    if action == "hangup":
        cause = causes.cause_of(leg)
        seconds = str(leg.duration_seconds or 0)
        params |= {
            "DialBLegDuration": seconds,
            "DialBLegBillDuration": seconds,
            "DialBLegHangupCause": cause.telephony,
            "DialBLegHangupCauseCode": str(cause.code),
            "DialBLegHangupCauseName": cause.name,
            "DialBLegHangupSource": cause.source,
        }
    return params
