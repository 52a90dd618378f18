"""Complaints about calls: proof that a number asked, and no more calls to it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import TelField

from helpline import clock
from helpline.callbacks import consent
from helpline.callbacks.models import Channel, ConsentProof
from helpline.callbacks.phone_limits import service as phone_limits
from helpline.db import db
from helpline.policy import retention
from helpline.privacy.pii_inventory import Group
from helpline.web.access import ADMIN, allow
from helpline.web.admin.blueprint import admin
from helpline.web.admin.privacy import NumberForm
from helpline.web.forms import strip
from helpline.web.language import gettext, in_language, site_name
from helpline.web.language import lazy_gettext as _
from helpline.web.sessions import current_staff_id

CHANNELS = {
    Channel.WEB: _("Form on our website"),
    Channel.EMBED: _("Panel on another website"),
    Channel.API: _("Another website's own form, which told us so"),
    Channel.TEXT: _("Text message from this number"),
    Channel.PHONE: _("Call to us, choice after these words"),
    Channel.STAFF: _("Call to us, member of staff read these words aloud"),
}
_COLUMNS = (
    *("organisation", "number", "asked_at", "channel", "language", "words"),
    *("agreed_to_texts", "agreed_to_voicemail"),
)


class ComplaintForm(NumberForm):
    """The number of the person who complained."""

    phone = TelField(
        _("Phone number of the person"),
        description=_("As in the complaint. It is not stored here."),
        filters=[strip],
    )


@admin.get("/complaints")
@allow(ADMIN)
def complaints() -> ResponseReturnValue:
    return _page(ComplaintForm(formdata=None))


@admin.post("/complaints")
@allow(ADMIN)
def answer_complaint() -> ResponseReturnValue:
    form = ComplaintForm()
    if not form.validate():
        return _page(form), 422
    action, staff_id, now = request.form.get("deed"), current_staff_id(), clock.now()
    if action == "block":
        phone_limits.block_after_complaint(form.number, staff_id=staff_id, now=now)
        flash(gettext("Number blocked for good. It gets no calls and no text messages."))
        return redirect(url_for("admin.complaints"), 303)
    exported = action == "csv"
    proofs = consent.proofs_of(form.number, staff_id=staff_id, now=now, exported=exported)
    return _csv(form.number, proofs) if exported else _page(form, proofs)


def _page(form: ComplaintForm, proofs: Sequence[ConsentProof] | None = None) -> str:
    return render_template(
        "admin/complaints.html",
        form=form,
        proofs=proofs,
        channels=CHANNELS,
        kept_days=retention.retention_periods(db.session()).days[Group.CONSENT],
    )


def _csv(number: str, proofs: Sequence[ConsentProof]) -> Response:
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    with in_language("en"):
        writer.writerows(_row(number, proof) for proof in proofs)
    answer = Response(page.getvalue(), mimetype="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="proof-of-consent.csv"'
    return answer


def _row(number: str, proof: ConsentProof) -> tuple[Any, ...]:
    return (
        site_name("en"),
        number,
        proof.at.astimezone(UTC).isoformat(timespec="minutes"),
        CHANNELS[Channel(proof.channel)],
        proof.language,
        proof.words,
        proof.texts,
        proof.voicemail,
    )
