"""What the operator of a simulation decides."""

from __future__ import annotations

from dataclasses import dataclass, field

# https://www.twilio.com/docs: "Twilio support for opt-out keywords (SMS STOP filtering)"
STOP_WORDS = ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE")


@dataclass(frozen=True)
class Settings:
    """One simulated account a carrier, its numbers, and how fast its time runs."""

    account_sid: str = ""
    auth_token: str = ""
    numbers: tuple[str, ...] = ()
    secondary_auth_token: str = ""
    shared_key: str = ""
    host: str = "127.0.0.1"
    port: int = 8001
    voice_url: str = ""
    sms_url: str = ""
    voice_fallback_url: str = ""
    sms_fallback_url: str = ""
    status_callback: str = ""
    seed: int | None = None
    clock_offset_seconds: float = 0.0
    clock_speed: float = 1.0
    time_scale: float = 1.0
    calls_per_second: float = 0.0
    plivo_auth_id: str = ""
    plivo_auth_tokens: tuple[str, ...] = ()
    plivo_numbers: tuple[str, ...] = ()
    plivo_calls_per_second: float = 2.0
    plivo_calls_at_once: int = 50
    webhook_timeout_seconds: float = 15.0
    opt_out_words: tuple[str, ...] = STOP_WORDS
    answers_help: bool = True
    refused_regions: tuple[str, ...] = ()
    country_rules: bool = False
    trial: bool = False
    verified: tuple[str, ...] = ()
    balance: str = "25.00"
    currency: str = "USD"
    demo_addresses: bool = False
    phones: dict[str, str] = field(default_factory=dict)
    routes: dict[str, str] = field(default_factory=dict)

    # How long the network takes, in simulated seconds.
    queue_seconds: float = 0.1
    setup_seconds: float = 0.4
