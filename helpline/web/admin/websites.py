"""Websites that may embed the panel and use the API."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.current import settings
from helpline.db import StaleVersion, db
from helpline.domain.web_origins import InvalidOrigin, Origin
from helpline.web.access import ADMIN, allow
from helpline.web.admin.blueprint import admin
from helpline.web.int_params import parse_int
from helpline.web.language import gettext as _
from helpline.web.sessions import current_staff_id
from helpline.websites import queries, service


@dataclass(slots=True)
class WebsiteForm:
    address: str = ""
    may_tell_page: bool = False
    errors: dict[str, str] = field(default_factory=dict)

    def origin(self) -> Origin | None:
        try:
            return Origin.parse(self.address)
        except InvalidOrigin as problem:
            self.errors["address"] = _(str(problem))
            return None


@admin.get("/websites")
@allow(ADMIN)
def website_list() -> ResponseReturnValue:
    return _page(WebsiteForm())


@admin.post("/websites")
@allow(ADMIN)
def let_in_website() -> ResponseReturnValue:
    form = WebsiteForm(request.form.get("address", ""), "may_tell_page" in request.form)
    version = request.form.get("version", 0, type=parse_int)
    origin = form.origin()
    if origin is None:
        return _page(form, version), 422
    try:
        service.allow(
            origin,
            may_tell_page=form.may_tell_page,
            expected_version=version,
            admin_id=current_staff_id(),
            now=clock.now(),
        )
    except StaleVersion:
        return _page(form, conflict=True), 409
    flash(_("Saved: %(website)s. Your changes apply now.", website=origin.text))
    return redirect(url_for("admin.website_list"), 303)


@admin.post("/websites/remove")
@allow(ADMIN)
def shut_out_website() -> ResponseReturnValue:
    try:
        service.remove(
            request.form.get("origin", ""),
            expected_version=request.form.get("version", 0, type=parse_int),
            admin_id=current_staff_id(),
            now=clock.now(),
        )
    except StaleVersion:
        return _page(WebsiteForm(), conflict=True), 409
    flash(_("Website removed. Its panel now shows only a link."))
    return redirect(url_for("admin.website_list"), 303)


def _page(form: WebsiteForm, version: int | None = None, *, conflict: bool = False) -> str:
    saved = queries.in_force(db.session())
    return render_template(
        "admin/websites.html",
        form=form,
        version=saved.version if version is None else version,
        conflict=conflict,
        websites=saved.websites,
        public_url=settings().public_url,
        region=settings().default_region,
    )
