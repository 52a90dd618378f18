"""Twilio as a carrier of the simulated network: what its webhooks say, and what it reads.

- Every voice request: https://www.twilio.com/docs/voice/twiml#twilios-request-to-your-application
- A status callback: https://www.twilio.com/docs/voice/api/call-resource#statuscallback
- The action of Dial receives DialCallStatus, DialCallSid, DialBridged, DialSipResponseCode once the
  leg is over, and DialCallDuration once answered
  (https://www.twilio.com/docs/voice/twiml/sip#dial-action-http-parameters). Where Dial itself is
  refused it has ErrorCode and ErrorMessage, and no DialCallSid
  (https://www.twilio.com/docs/api/errors/13214; its parameters then are in
  https://github.com/twilio/twilio-voice-ios/issues/103).
- Fallback URLs: https://www.twilio.com/docs/usage/security/availability-reliability
- Texts: https://www.twilio.com/docs/messaging/guides/webhook-request,
  https://www.twilio.com/docs/messaging/twiml (Message, Body, Redirect in the answer)
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urljoin
from xml.etree import ElementTree

from phonesim.calls import BUSY, CANCELED, COMPLETED, FAILED, NO_ANSWER, Call, DialResult, Source
from phonesim.carrier import Retries
from phonesim.clock import rfc2822
from phonesim.instructions import WRONG_TYPE, Document, DocumentError
from phonesim.lines import Line
from phonesim.numbers import INDIA, without_channel
from phonesim.recordings import Recording
from phonesim.settings import Settings
from phonesim.texts import Answered, AskElsewhere, Keywords, Message, Reply, segments
from phonesim.twilio.account import Tokens
from phonesim.twilio.errors import CODES, TwilioError
from phonesim.twilio.formats import API_VERSION, new_sid, new_token, parties
from phonesim.twilio.resources import DETAILS, recording_path
from phonesim.twilio.twiml import parse

NAME = "twilio"

DEMO_VOICE_URL = "https://demo.twilio.com/welcome/voice/"
DEMO_SMS_URL = "https://demo.twilio.com/welcome/sms/reply"
_DEMO = "<Response><Say>Congratulations! You have set up your number.</Say></Response>"

_XML_TYPES = ("text/xml", "application/xml", "text/html")
_PREFIXES = {"call": "CA", "message": "SM", "recording": "RE"}
_STATUS_PARAMS = ("CallStatus", "DialCallStatus", "MessageStatus", "RecordingStatus", "AnsweredBy")
_SIP_CODES = {COMPLETED: "200", BUSY: "486", NO_ANSWER: "487", CANCELED: "487", FAILED: "404"}


class Twilio:
    """One simulated account at Twilio."""

    name = NAME
    apology = "We are sorry, an application error has occurred. Goodbye."
    codes: Mapping[str, int] = CODES
    calls_at_once = 0
    fails_legs = False

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.sid = settings.account_sid
        self.numbers: Sequence[str] = settings.numbers
        self.calls_per_second = settings.calls_per_second
        self.tokens = Tokens(settings)
        self._keywords = _keywords(settings)
        self.base_url = f"http://{settings.host}:{settings.port}"

    def blocks(self, caller_id: str, to: str) -> bool:
        """A carrier from abroad may not call India from an Indian number."""
        both = caller_id.startswith(INDIA) and to.startswith(INDIA)
        return self.settings.country_rules and both

    def keywords_of(self, number: str) -> Keywords:
        return self._keywords

    def falls_back(self, place: str) -> bool:
        return True

    def document_code(self, reason: str, place: str) -> int:
        return CODES[reason]

    def retries(self, url: str, kind: str) -> Retries:
        return Retries()

    def new_id(self, kind: str) -> str:
        return new_sid(_PREFIXES[kind])

    def line(self, number: str) -> Line:
        settings = self.settings
        return Line(
            number,
            NAME,
            voice_url=DEMO_VOICE_URL if settings.demo_addresses else settings.voice_url,
            sms_url=DEMO_SMS_URL if settings.demo_addresses else settings.sms_url,
            voice_fallback_url=settings.voice_fallback_url,
            sms_fallback_url=settings.sms_fallback_url,
            status_callback=settings.status_callback,
            details=dict.fromkeys(DETAILS.values(), ""),
        )

    def source(self, line: Line) -> Source:
        return Source(document=_DEMO) if line.voice_url == DEMO_VOICE_URL else line.source()

    # -- documents

    def read_document(
        self, text: str | bytes, url: str, content_type: str = "text/xml"
    ) -> Document:
        if content_type.split(";", maxsplit=1)[0].strip().lower() not in _XML_TYPES:
            raise DocumentError(WRONG_TYPE, f"Invalid Content-Type: {content_type}")
        return parse(text, url)

    def read_replies(self, text: bytes, url: str) -> Answered | None:
        try:
            root = ElementTree.fromstring(text)
        except ElementTree.ParseError:
            return None
        replies: Answered = []
        for element in root:
            if element.tag == "Message":
                replies.append(_read_reply(element, url))
            elif element.tag == "Redirect":
                there = urljoin(url, (element.text or "").strip())
                replies.append(AskElsewhere(there, element.get("method", "POST")))
        return replies

    # -- webhooks

    def headers(
        self, url: str, form: Mapping[str, str], kind: str, *, forged: bool
    ) -> dict[str, str]:
        return self.tokens.headers(url, form, forged=forged) | {
            "I-Twilio-Idempotency-Token": str(uuid.uuid4()),
            "User-Agent": "TwilioProxy/1.1",
        }

    def log_of(self, params: Mapping[str, str]) -> dict[str, Any]:
        return {
            "statuses": {name: params[name] for name in _STATUS_PARAMS if name in params},
            "sequence": params.get("SequenceNumber"),
        }

    def inbound_extras(self, caller_id: str) -> dict[str, str]:
        return {"CallToken": new_token(caller_id)}

    def call_params(self, call: Call) -> dict[str, str]:
        params = {
            "CallSid": call.sid,
            "AccountSid": self.sid,
            "ApiVersion": API_VERSION,
            "Direction": call.direction,
            "CallStatus": call.status,
            **parties(call.from_, call.to),
        }
        if call.parent is not None:
            params["ParentCallSid"] = call.parent.sid
        if call.answered_by:
            params["AnsweredBy"] = call.answered_by
        return params | call.request_extras

    def status_params(self, call: Call, event: str) -> dict[str, str]:
        params = self.call_params(call) | {
            "Timestamp": rfc2822(call.updated) or "",
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(call.sequence),
        }
        call.sequence += 1
        if call.is_over:
            seconds = call.duration_seconds or 0
            params["CallDuration"] = str(seconds)
            params["Duration"] = str(-(-seconds // 60))
            params["SipResponseCode"] = _SIP_CODES[call.status]
        if call.error_code is not None:
            params["ErrorCode"] = str(call.error_code)
        return params

    def detection_params(self, call: Call, seconds: float) -> dict[str, str]:
        return {
            "AccountSid": self.sid,
            "CallSid": call.sid,
            "AnsweredBy": call.answered_by,
            "MachineDetectionDuration": str(round(seconds * 1000)),
        }

    def gather_params(self, digits: str, finished_on: str) -> dict[str, str]:
        return {"Digits": digits, "FinishedOnKey": finished_on, "msg": "Gather End"}

    def dial_params(self, result: DialResult) -> dict[str, str]:
        params = {"DialCallStatus": result.status}
        if result.bridged is not None:
            params["DialBridged"] = "true" if result.bridged else "false"
        if result.leg is not None:
            params |= _leg_params(result.leg)
        elif result.refusal is not None:
            code = result.refusal.code or CODES[result.refusal.reason]
            params["ErrorCode"] = str(code)
            params["ErrorMessage"] = TwilioError(code, result.refusal.number).message
        return params

    def conference_params(self, name: str) -> dict[str, str]:
        return {"DialCallStatus": "answered"}

    def record_params(self, recording: Recording, ended_by: str) -> dict[str, str]:
        return self._recording_params(recording) | {"Digits": ended_by}

    def recording_status_params(self, recording: Recording) -> dict[str, str]:
        """https://www.twilio.com/docs/voice/twiml/record#attributes-recording-status-callback"""
        return self._recording_params(recording) | {
            "AccountSid": self.sid,
            "CallSid": recording.call_sid,
            "RecordingStatus": "completed",
            "RecordingChannels": "1",
            "RecordingSource": "RecordVerb",
            "RecordingStartTime": rfc2822(recording.began) or "",
            "ErrorCode": "0",
        }

    def _recording_params(self, recording: Recording) -> dict[str, str]:
        return {
            "RecordingSid": recording.sid,
            "RecordingUrl": self.base_url + recording_path(recording, self.sid),
            "RecordingDuration": str(recording.seconds),
        }

    def failure_params(self, reason: str, url: str) -> dict[str, str]:
        return {"ErrorCode": str(CODES[reason]), "ErrorUrl": url}

    def message_params(self, message: Message) -> dict[str, str]:
        return self._message_params(message) | {"MessageStatus": message.status}

    def text_params(self, message: Message) -> dict[str, str]:
        places = parties(message.from_, message.to)
        params = self._message_params(message) | {
            name: value
            for name, value in places.items()
            if not name.startswith(("Caller", "Called"))
        }
        params |= {
            "SmsMessageSid": message.sid,
            "Body": message.body,
            "NumMedia": "0",
            "NumSegments": str(segments(message.body)),
        }
        if message.from_.startswith("whatsapp:"):
            params["WaId"] = without_channel(message.from_).removeprefix("+")
        return params

    def _message_params(self, message: Message) -> dict[str, str]:
        params = {
            "MessageSid": message.sid,
            "SmsSid": message.sid,
            "AccountSid": self.sid,
            "ApiVersion": API_VERSION,
            "From": message.from_,
            "To": message.to,
            "SmsStatus": message.status,
        }
        if message.error_code is not None:
            params["ErrorCode"] = str(message.error_code)
        return params


def _leg_params(leg: Call) -> dict[str, str]:
    params = {"DialCallSid": leg.sid}
    if leg.is_over:
        params["DialSipResponseCode"] = _SIP_CODES[leg.status]
    if leg.duration_seconds is not None:
        params["DialCallDuration"] = str(leg.duration_seconds)
    if leg.error_code is not None:
        params["ErrorCode"] = str(leg.error_code)
    return params


def _read_reply(element: ElementTree.Element, url: str) -> Reply:
    body = element.findtext("Body") if element.find("Body") is not None else element.text
    callback = element.get("statusCallback") or element.get("action") or ""
    return Reply(
        (body or "").strip(),
        element.get("to", ""),
        element.get("from", ""),
        urljoin(url, callback) if callback else "",
    )


def _keywords(settings: Settings) -> Keywords:
    """The help centre's "Twilio support for opt-out keywords (SMS STOP filtering)": one of the
    words alone stops every text from that number, Twilio itself answers, the webhook is still
    called, and sending then fails with 21610. CANCEL is one of the default words; an account with
    Advanced Opt-Out can remove it.
    """
    return Keywords(
        stop=settings.opt_out_words,
        start=("START", "YES", "UNSTOP"),
        help=("HELP", "INFO") if settings.answers_help else (),
        stop_reply=(
            "You have successfully been unsubscribed. You will not receive any more messages from"
            " this number. Reply START to resubscribe."
        ),
        start_reply=(
            "You have successfully been re-subscribed to messages from this number. Reply HELP for"
            " help. Reply STOP to unsubscribe. Msg&Data Rates May Apply."
        ),
        help_reply="Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
    )
