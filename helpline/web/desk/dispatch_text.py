"""Messages to an advisor about automatic dispatch and carrier errors."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from helpline.calls.models import OfferState
from helpline.calls.queries import live_offer_to
from helpline.staff.queries import presence_of
from helpline.telephony import carrier_limits
from helpline.web import formatting
from helpline.web.language import gettext as _
from helpline.web.preflight_text import region_name


def dispatch_words(session: Session, advisor_id: int, region: str | None) -> Iterator[str]:
    """Yield the messages that apply to an advisor now.

    Args:
        region: region of the current callback, if there is one.
    """
    offer = live_offer_to(session, advisor_id)
    if offer is not None:
        yield {
            OfferState.RINGING: _("Your phone is ringing with a callback. Answer it and press 1."),
            OfferState.ANSWERED: _("Press 1 on your phone to claim the callback."),
        }.get(OfferState(offer.state), _("Your phone is about to ring with a callback."))
    presence = presence_of(session, advisor_id)
    if presence is not None and presence.away_by_misses:
        yield _(
            "You were set to break because your phone missed several callbacks in a row. When "
            "you are back, press “Go available”."
        )
    refusal = carrier_limits.rejected_region(session, region) if region else None
    if refusal is not None:
        yield _(
            "The phone company refuses calls to %(region)s (most recently %(time)s). Admins can "
            "see this too. Until it is fixed, call from your own phone or release the "
            "callback.",
            region=region_name(refusal.region),
            time=formatting.moment_words(refusal.refused_at),
        )
