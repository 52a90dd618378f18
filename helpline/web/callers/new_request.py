"""Make a request for somebody who calls in, by the rules of the visitors' form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.callbacks import queries
from helpline.callbacks import service as callback_service
from helpline.callbacks.errors import IdempotencyConflict, SlotUnavailable
from helpline.callbacks.models import Channel
from helpline.callbacks.service import CallbackRequest
from helpline.db import db
from helpline.domain.references import shown
from helpline.policy import retention
from helpline.privacy.pii_inventory import Group
from helpline.web import formatting
from helpline.web.access import ADVISOR, SUPERVISOR, allow
from helpline.web.callers.blueprint import callers, require_duty
from helpline.web.consent_text import spoken_consent_given, spoken_notice_words
from helpline.web.language import gettext as _
from helpline.web.language import in_language, site_languages
from helpline.web.reference_text import spelled
from helpline.web.request_context import opening_hours
from helpline.web.sessions import current_staff_id
from helpline.web.visitor.forms import RequestForm, hidden_fields
from helpline.web.visitor.times import report_slot_unavailable, slot_context


class CallerRequestForm(RequestForm):
    """The visitors' form, filled in for a caller. What is not asked keeps its default."""

    def to_request(self) -> CallbackRequest:
        """Return the request. The network is the helpline's own, which no limit concerns."""
        consent = spoken_consent_given(self.language.data)
        asked = super().to_request()
        return replace(asked, channel=Channel.STAFF, origin=None, reads=None, consent=consent)


@callers.get("/new")
@allow(ADVISOR, SUPERVISOR)
def new_request() -> ResponseReturnValue:
    require_duty()
    return _page(CallerRequestForm(formdata=None, data=hidden_fields()))


@callers.post("/new")
@allow(ADVISOR, SUPERVISOR)
def make_request() -> ResponseReturnValue:
    require_duty()
    form, now = CallerRequestForm(request.form), clock.now()
    if not form.validate() or opening_hours(now).first_open_instant(now) is None:
        return _page(form), 422
    try:
        token = callback_service.request_callback(
            form.to_request(),
            request_key=form.request_key.data,
            request_hash=form.digest(),
            staff_id=current_staff_id(),
            now=now,
        )
    except IdempotencyConflict:
        form.renew_key()
        form.add_form_error(
            _("This form was sent before with other answers. To make one more request, send again.")
        )
        return _page(form), 422
    except SlotUnavailable as unavailable:
        report_slot_unavailable(form, unavailable)
        return _page(form, unavailable.nearest), 422
    reference = queries.by_link(db.session(), token).reference or ""
    flash(
        _(
            "Request made. Read the reference to the caller: %(reference)s (%(letters)s).",
            reference=shown(reference),
            letters=spelled(reference),
        )
    )
    return redirect(url_for("callers.look_up"), 303)


def _page(form: CallerRequestForm, nearest: Sequence[datetime] = ()) -> str:
    session, now = db.session(), clock.now()
    hours = opening_hours(now)
    days = retention.retention_periods(session).days
    offered = queries.offered_slots(session, hours, now)
    return render_template(
        "callers/new_request.html",
        **slot_context(form, offered, nearest),
        form=form,
        is_open=hours.is_open(now),
        opens_at=hours.next_opening(now),
        zone_words=formatting.zone_words(),
        read_aloud=[(code, _notice(code, days)) for code in site_languages()],
    )


def _notice(code: str, days: Mapping[Group, int]) -> str:
    with in_language(code):
        return spoken_notice_words(days[Group.PERSON], days[Group.NOTES], days[Group.CONSENT])
