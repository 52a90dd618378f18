"""The numbers that the accounts own: valid caller ids that can be called and texted."""

from __future__ import annotations

from dataclasses import dataclass, field

from phonesim.calls import Source, StatusCallback


@dataclass
class Line:
    """A number, and where its calls and texts go.

    Args:
        carrier: the name of the carrier that rents it out.
        voice, sms: whether it can be called and texted.
        details: what nothing but the carrier's API knows of it.
    """

    number: str
    carrier: str
    voice_url: str = ""
    voice_method: str = "POST"
    voice_fallback_url: str = ""
    voice_fallback_method: str = "POST"
    sms_url: str = ""
    sms_method: str = "POST"
    sms_fallback_url: str = ""
    sms_fallback_method: str = "POST"
    status_callback: str = ""
    status_callback_method: str = "POST"
    friendly_name: str = ""
    voice: bool = True
    sms: bool = True
    details: dict[str, str] = field(default_factory=dict)

    def source(self) -> Source:
        """Where the instructions for an inbound call are."""
        return Source(
            self.voice_url,
            self.voice_method,
            fallback_url=self.voice_fallback_url,
            fallback_method=self.voice_fallback_method,
        )

    def callbacks(self) -> tuple[StatusCallback, ...]:
        """The status callback of inbound calls; only their end is reported."""
        return (StatusCallback(self.status_callback, self.status_callback_method),)
