"""Sign-off of safety facts."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.db import db
from helpline.directory.crisis import fact_signatures
from helpline.directory.crisis.fact_signatures import FactState
from helpline.domain.safety_facts import safety_facts
from helpline.staff.queries import staff_names
from helpline.web.access import ADMIN, allow
from helpline.web.admin.blueprint import admin
from helpline.web.language import gettext as _
from helpline.web.language import own_name, site_languages
from helpline.web.request_context import hours_plan
from helpline.web.sessions import current_staff_id


@admin.get("/safety-facts")
@allow(ADMIN)
def safety_fact_list() -> ResponseReturnValue:
    return _list(), 200


@admin.post("/safety-facts/<fact_id>/sign")
@allow(ADMIN)
def sign_safety_fact(fact_id: str) -> ResponseReturnValue:
    if fact_id not in safety_facts():
        abort(404)
    try:
        fact_signatures.sign_fact(
            fact_id,
            request.form.get("digest", ""),
            languages=site_languages(),
            admin_id=current_staff_id(),
            now=clock.now(),
        )
    except fact_signatures.FactChanged:
        return _list(changed=fact_id), 409
    flash(_("Signed: %(title)s", title=safety_facts()[fact_id].title))
    return redirect(url_for("admin.safety_fact_list", _anchor=fact_id), 303)


def fact_states() -> list[FactState]:
    now = clock.now()
    today = now.astimezone(hours_plan().zone).date()
    return fact_signatures.facts_and_signatures(db.session(), site_languages(), today)


def _list(changed: str = "") -> str:
    states = fact_states()
    return render_template(
        "admin/safety_facts.html",
        states=states,
        names=staff_names(db.session()),
        changed=changed,
        fact_words=fact_signatures.fact_texts,
        languages=[(code, own_name(code)) for code in site_languages()],
        unsigned=sum(state.signature is None for state in states),
    )
