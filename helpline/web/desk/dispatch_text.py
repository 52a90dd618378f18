"""Messages to an advisor about automatic dispatch and carrier errors."""

from __future__ import annotations

from collections.abc import Iterator

from helpline.calls.models import OfferState
from helpline.reports.desk_data import DeskStatus
from helpline.web import formatting
from helpline.web.language import gettext as _
from helpline.web.preflight_text import region_name


def dispatch_words(status: DeskStatus) -> Iterator[str]:
    """Yield the messages that apply to an advisor now."""
    if status.offer is not None:
        yield {
            OfferState.RINGING: _("Your phone is ringing with a callback. Answer it and press 1."),
            OfferState.ANSWERED: _("Press 1 on your phone to claim the callback."),
        }.get(OfferState(status.offer), _("Your phone is about to ring with a callback."))
    if status.away_by_misses:
        yield _(
            "You were set to break because your phone missed several callbacks in a row. When "
            "you are back, press “Go available”."
        )
    if status.callback is not None and status.refused_at is not None:
        yield _(
            "The phone company refuses calls to %(region)s (most recently %(time)s). Admins can "
            "see this too. Until it is fixed, call from your own phone or release the "
            "callback.",
            region=region_name(status.callback.phone_region),
            time=formatting.moment_words(status.refused_at),
        )
