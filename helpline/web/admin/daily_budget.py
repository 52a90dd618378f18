"""Daily budget, with prices from the carrier's bill."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.calls import daily_budget
from helpline.current import settings
from helpline.db import StaleVersion, db
from helpline.messaging import sms
from helpline.policy import queries as policy_queries
from helpline.policy import service as policy_service
from helpline.policy.numbers import BUDGET, HUNDREDTHS
from helpline.web.access import ADMIN, allow
from helpline.web.admin.blueprint import admin
from helpline.web.admin.policy_forms import BudgetForm
from helpline.web.forms import conflict_page
from helpline.web.language import gettext as _
from helpline.web.sessions import current_staff_id


@admin.get("/costs")
@allow(ADMIN)
def costs() -> ResponseReturnValue:
    return _page(_form_class().of(policy_queries.current(db.session())))


@admin.post("/costs")
@allow(ADMIN)
def save_costs() -> ResponseReturnValue:
    form = _form_class()()
    if not form.validate():
        return _page(form), 422
    try:
        policy_service.save(
            BUDGET,
            form.values(),
            expected_version=form.version.data,
            admin_id=current_staff_id(),
            now=clock.now(),
        )
    except StaleVersion:
        newest = _form_class().of(policy_queries.current(db.session()))
        return conflict_page(form, newest, _page)
    flash(_("Saved. Your changes apply now."))
    return redirect(url_for("admin.costs"), 303)


def _form_class() -> type[BudgetForm]:
    return BudgetForm.for_regions(settings().allowed_regions)


def _page(form: BudgetForm) -> str:
    session = db.session()
    most = policy_queries.current(session).most_cents_a_day
    spent = daily_budget.spent_cents(session, clock.now())
    return render_template(
        "admin/daily_budget.html",
        form=form,
        spent=f"{spent / HUNDREDTHS:.2f}",
        is_reached=most is not None and spent >= most,
        regions=settings().allowed_regions,
        texts=sms.enabled(session),
    )
