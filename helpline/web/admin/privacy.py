"""Retention periods, erasures, and erasure on request."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import TelField
from wtforms.validators import ValidationError

from helpline import clock
from helpline.db import StaleVersion, db
from helpline.domain.errors import InvalidPhoneNumber
from helpline.erasure import service as erasure
from helpline.erasure.service import RequestCount
from helpline.policy import retention
from helpline.privacy import queries
from helpline.privacy.queries import AuditFilter
from helpline.staff.queries import staff_names
from helpline.web import audit_text
from helpline.web.access import ADMIN, SUPERVISOR, allow
from helpline.web.admin.blueprint import admin
from helpline.web.admin.policy_forms import RetentionForm
from helpline.web.forms import conflict_page, strip
from helpline.web.language import gettext, ngettext
from helpline.web.language import lazy_gettext as _
from helpline.web.request_context import parse_known_number
from helpline.web.sessions import current_staff_id

_LATEST = 10
_WEEK = 7


class NumberForm(FlaskForm):  # type: ignore[misc]
    """The number of a visitor, which is stored nowhere."""

    phone: TelField
    number: str

    def validate_phone(self, field: TelField) -> None:
        try:
            self.number = parse_known_number(field.data).e164
        except InvalidPhoneNumber as problem:
            raise ValidationError(
                _("This cannot be a visitor's phone number. Check it and try again.")
            ) from problem


class EraseForm(NumberForm):
    """A visitor's number, of which to erase everything."""

    phone = TelField(
        _("Visitor's phone number"),
        description=_(
            "First call the number back to make sure that it is theirs. The number is not stored "
            "here, and the data about it is not shown."
        ),
        filters=[strip],
    )


@admin.get("/privacy")
@allow(SUPERVISOR, ADMIN)
def privacy() -> ResponseReturnValue:
    return _privacy_page()


@admin.post("/privacy")
@allow(ADMIN)
def save_privacy() -> ResponseReturnValue:
    form = RetentionForm()
    if not form.validate():
        return _privacy_page(form), 422
    try:
        retention.save(
            form.days(),
            expected_version=form.version.data,
            admin_id=current_staff_id(),
            now=clock.now(),
        )
    except StaleVersion:
        newest = RetentionForm.of_periods(retention.retention_periods(db.session()))
        return conflict_page(form, newest, _privacy_page)
    flash(gettext("Saved. Data past its retention period is erased within minutes."))
    return redirect(url_for("admin.privacy"), 303)


@admin.post("/privacy/erase")
@allow(SUPERVISOR, ADMIN)
def erase() -> ResponseReturnValue:
    """First say how much is stored of a number, then erase it: two steps on one page."""
    form = EraseForm()
    if not form.validate():
        return _privacy_page(erase_form=form), 422
    action = request.form.get("deed")
    if action not in ("erase_ended", "erase_all"):
        stored = erasure.count_requests(form.number, staff_id=current_staff_id(), now=clock.now())
        return _privacy_page(erase_form=form, stored=stored)
    count = erasure.erase_number(
        form.number,
        also_open=action == "erase_all",
        staff_id=current_staff_id(),
        now=clock.now(),
    )
    flash(ngettext("Erased: %(num)d request.", "Erased: %(num)d requests.", count))
    return redirect(url_for("admin.privacy"), 303)


def _privacy_page(
    form: RetentionForm | None = None,
    *,
    erase_form: EraseForm | None = None,
    stored: RequestCount | None = None,
) -> str:
    session = db.session()
    now = clock.now()
    rules = retention.retention_periods(session)
    return render_template(
        "admin/privacy.html",
        form=form or RetentionForm.of_periods(rules),
        erase_form=erase_form or EraseForm(formdata=None),
        stored=stored,
        is_admin=current_user.has_role(ADMIN),
        days_words=audit_text.days_words,
        saved=rules.days,
        next_look_at=rules.next_run_at,
        due=retention.due_counts(session, rules.days, now, ahead=_WEEK),
        erased=_erased(),
    )


def _erased() -> list[dict[str, Any]]:
    session = db.session()
    entries = queries.entries(
        session, AuditFilter(queries.ERASURE_ACTIONS), before=None, limit=_LATEST
    )
    names = staff_names(session)
    return [
        {
            "at": entry.at,
            "who": audit_text.actor_words(entry.actor, names),
            "what": audit_text.deed_words(entry.deed),
            "rows": audit_text.rows_words(entry.detail.get("rows", {})),
        }
        for entry in entries
    ]
