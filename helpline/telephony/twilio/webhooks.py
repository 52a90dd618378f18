"""Twilio's webhooks: verify and read them, and render the answers.

Twilio signs the address and every posted parameter with the account's auth token (HMAC-SHA1), or,
where a webhook rule says so, with a shared key and the algorithm that the request names:

- https://www.twilio.com/docs/usage/webhooks/webhooks-security
- https://www.twilio.com/docs/usage/webhooks/webhook-shared-keys (HMAC-SHA256)
- https://www.twilio.com/docs/iam/api/authtoken (which of two tokens signs changes at once)

It waits 15 seconds for instructions, then plays "an application error has occurred" and ends the
call (https://www.twilio.com/docs/api/errors/11200,
https://www.twilio.com/docs/usage/security/availability-reliability).

Parameters: https://www.twilio.com/docs/voice/twiml#request-parameters and
https://www.twilio.com/docs/messaging/guides/webhook-request
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from twilio.request_validator import (
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)

from helpline.domain.call_progress import FINAL, CarrierStatus, Leg
from helpline.telephony.events import (
    CallerInput,
    CallStatus,
    DialEnded,
    InboundCall,
    InboundSms,
    KeyPressed,
    PhoneAnswered,
    SmsReport,
)
from helpline.telephony.flow import Flow
from helpline.telephony.port import Form
from helpline.telephony.twilio import rendering
from helpline.telephony.twilio.codes import problem_of, sms_problem_of
from helpline.telephony.twilio.recordings import is_recording_sid
from helpline.telephony.twilio.statuses import (
    caller_of,
    detection_of,
    sender_of,
    sms_status_of,
    status_of,
    time_of,
)

_SID_LENGTH = 34
_MAX_DIGITS = 40
_MAX_INT = 2**31 - 1
_UNNUMBERED = -1
_SHORTEST_SECONDS = 1


class TwilioWebhooks:
    """The webhooks of ``port.Webhooks``, by Twilio.

    Args:
        secrets: the account's auth tokens and shared keys; any of them may sign.
        default_region: the region of a number without "+".
    """

    content_type = "text/xml"

    def __init__(self, secrets: Sequence[str], default_region: str) -> None:
        self._secrets = [secret for secret in secrets if secret]
        self._default_region = default_region

    def is_genuine(self, url: str, form: Mapping[str, Any], headers: Mapping[str, str]) -> bool:
        signature = headers.get(SIGNATURE_HEADER)
        if not signature:
            return False
        algorithm = get_signature_algorithm(headers.get(SIGNATURE_SETTINGS_HEADER))
        return any(
            RequestValidator(secret).validate(url, form, signature, algorithm)
            for secret in self._secrets
        )

    def sign(self, url: str, form: Form) -> list[dict[str, str]]:
        validators = (RequestValidator(secret) for secret in self._secrets)
        return [
            {SIGNATURE_HEADER: validator.compute_signature(url, dict(form))}
            for validator in validators
        ]

    def render(self, flow: Flow) -> str:
        return rendering.render_flow(flow)

    def render_sms_reply(self, body: str | None, sms: InboundSms | None = None) -> str:
        return rendering.render_sms_reply(body)

    def phone_answered(self, form: Form) -> PhoneAnswered:
        detection = detection_of(form.get("AnsweredBy", ""))
        return PhoneAnswered(_call_id(form), _parent_id(form), detection)

    def key_pressed(self, form: Form) -> KeyPressed:
        return KeyPressed(_call_id(form), _parent_id(form), form.get("Digits", ""))

    def call_status(self, form: Form, leg: Leg) -> CallStatus | None:
        status = status_of(form.get("CallStatus", ""))
        if status is None:
            return None
        code = self.error_code(form)
        sequence = _int(form, "SequenceNumber")
        return CallStatus(
            _call_id(form),
            status,
            _UNNUMBERED if sequence is None else sequence,
            code,
            None if code is None else problem_of(code, leg),
            time_of(form.get("Timestamp", "")),
        )

    def dial_ended(self, form: Form) -> DialEnded | None:
        """Twilio reports no-answer both when the phone rang out and when the advisor hung up
        first; in the second case the advisor's own call has ended.

        Where <Dial> itself is rejected (callerId, say) there is no visitor's leg and no status
        callback: only this request has ErrorCode then, and no DialCallSid.
        """
        outcome = status_of(form.get("DialCallStatus", ""))
        if outcome is None:
            return None
        if outcome == CarrierStatus.NO_ANSWER and _is_over(form):
            outcome = CarrierStatus.CANCELED
        code = self.error_code(form)
        is_connected = form.get("DialBridged") == "true"
        return DialEnded(
            _call_id(form),
            outcome,
            form.get("DialCallSid", "")[:_SID_LENGTH] if is_connected else None,
            code,
            None if code is None else problem_of(code, Leg.VISITOR),
            hung_up=_is_over(form),
        )

    def inbound_call(self, form: Form) -> InboundCall:
        return InboundCall(_call_id(form), caller_of(form.get("From", ""), self._default_region))

    def caller_input(self, form: Form) -> CallerInput:
        recording = form.get("RecordingSid", "")
        seconds = _int(form, "RecordingDuration")
        return CallerInput(
            digits=form.get("Digits", "")[:_MAX_DIGITS],
            recording=recording if is_recording_sid(recording) else "",
            seconds=_SHORTEST_SECONDS if seconds is None else seconds,
            connected={"true": True, "false": False}.get(form.get("DialBridged", "")),
            error_code=self.error_code(form) if "DialCallStatus" in form else None,
            hung_up=_is_over(form),
            call_id=_call_id(form),
        )

    def recording_ready(self, form: Form) -> CallerInput | None:
        recorded = self.caller_input(form)
        if form.get("RecordingStatus") != "completed" or not recorded.recording:
            return None
        return recorded

    def inbound_sms(self, form: Form) -> InboundSms:
        sms_id, opt_out = form.get("MessageSid", ""), form.get("OptOutType", "")
        return InboundSms(
            sms_id if len(sms_id) <= _SID_LENGTH else "",
            sender_of(form.get("From", ""), self._default_region),
            form.get("Body", ""),
            stops=opt_out == "STOP",
            starts=opt_out == "START",
            carrier_answers=opt_out != "",
        )

    def sms_report(self, form: Form) -> SmsReport | None:
        status = sms_status_of(form.get("MessageStatus", ""))
        sms_id = form.get("MessageSid", "")[:_SID_LENGTH]
        if status is None or not sms_id:
            return None
        code = self.error_code(form)
        return SmsReport(sms_id, status, code, None if code is None else sms_problem_of(code))

    def error_code(self, form: Form) -> int | None:
        return _int(form, "ErrorCode")


def _call_id(form: Form) -> str:
    return form.get("CallSid", "")[:_SID_LENGTH]


def _parent_id(form: Form) -> str:
    return form.get("ParentCallSid", "")[:_SID_LENGTH]


def _is_over(form: Form) -> bool:
    return status_of(form.get("CallStatus", "")) in FINAL


def _int(form: Form, name: str) -> int | None:
    """An integer that the database can hold."""
    text = form.get(name, "")
    try:
        number = int(text) if len(text) <= len(str(-_MAX_INT)) else None
    except ValueError:
        return None
    return number if number is not None and abs(number) <= _MAX_INT else None
