"""The adapters under test: each with a network to speak to and its webhooks as they arrive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from helpline.domain.call_progress import CarrierStatus
from helpline.domain.sms_progress import SmsStatus
from helpline.telephony.events import (
    CallerInput,
    CallStatus,
    Detection,
    DialEnded,
    InboundCall,
    InboundSms,
    KeyPressed,
    PhoneAnswered,
    SmsReport,
)
from helpline.telephony.plivo.client import PlivoCarrier
from helpline.telephony.plivo.http import PlivoAccount
from helpline.telephony.plivo.webhooks import PlivoWebhooks
from helpline.telephony.port import Carrier, Form, Webhooks
from helpline.telephony.twilio.client import TwilioAccount, TwilioCarrier
from helpline.telephony.twilio.webhooks import TwilioWebhooks
from tests.phonesim.fixtures import ACCOUNT_SID, AUTH_TOKEN, HELPLINE, Sim, start
from tests.phonesim.plivo_fixtures import AUTH_ID, TOKEN, start_plivo

CALLER = "+919876500001"
CALL, LEG, SMS, RECORDING = (letters + 32 * "a" for letters in ("CA", "CB", "SM", "RE"))
REQUEST = "request:" + 36 * "b"


@dataclass(frozen=True)
class Adapter:
    """A carrier's adapter; the form of each event, and the event, by the name of what reads it.

    ``judges_key``: the carrier itself judges the key that the dialled phone is asked for.
    """

    carrier: Carrier
    webhooks: Webhooks
    forms: Mapping[str, Form]
    events: Mapping[str, object]
    sim: Sim
    judges_key: bool = False


COMMON_EVENTS: dict[str, object] = {
    "inbound_call": InboundCall(CALL, CALLER),
    "caller_input": CallerInput(digits="2", seconds=1, call_id=CALL),
    "recording_ready": CallerInput(recording=RECORDING, seconds=7, call_id=CALL),
    "sms_report": SmsReport(SMS, SmsStatus.DELIVERED, None, None),
}


TWILIO_FORMS = {
    "phone_answered": {"CallSid": LEG, "ParentCallSid": CALL, "AnsweredBy": "machine_start"},
    "key_pressed": {"CallSid": LEG, "ParentCallSid": CALL, "Digits": "1"},
    "call_status": {
        "CallSid": CALL,
        "CallStatus": "busy",
        "SequenceNumber": "3",
        "Timestamp": "Mon, 23 Nov 2026 05:30:00 +0000",
    },
    "dial_ended": {
        "CallSid": CALL,
        "CallStatus": "in-progress",
        "DialCallStatus": "completed",
        "DialBridged": "true",
        "DialCallSid": LEG,
    },
    "inbound_call": {"CallSid": CALL, "From": CALLER},
    "caller_input": {"CallSid": CALL, "CallStatus": "in-progress", "Digits": "2"},
    "recording_ready": {
        "CallSid": CALL,
        "RecordingSid": RECORDING,
        "RecordingStatus": "completed",
        "RecordingDuration": "7",
    },
    "inbound_sms": {"MessageSid": SMS, "From": CALLER, "Body": "CALL"},
    "sms_report": {"MessageSid": SMS, "MessageStatus": "delivered"},
}
TWILIO_EVENTS = COMMON_EVENTS | {
    "phone_answered": PhoneAnswered(LEG, CALL, Detection.MACHINE),
    "key_pressed": KeyPressed(LEG, CALL, "1"),
    "call_status": CallStatus(
        CALL, CarrierStatus.BUSY, 3, None, None, datetime(2026, 11, 23, 5, 30, tzinfo=UTC)
    ),
    "dial_ended": DialEnded(CALL, CarrierStatus.COMPLETED, LEG, None, None),
    "inbound_sms": InboundSms(SMS, CALLER, "CALL"),
}
PLIVO_REQUEST = {"CallUUID": CALL, "ALegUUID": CALL, "ALegRequestUUID": 36 * "b"}
PLIVO_FORMS = {
    "phone_answered": PLIVO_REQUEST | {"CallStatus": "in-progress"},
    "key_pressed": PLIVO_REQUEST | {"Digits": "1", "InputType": "dtmf"},
    "call_status": PLIVO_REQUEST | {"CallStatus": "busy", "HangupCauseCode": "3010"},
    "dial_ended": PLIVO_REQUEST
    | {"DialStatus": "completed", "DialALegUUID": CALL, "DialBLegUUID": LEG},
    "inbound_call": {"CallUUID": CALL, "From": CALLER.removeprefix("+")},
    "caller_input": {"CallUUID": CALL, "CallStatus": "in-progress", "Digits": "2"},
    "recording_ready": {"CallUUID": CALL, "RecordingID": RECORDING, "RecordingDuration": "7"},
    "inbound_sms": {
        "MessageUUID": SMS,
        "From": CALLER.removeprefix("+"),
        "To": HELPLINE.removeprefix("+"),
        "Text": "CALL",
    },
    "sms_report": {"MessageUUID": SMS, "Status": "delivered", "ErrorCode": "000"},
}
PLIVO_EVENTS = COMMON_EVENTS | {
    "phone_answered": PhoneAnswered(CALL, "", request_id=REQUEST),
    "key_pressed": KeyPressed(CALL, "", "1", request_id=REQUEST),
    "call_status": CallStatus(CALL, CarrierStatus.BUSY, -1, None, None, None, request_id=REQUEST),
    "dial_ended": DialEnded(CALL, CarrierStatus.COMPLETED, None, None, None, request_id=REQUEST),
    "inbound_sms": InboundSms(SMS, CALLER, "CALL", sent_to=HELPLINE),
}


def twilio() -> Adapter:
    sim = start()
    return Adapter(
        TwilioCarrier(TwilioAccount(ACCOUNT_SID, AUTH_TOKEN, sim.url, HELPLINE, 5.0)),
        TwilioWebhooks([AUTH_TOKEN], "IN"),
        TWILIO_FORMS,
        TWILIO_EVENTS,
        sim,
    )


def plivo() -> Adapter:
    sim = start_plivo()
    return Adapter(
        PlivoCarrier(PlivoAccount(AUTH_ID, TOKEN, sim.url, HELPLINE, 5.0)),
        PlivoWebhooks([TOKEN], "IN"),
        PLIVO_FORMS,
        PLIVO_EVENTS,
        sim,
        judges_key=True,
    )


ADAPTERS = {"plivo": plivo, "twilio": twilio}
