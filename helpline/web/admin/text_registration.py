"""Registration of text messages in regions that deliver registered wordings only."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from wtforms import Form, FormField, HiddenField, StringField
from wtforms.validators import DataRequired, Regexp

from helpline import clock
from helpline.current import settings
from helpline.db import StaleVersion, db
from helpline.messaging import sms, sms_registration
from helpline.messaging.models import TextRegistration
from helpline.messaging.sms_registration import Template
from helpline.telephony import carrier_routes
from helpline.web.access import ADMIN, allow
from helpline.web.admin.blueprint import admin
from helpline.web.formatting import language_name
from helpline.web.forms import VersionedForm, conflict_page, strip
from helpline.web.language import gettext
from helpline.web.language import lazy_gettext as _
from helpline.web.preflight_text import region_name
from helpline.web.sessions import current_staff_id

_ID = Regexp(r"[0-9A-Za-z]{0,40}\Z", message=_("Enter letters and digits only, 40 at most."))


class TextRegistrationForm(VersionedForm):
    """The registration of one region; ``for_region`` returns the form to use."""

    TEMPLATES: ClassVar[list[Template]] = []

    wordings = HiddenField()
    entity_id = StringField(
        _("Entity ID of your organisation"),
        filters=[strip],
        validators=[DataRequired(_("Enter the entity ID.")), _ID],
    )
    header = StringField(
        _("Sender (header)"),
        description=_("The registered name that text messages come from, such as HLPLIN."),
        filters=[strip],
        validators=[
            DataRequired(_("Enter the sender.")),
            Regexp(r"[0-9A-Za-z]{1,11}\Z", message=_("Enter 1 to 11 letters or digits.")),
        ],
    )
    ids: FormField

    @classmethod
    def for_region(cls, region: str, *, is_posted: bool) -> Self:
        """Return the form as it was posted, or with what is saved."""
        stored = sms_registration.stored(db.session(), region)
        templates = sms_registration.templates_of(db.session(), region)
        fields = {
            each.name: StringField(
                Markup('<span lang="{}">{}</span>').format(each.language, each.wording),
                description=_state_of(each),
                filters=[strip],
                validators=[_ID],
            )
            for each in templates
        }
        ids = FormField(type("TemplateIdsForm", (Form,), fields), name="template")
        fields_of_form = {"ids": ids, "TEMPLATES": templates}
        form: type[Self] = type("TextRegistrationForm", (cls,), fields_of_form)
        if is_posted:
            return form()
        obj = stored or TextRegistration(region=region, version=1, entity_id="", header="")
        return form(
            formdata=None,
            obj=obj,
            ids={each.name: each.template_id for each in templates},
            wordings=sms_registration.digest(templates),
        )

    def by_language(self) -> list[tuple[str, list[Any]]]:
        """Return the fields of the template ids, by the name of their language."""
        found: dict[str, list[Any]] = {}
        for each in self.TEMPLATES:
            found.setdefault(language_name(each.language), []).append(self.ids.form[each.name])
        return list(found.items())


@admin.get("/text-registration")
@allow(ADMIN)
def text_registration() -> ResponseReturnValue:
    return _page({})


@admin.post("/text-registration/<region>")
@allow(ADMIN)
def save_text_registration(region: str) -> ResponseReturnValue:
    if region not in _regions():
        abort(404)
    form = TextRegistrationForm.for_region(region, is_posted=True)
    if not form.validate():
        return _page({region: form}), 422
    try:
        sms_registration.save(
            region,
            entity_id=form.entity_id.data,
            header=form.header.data,
            ids=form.ids.data,
            seen=form.wordings.data,
            expected_version=form.version.data,
            admin_id=current_staff_id(),
            now=clock.now(),
        )
    except StaleVersion:
        newest = TextRegistrationForm.for_region(region, is_posted=False)
        form.wordings.data = newest.wordings.data
        return conflict_page(form, newest, lambda each: _page({region: each}))
    flash(gettext("Saved. Your changes apply now."))
    return redirect(url_for("admin.text_registration"), 303)


def _page(posted: dict[str, TextRegistrationForm]) -> str:
    forms = [
        (
            region,
            region_name(region),
            posted.get(region) or TextRegistrationForm.for_region(region, is_posted=False),
        )
        for region in _regions()
    ]
    return render_template(
        "admin/text_registration.html",
        forms=forms,
        form=next(iter(posted.values()), None),
        sends_texts=sms.enabled(db.session()),
    )


def _regions() -> list[str]:
    """Those that we call, and whose carrier requires it."""
    return [
        region
        for region in settings().allowed_regions
        if sms_registration.is_required(
            region, carrier_routes.route_for(db.session(), region).carrier
        )
    ]


def _state_of(template: Template) -> str:
    if template.is_locked:
        return gettext("Registered with this wording.")
    if template.template_id:
        return gettext(
            "The wording has changed since it was registered, so this text message is not sent. "
            "Register the new wording and enter its ID."
        )
    return gettext("Not registered, so this text message is not sent.")
