"""Twilio's restrictions by country, whatever the account's settings."""

from __future__ import annotations

from helpline.telephony.port import CountryRule

RULES: dict[str, CountryRule] = {
    # "Outbound calls to India can only be made from international (non-Indian) numbers"; "Two-way
    # SMS supported: No" (https://www.twilio.com/en-us/guidelines/in/sms).
    "IN": CountryRule(True, True, "https://www.twilio.com/en-us/guidelines/in/voice"),
}
"""Twilio's country guidelines. A country not listed has no known restriction."""
