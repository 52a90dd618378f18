"""The carrier's webhooks; importing a module registers its views."""

from helpline.web.carrier_webhooks import calls, inbound, listening, offers, sms
from helpline.web.carrier_webhooks.blueprint import carrier_webhooks

__all__ = ("calls", "carrier_webhooks", "inbound", "listening", "offers", "sms")
