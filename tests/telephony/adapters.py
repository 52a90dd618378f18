"""The adapters under test: each with a network to speak to and its webhooks as they arrive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helpline.telephony.port import Carrier, Form, Webhooks
from helpline.telephony.twilio.client import TwilioAccount, TwilioCarrier
from helpline.telephony.twilio.webhooks import TwilioWebhooks
from tests.phonesim.fixtures import ACCOUNT_SID, AUTH_TOKEN, HELPLINE, Sim, start

CALLER = "+919876500001"
CALL, LEG, SMS, RECORDING = (letters + 32 * "a" for letters in ("CA", "CB", "SM", "RE"))


@dataclass(frozen=True)
class Adapter:
    """A carrier's adapter, and the form of each event by the name of what reads it."""

    carrier: Carrier
    webhooks: Webhooks
    forms: Mapping[str, Form]
    sim: Sim


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


def twilio() -> Adapter:
    sim = start()
    return Adapter(
        TwilioCarrier(TwilioAccount(ACCOUNT_SID, AUTH_TOKEN, sim.url, HELPLINE, 5.0)),
        TwilioWebhooks([AUTH_TOKEN], "IN"),
        TWILIO_FORMS,
        sim,
    )


ADAPTERS = {"twilio": twilio}
