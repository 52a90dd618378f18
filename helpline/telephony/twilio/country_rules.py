"""Restrictions of the carrier by country, whatever the account's settings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CountryRule:
    """Restrictions for calls and text messages into a country; ``source`` is the page that says so.

    Args:
        foreign_caller_id_only: calls must come from a number of another country.
        texts_one_way: nobody there can text the account's numbers.
    """

    foreign_caller_id_only: bool
    texts_one_way: bool
    source: str


RULES: dict[str, CountryRule] = {
    # "Outbound calls to India can only be made from international (non-Indian) numbers"; "Two-way
    # SMS supported: No" (https://www.twilio.com/en-us/guidelines/in/sms).
    "IN": CountryRule(True, True, "https://www.twilio.com/en-us/guidelines/in/voice"),
}
"""Twilio's country guidelines. A country not listed has no known restriction."""
