"""The carriers that the service is tested with, each with an account at simulated phones."""

from __future__ import annotations

from typing import Any

from config import Settings
from tests.cast import CARRIER_TOKEN, HELPLINE

TWILIO, PLIVO = "twilio", "plivo"
PLIVO_ACCOUNT = "MA000000000000000001"
PLIVO_NUMBER = "+918040000000"
"""Of an account beside Twilio's in one simulated network: a number is at one carrier."""
PHONESIM_TOKENS = {
    "PHONESIM_AUTH_TOKEN": CARRIER_TOKEN,
    "PHONESIM_PLIVO_AUTH_TOKEN": CARRIER_TOKEN,
}
"""What the simulated network is told in its environment."""
BESIDE = {"sqlite": PLIVO, "postgresql": TWILIO}
"""The carrier that a test on both databases has on each, so that it meets both at once."""


def account(carrier: str, url: str, *, plivo_number: str = HELPLINE) -> dict[str, Any]:
    """Return settings that have an account at one carrier alone.

    Args:
        url: of its API.
    """
    if carrier == TWILIO:
        return {"twilio_base_url": url}
    return {
        "twilio_account_sid": "",
        "twilio_auth_token": "",
        "caller_id": "",
        "plivo_auth_id": PLIVO_ACCOUNT,
        "plivo_auth_token": CARRIER_TOKEN,
        "plivo_base_url": url,
        "plivo_caller_id": plivo_number,
        "plivo_calls_per_second": 1000,
    }


def phones_url(settings: Settings) -> str:
    """Return where the simulated phones are."""
    return settings.plivo_base_url or settings.twilio_base_url


def phonesim_options(settings: Settings) -> list[str]:
    """Return the options that give the simulated network the account of the settings."""
    if settings.plivo_auth_id:
        account = ["--plivo-auth-id", settings.plivo_auth_id, "--plivo-number", HELPLINE]
        return [*account, "--plivo-cps", "0"]
    return ["--account-sid", settings.twilio_account_sid, "--number", HELPLINE]
