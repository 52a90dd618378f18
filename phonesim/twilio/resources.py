"""What Twilio's REST API shows of calls, numbers, messages and recordings.

https://www.twilio.com/docs/voice/api/call-resource
https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
https://www.twilio.com/docs/messaging/api/message-resource
https://www.twilio.com/docs/voice/api/recording
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from phonesim.calls import INBOUND, INITIATED, OUTBOUND_API, QUEUED, Call
from phonesim.clock import rfc2822
from phonesim.lines import Line
from phonesim.recordings import Recording
from phonesim.texts import Message, segments
from phonesim.twilio.formats import API_VERSION

# The parameter of the API, and the attribute of a line.
_CHANGEABLE = {
    "VoiceUrl": "voice_url",
    "VoiceMethod": "voice_method",
    "VoiceFallbackUrl": "voice_fallback_url",
    "VoiceFallbackMethod": "voice_fallback_method",
    "SmsUrl": "sms_url",
    "SmsMethod": "sms_method",
    "SmsFallbackUrl": "sms_fallback_url",
    "SmsFallbackMethod": "sms_fallback_method",
    "StatusCallback": "status_callback",
    "StatusCallbackMethod": "status_callback_method",
    "FriendlyName": "friendly_name",
}
DETAILS = {
    "VoiceApplicationSid": "voice_application_sid",
    "SmsApplicationSid": "sms_application_sid",
    "TrunkSid": "trunk_sid",
}
_UNUSED: dict[str, Any] = {
    "voice_caller_id_lookup": False,
    "status": "in-use",
    "beta": False,
    "origin": "twilio",
    "type": "local",
    "voice_receive_mode": "voice",
    "address_requirements": "none",
    "address_sid": None,
    "bundle_sid": None,
    "identity_sid": None,
    "emergency_address_sid": None,
    "emergency_address_status": "unregistered",
    "emergency_status": "Inactive",
}
"""What nothing changes here about a number."""
_CALL_PARTS = ("events", "notifications", "recordings", "streams", "payments", "siprec")


def number_sid(number: str) -> str:
    """The same for the same number, whichever server it is."""
    return "PN" + hashlib.md5(number.encode(), usedforsecurity=False).hexdigest()


def change_line(line: Line, form: dict[str, str]) -> None:
    """Set what the form names."""
    for name, attribute in _CHANGEABLE.items():
        if name in form:
            setattr(line, attribute, form[name])
    line.details.update({key: form[name] for name, key in DETAILS.items() if name in form})


def line_resource(line: Line, account_sid: str, now: datetime) -> dict[str, Any]:
    """The IncomingPhoneNumber resource."""
    sid = number_sid(line.number)
    return {
        **_UNUSED,
        **{attribute: getattr(line, attribute) for attribute in _CHANGEABLE.values()},
        "sid": sid,
        "account_sid": account_sid,
        "phone_number": line.number,
        "friendly_name": line.friendly_name or line.number,
        "capabilities": {
            "voice": line.voice,
            "sms": line.sms,
            "mms": False,
            "fax": False,
        },
        "api_version": API_VERSION,
        "voice_application_sid": line.details["voice_application_sid"],
        "sms_application_sid": line.details["sms_application_sid"],
        "trunk_sid": line.details["trunk_sid"] or None,
        "date_created": rfc2822(now),
        "date_updated": rfc2822(now),
        "uri": f"/{API_VERSION}/Accounts/{account_sid}/IncomingPhoneNumbers/{sid}.json",
    }


def call_resource(call: Call, account_sid: str) -> dict[str, Any]:
    """The Call resource, field by field as the REST API has it.

    `initiated` occurs in status callbacks only; the resource says `queued` until it rings.
    """
    uri = f"/{API_VERSION}/Accounts/{account_sid}/Calls/{call.sid}"
    ours = {OUTBOUND_API: call.from_, INBOUND: call.to}.get(call.direction)
    return {
        "account_sid": account_sid,
        "answered_by": call.answered_by or None,
        "api_version": API_VERSION,
        "caller_name": None,
        "date_created": rfc2822(call.created),
        "date_updated": rfc2822(call.updated or call.created),
        "direction": call.direction,
        "duration": str(call.duration_seconds or 0) if call.is_over else None,
        "end_time": rfc2822(call.ended),
        "forwarded_from": None,
        "from": call.from_,
        "from_formatted": call.from_,
        "group_sid": None,
        "parent_call_sid": call.parent.sid if call.parent else None,
        "phone_number_sid": number_sid(ours) if ours else None,
        "price": None,
        "price_unit": "USD",
        "queue_time": "0",
        "sid": call.sid,
        "start_time": rfc2822(call.started),
        "status": QUEUED if call.status == INITIATED else call.status,
        "subresource_uris": {part: f"{uri}/{part.capitalize()}.json" for part in _CALL_PARTS},
        "to": call.to,
        "to_formatted": call.to,
        "trunk_sid": None,
        "uri": f"{uri}.json",
    }


def message_resource(message: Message, account_sid: str) -> dict[str, Any]:
    """The Message resource."""
    uri = f"/{API_VERSION}/Accounts/{account_sid}/Messages/{message.sid}"
    return {
        "sid": message.sid,
        "account_sid": account_sid,
        "api_version": API_VERSION,
        "body": message.body,
        "date_created": rfc2822(message.created),
        "date_sent": rfc2822(message.sent),
        "date_updated": rfc2822(message.updated or message.created),
        "direction": message.direction,
        "error_code": message.error_code,
        "error_message": None,
        "from": message.from_,
        "messaging_service_sid": None,
        "num_media": "0",
        "num_segments": str(segments(message.body)),
        "price": None,
        "price_unit": "USD",
        "status": message.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": message.to,
        "uri": f"{uri}.json",
    }


def recording_path(recording: Recording, account_sid: str) -> str:
    """The address of a recording without an ending."""
    return f"/{API_VERSION}/Accounts/{account_sid}/Recordings/{recording.sid}"


def recording_resource(recording: Recording, account_sid: str, base_url: str) -> dict[str, Any]:
    """The Recording resource."""
    path, began = recording_path(recording, account_sid), rfc2822(recording.began)
    return {
        "sid": recording.sid,
        "account_sid": account_sid,
        "call_sid": recording.call_sid,
        "conference_sid": None,
        "api_version": API_VERSION,
        "channels": 1,
        "source": "RecordVerb",
        "status": "completed",
        "duration": str(recording.seconds),
        "date_created": began,
        "date_updated": began,
        "start_time": began,
        "price": None,
        "price_unit": "USD",
        "error_code": None,
        "encryption_details": None,
        "media_url": base_url + path,
        "uri": f"{path}.json",
        "subresource_uris": {},
    }
