"""Banner on the desk about an inbound call."""

from __future__ import annotations

from collections.abc import Iterator

from helpline.reports.desk_data import InboundStatus
from helpline.web.language import gettext as _


def inbound_banner(call: InboundStatus | None) -> Iterator[str]:
    """Yield a message while an inbound call rings at or is connected to the advisor."""
    if call is None:
        return
    if call.talked_at is not None:
        yield _("You are connected to an inbound call.")
    elif call.advisor_call is not None:
        yield _("Press 1 on your phone to take the inbound call.")
    else:
        yield _("Inbound call: your phone is ringing. Answer it and press 1.")
