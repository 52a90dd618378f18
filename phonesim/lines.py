"""The numbers that the account owns: valid caller ids that can be called and texted."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from phonesim.calls import Source, StatusCallback
from phonesim.clock import SimClock
from phonesim.formats import API_VERSION, rfc2822

# The parameter of the API, and the attribute here.
_CHANGEABLE = {
    "VoiceUrl": "voice_url",
    "VoiceMethod": "voice_method",
    "VoiceFallbackUrl": "voice_fallback_url",
    "VoiceFallbackMethod": "voice_fallback_method",
    "VoiceApplicationSid": "voice_application_sid",
    "TrunkSid": "trunk_sid",
    "SmsUrl": "sms_url",
    "SmsMethod": "sms_method",
    "SmsFallbackUrl": "sms_fallback_url",
    "SmsFallbackMethod": "sms_fallback_method",
    "SmsApplicationSid": "sms_application_sid",
    "StatusCallback": "status_callback",
    "StatusCallbackMethod": "status_callback_method",
    "FriendlyName": "friendly_name",
}


@dataclass
class Line:
    """An IncomingPhoneNumber."""

    number: str
    account_sid: str
    clock: SimClock
    voice_url: str = ""
    voice_method: str = "POST"
    voice_fallback_url: str = ""
    voice_fallback_method: str = "POST"
    voice_application_sid: str = ""
    trunk_sid: str = ""
    sms_url: str = ""
    sms_method: str = "POST"
    sms_fallback_url: str = ""
    sms_fallback_method: str = "POST"
    sms_application_sid: str = ""
    status_callback: str = ""
    status_callback_method: str = "POST"
    friendly_name: str = ""

    @property
    def sid(self) -> str:
        """The same for the same number, whichever server it is."""
        return "PN" + hashlib.md5(self.number.encode(), usedforsecurity=False).hexdigest()

    def change(self, form: dict[str, str]) -> None:
        """Set what the form names."""
        for name, attribute in _CHANGEABLE.items():
            if name in form:
                setattr(self, attribute, form[name])

    def source(self) -> Source:
        """Where the instructions for an inbound call are."""
        return Source(
            self.voice_url,
            self.voice_method,
            fallback_url=self.voice_fallback_url,
            fallback_method=self.voice_fallback_method,
        )

    def callback(self) -> StatusCallback:
        """The status callback of inbound calls; only their end is reported."""
        return StatusCallback(self.status_callback, self.status_callback_method)

    def resource(self) -> dict[str, Any]:
        """The IncomingPhoneNumber resource.

        https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
        """
        uri = f"/{API_VERSION}/Accounts/{self.account_sid}/IncomingPhoneNumbers/{self.sid}.json"
        now = rfc2822(self.clock.now())
        return {
            "sid": self.sid,
            "account_sid": self.account_sid,
            "phone_number": self.number,
            "friendly_name": self.friendly_name or self.number,
            "capabilities": {"voice": True, "sms": True, "mms": False, "fax": False},
            "api_version": API_VERSION,
            "voice_url": self.voice_url,
            "voice_method": self.voice_method,
            "voice_fallback_url": self.voice_fallback_url,
            "voice_fallback_method": self.voice_fallback_method,
            "voice_caller_id_lookup": False,
            "voice_application_sid": self.voice_application_sid,
            "trunk_sid": self.trunk_sid or None,
            "sms_url": self.sms_url,
            "sms_method": self.sms_method,
            "sms_fallback_url": self.sms_fallback_url,
            "sms_fallback_method": self.sms_fallback_method,
            "sms_application_sid": self.sms_application_sid,
            "status_callback": self.status_callback,
            "status_callback_method": self.status_callback_method,
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
            "date_created": now,
            "date_updated": now,
            "uri": uri,
        }
