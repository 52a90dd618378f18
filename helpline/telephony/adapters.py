"""The carriers that the service can speak to: a row each, and the only table of them.

Elsewhere a carrier is its name, stored with each job that it does.
"""

from __future__ import annotations

from importlib.util import find_spec

from config import Settings
from helpline.telephony.plivo.adapter import PLIVO
from helpline.telephony.port import Adapter, Carrier, Webhooks
from helpline.telephony.twilio.adapter import TWILIO

ADAPTERS: dict[str, Adapter] = {adapter.name: adapter for adapter in (TWILIO, PLIVO)}
"""In order of preference where an operator has not chosen."""


FIRST = TWILIO.name
"""The carrier of all that was stored before a job had a carrier."""


class PackageMissing(Exception):
    """A carrier has an account in the settings, but its package is not installed."""


def carriers_of(settings: Settings) -> dict[str, Carrier]:
    """Return the carriers with an account in the settings, by name; none where advisors call from
    their own phones.

    Raises:
        PackageMissing: a carrier's package is not installed.
    """
    configured = [each for each in ADAPTERS.values() if each.is_configured(settings)]
    for adapter in configured:
        if not _is_installed(adapter):
            raise PackageMissing(
                f"{adapter.label} has an account in the settings, but its package is not "
                f'installed: pip install "helpline[{adapter.package}]"'
            )
    return {adapter.name: adapter.carrier(settings) for adapter in configured}


def webhooks_of(settings: Settings) -> dict[str, Webhooks]:
    """Return how the webhooks of each carrier with an installed package are read.

    Without an account too, as long as there is a secret: calls may be under way when the account is
    taken out of the settings. Without any secret, the first carrier's: their form is needed then,
    and each is refused. The packages of others are not imported.
    """
    installed = [adapter for adapter in ADAPTERS.values() if _is_installed(adapter)]
    signing = [adapter for adapter in installed if adapter.secrets(settings)]
    return {adapter.name: adapter.webhooks(settings) for adapter in signing or installed[:1]}


def _is_installed(adapter: Adapter) -> bool:
    return find_spec(adapter.package) is not None
