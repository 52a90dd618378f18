"""What Plivo's REST API shows of calls, numbers, applications, messages and recordings.

The shapes are those of its documentation; see `tests/phonesim/plivo_shapes.json`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from phonesim.calls import IN_PROGRESS, INBOUND, Call
from phonesim.lines import Line
from phonesim.plivo.applications import Application
from phonesim.plivo.causes import cause_of
from phonesim.plivo.formats import digits, local_time, utc_time
from phonesim.recordings import Recording
from phonesim.texts import Message, segments

COUNTRY = "India"


def finished_call(call: Call, account: str) -> dict[str, Any]:
    """A call that is over."""
    cause = cause_of(call)
    seconds = call.duration_seconds or 0
    return {
        "answer_time": local_time(call.answered),
        "bill_duration": seconds,
        "billed_duration": -(-seconds // 60) * 60,
        "call_direction": _direction(call),
        "call_duration": seconds,
        "call_state": "ANSWER" if call.answered else "NOANSWER",
        "call_uuid": call.sid,
        "conference_uuid": None,
        "end_time": local_time(call.ended),
        "from_number": call.from_,
        "hangup_cause_code": cause.code,
        "hangup_cause_name": cause.name,
        "hangup_source": cause.source,
        "initiation_time": local_time(call.started or call.created),
        "parent_call_uuid": call.parent.sid if call.parent else None,
        "resource_uri": f"{account}Call/{call.sid}/",
        "source_ip": "",
        "Stir_attestation": "",
        "stir_verification": "Not Applicable",
        "to_number": digits(call.to),
        "total_amount": "0.00000",
        "total_rate": "0.00000",
        "voice_network_group": "",
    }


def live_call(call: Call) -> dict[str, Any]:
    """A call under way."""
    return {
        "call_status": "in-progress" if call.status == IN_PROGRESS else "ringing",
        "call_uuid": call.sid,
        "caller_name": "",
        "direction": _direction(call),
        "from": call.from_,
        "request_uuid": call.request_id or call.sid,
        "session_start": utc_time(call.started or call.created),
        "to": digits(call.to),
    }


def queued_call(call: Call) -> dict[str, Any]:
    """A call that waits for its start."""
    return {
        "call_status": "queued",
        "call_uuid": call.sid,
        "caller_name": "",
        "direction": _direction(call),
        "from": call.from_,
        "request_uuid": call.request_id,
        "to": digits(call.to),
    }


def _direction(call: Call) -> str:
    return "inbound" if call.direction == INBOUND else "outbound"


def number(line: Line, account: str) -> dict[str, Any]:
    """A rented number."""
    bare = digits(line.number)
    app_id = line.details.get("application", "")
    return {
        "active": True,
        "added_on": "2026-01-01",
        "alias": line.friendly_name or None,
        "application": f"{account}Application/{app_id}/" if app_id else None,
        "carrier": "Plivo",
        "city": None,
        "cnam": None,
        "cnam_lookup": None,
        "compliance_application_id": None,
        "compliance_status": "accepted",
        "country": COUNTRY,
        "mms_enabled": False,
        "mms_rate": None,
        "monthly_rental_rate": "250.00000",
        "number": bare,
        "number_type": "local",
        "region": COUNTRY,
        "renewal_date": "2026-12-31",
        "resource_uri": f"{account}Number/{bare}/",
        "sms_enabled": line.sms,
        "sms_rate": "0.00000",
        "sub_account": None,
        "tendlc_campaign_id": None,
        "tendlc_registration_status": None,
        "toll_free_sms_verification": None,
        "voice_enabled": line.voice,
        "voice_rate": "0.00000",
    }


def application(one: Application, account: str) -> dict[str, Any]:
    """An application."""
    return {
        **one.routes,
        "app_id": one.app_id,
        "app_name": one.name,
        "default_app": False,
        "default_endpoint_app": False,
        "enabled": True,
        "log_incoming_messages": True,
        "public_uri": False,
        "resource_uri": f"{account}Application/{one.app_id}/",
        "sip_uri": f"sip:{one.app_id}@app.plivo.com",
        "sub_account": None,
    }


def message(one: Message, account: str) -> dict[str, Any]:
    """A text. Its words are not shown."""
    return {
        "error_code": "000" if one.error_code is None else str(one.error_code),
        "error_message": "",
        "from_number": digits(one.from_),
        "message_direction": "inbound" if one.direction == "inbound" else "outbound",
        "message_sent_time": local_time(one.sent),
        "message_state": one.status,
        "message_time": local_time(one.created),
        "message_type": "sms",
        "message_updated_time": local_time(one.updated or one.created),
        "message_uuid": one.sid,
        "powerpack_id": None,
        "requester_ip": "",
        "resource_uri": f"{account}Message/{one.sid}/",
        "to_number": digits(one.to),
        "total_amount": "0.00000",
        "total_rate": "0.00000",
        "units": segments(one.body),
    }


def recording(one: Recording, url: str, account: str, now: datetime) -> dict[str, Any]:
    """A recording; `url` is where its sound is."""
    began = one.began.timestamp() * 1000
    return {
        "add_time": local_time(one.began),
        "call_uuid": one.call_sid,
        "conference_name": None,
        "monthly_recording_storage_amount": "0.00000",
        "recording_duration_ms": f"{one.seconds * 1000:.5f}",
        "recording_end_ms": f"{began + one.seconds * 1000:.5f}",
        "recording_format": "wav",
        "recording_id": one.sid,
        "recording_start_ms": f"{began:.5f}",
        "recording_storage_duration": max(1, (now - one.began).days),
        "recording_storage_rate": "0.0004",
        "recording_type": "normal",
        "recording_url": url,
        "resource_uri": f"{account}Recording/{one.sid}/",
        "rounded_recording_duration": max(60, -(-one.seconds // 60) * 60),
    }
