"""Websites that may embed the panel and use the API."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField
from wtforms.validators import ValidationError

from helpline import clock
from helpline.current import settings
from helpline.db import StaleVersion, db
from helpline.domain.web_origins import InvalidOrigin, Origin
from helpline.web.access import ADMIN, allow
from helpline.web.admin.blueprint import admin
from helpline.web.forms import VersionField, posted_version
from helpline.web.language import gettext as _
from helpline.web.language import lazy_gettext
from helpline.web.sessions import current_staff_id
from helpline.websites import queries, service


class WebsiteForm(FlaskForm):  # type: ignore[misc]
    """A website to allow, or to change."""

    origin: Origin

    version = VersionField()
    address = StringField(
        lazy_gettext("Website address"),
        description=lazy_gettext(
            "For example, example.org or the address of any page on it. www.example.org counts "
            "as a different website."
        ),
    )
    may_tell_page = BooleanField(lazy_gettext("Record the page that visitors came from"))

    def validate_address(self, field: StringField) -> None:
        try:
            self.origin = Origin.parse(field.data or "")
        except InvalidOrigin as problem:
            raise ValidationError(_(str(problem))) from problem


@admin.get("/websites")
@allow(ADMIN)
def website_list() -> ResponseReturnValue:
    return _page(WebsiteForm())


@admin.post("/websites")
@allow(ADMIN)
def let_in_website() -> ResponseReturnValue:
    form = WebsiteForm()
    if not form.validate():
        return _page(form), 422
    try:
        service.allow(
            form.origin,
            may_tell_page=form.may_tell_page.data,
            expected_version=form.version.data,
            admin_id=current_staff_id(),
            now=clock.now(),
        )
    except StaleVersion:
        return _page(form, conflict=True), 409
    flash(_("Saved: %(website)s. Your changes apply now.", website=form.origin.text))
    return redirect(url_for("admin.website_list"), 303)


@admin.post("/websites/remove")
@allow(ADMIN)
def shut_out_website() -> ResponseReturnValue:
    try:
        service.remove(
            request.form.get("origin", ""),
            expected_version=posted_version(),
            admin_id=current_staff_id(),
            now=clock.now(),
        )
    except StaleVersion:
        return _page(WebsiteForm(None), conflict=True), 409
    flash(_("Website removed. Its panel now shows only a link."))
    return redirect(url_for("admin.website_list"), 303)


def _page(form: WebsiteForm, *, conflict: bool = False) -> str:
    in_force = queries.in_force(db.session())
    if not form.errors:
        form.version.data = in_force.version
    return render_template(
        "admin/websites.html",
        form=form,
        version=form.version.data,
        conflict=conflict,
        websites=in_force.websites,
        public_url=settings().public_url,
        region=settings().default_region,
    )
