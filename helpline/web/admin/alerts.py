"""Text messages to staff: the duty phone, and when each is sent."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.calls import staff_alerts
from helpline.db import StaleVersion, db
from helpline.messaging import sms
from helpline.policy import queries as policy_queries
from helpline.web.access import ADMIN, allow
from helpline.web.admin.blueprint import admin
from helpline.web.admin.policy_forms import AlertsForm
from helpline.web.forms import conflict_page
from helpline.web.language import gettext as _
from helpline.web.sessions import current_staff_id


@admin.get("/alerts")
@allow(ADMIN)
def alerts() -> ResponseReturnValue:
    return _page(_saved_form())


@admin.post("/alerts")
@allow(ADMIN)
def save_alerts() -> ResponseReturnValue:
    form = AlertsForm()
    if not form.validate():
        return _page(form), 422
    try:
        staff_alerts.save_settings(
            form.values(),
            form.duty_phone.number,
            expected_version=form.version.data,
            admin_id=current_staff_id(),
            now=clock.now(),
        )
    except StaleVersion:
        return conflict_page(form, _saved_form(), _page)
    flash(_("Saved. Your changes apply now."))
    return redirect(url_for("admin.alerts"), 303)


def _saved_form() -> AlertsForm:
    return AlertsForm.of(policy_queries.current(db.session()))


def _page(form: AlertsForm) -> str:
    return render_template("admin/alerts.html", form=form, sends_texts=sms.enabled(db.session()))
