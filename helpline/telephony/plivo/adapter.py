"""Plivo's row in the table of carriers. Its package is imported only where it is installed."""

from __future__ import annotations

from config import Settings
from helpline.telephony.plivo.codes import BAD_CREDENTIALS, REGION_CODES, meaning_of
from helpline.telephony.port import Adapter, Carrier, Webhooks


def _carrier(settings: Settings) -> Carrier:
    from helpline.telephony.plivo.client import PlivoCarrier  # noqa: PLC0415 an extra
    from helpline.telephony.plivo.http import PlivoAccount  # noqa: PLC0415 an extra

    return PlivoCarrier(
        PlivoAccount(
            auth_id=settings.plivo_auth_id,
            auth_token=settings.plivo_auth_token.get_secret_value(),
            secondary_auth_token=settings.plivo_secondary_auth_token.get_secret_value(),
            base_url=settings.plivo_base_url,
            caller_id=settings.plivo_caller_id,
            timeout_seconds=settings.carrier_timeout_seconds,
        )
    )


def _webhooks(settings: Settings) -> Webhooks:
    from helpline.telephony.plivo.webhooks import PlivoWebhooks  # noqa: PLC0415 an extra

    return PlivoWebhooks(_secrets(settings), settings.default_region)


def _secrets(settings: Settings) -> list[str]:
    tokens = (settings.plivo_auth_token, settings.plivo_secondary_auth_token)
    return [token.get_secret_value() for token in tokens if token.get_secret_value()]


PLIVO = Adapter(
    name="plivo",
    label="Plivo",
    package="plivo",
    is_configured=lambda settings: bool(settings.plivo_auth_id),
    secrets=_secrets,
    carrier=_carrier,
    webhooks=_webhooks,
    calls_per_second=lambda settings: settings.plivo_calls_per_second,
    legs_at_once=lambda settings: settings.plivo_calls_at_once,
    meaning_of=meaning_of,
    region_codes=REGION_CODES,
    bad_credentials=BAD_CREDENTIALS,
    account_settings="HELPLINE_PLIVO_AUTH_ID and HELPLINE_PLIVO_AUTH_TOKEN",
    base_url_setting="HELPLINE_PLIVO_BASE_URL",
    signature_header="X-Plivo-Signature-V3",
    reports_ringing=False,
)
