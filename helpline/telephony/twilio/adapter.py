"""Twilio's row in the table of carriers. Its client is imported only where it is installed."""

from __future__ import annotations

from config import Settings
from helpline.telephony.port import Adapter, Carrier, Webhooks
from helpline.telephony.twilio.codes import BAD_CREDENTIALS, REGION_CODES, meaning_of


def _carrier(settings: Settings) -> Carrier:
    from helpline.telephony.twilio.client import (  # noqa: PLC0415 an extra
        TwilioAccount,
        TwilioCarrier,
    )

    return TwilioCarrier(
        TwilioAccount(
            account_sid=settings.twilio_account_sid,
            auth_token=settings.twilio_auth_token.get_secret_value(),
            secondary_auth_token=settings.twilio_secondary_auth_token.get_secret_value(),
            base_url=settings.twilio_base_url,
            caller_id=settings.caller_id,
            timeout_seconds=settings.carrier_timeout_seconds,
        )
    )


def _webhooks(settings: Settings) -> Webhooks:
    from helpline.telephony.twilio.webhooks import TwilioWebhooks  # noqa: PLC0415 an extra

    return TwilioWebhooks(settings.webhook_secrets, settings.default_region)


TWILIO = Adapter(
    name="twilio",
    label="Twilio",
    package="twilio",
    is_configured=lambda settings: bool(settings.twilio_account_sid),
    secrets=lambda settings: settings.webhook_secrets,
    carrier=_carrier,
    webhooks=_webhooks,
    calls_per_second=lambda settings: settings.calls_per_second,
    legs_at_once=lambda _settings: None,  # https://www.twilio.com/docs/voice/api/call-resource
    meaning_of=meaning_of,
    region_codes=REGION_CODES,
    bad_credentials=BAD_CREDENTIALS,
    account_settings="HELPLINE_TWILIO_ACCOUNT_SID and HELPLINE_TWILIO_AUTH_TOKEN",
    base_url_setting="HELPLINE_TWILIO_BASE_URL",
    signature_header="X-Twilio-Signature",
)
