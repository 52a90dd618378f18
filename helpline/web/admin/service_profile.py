"""What the service is called, what phones show, and the languages that it speaks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Self

from babel import localedata
from babel.languages import get_official_languages
from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput

from helpline import clock
from helpline.current import settings
from helpline.db import StaleVersion, db
from helpline.policy import service_profile
from helpline.policy.service_profile import ServiceProfile
from helpline.web import republish
from helpline.web.access import ADMIN, allow
from helpline.web.admin.blueprint import admin
from helpline.web.formatting import language_name
from helpline.web.forms import FieldByLanguage, VersionedForm, conflict_page, one_line
from helpline.web.language import gettext, site_languages, site_name
from helpline.web.language import lazy_gettext as _
from helpline.web.request_context import profile, sends_texts
from helpline.web.sessions import current_staff_id

_LENGTH = Length(max=80, message=_("Shorten this to 80 characters or fewer."))


class ServiceProfileForm(VersionedForm):
    """The name by language, the name that phones show, and the spoken languages."""

    names = FieldByLanguage(
        _("Name of the service"),
        languages=site_languages,
        field=lambda name: StringField(
            _("Name (%(language)s)", language=name), filters=[one_line], validators=[_LENGTH]
        ),
        description=_("Shown on every page and spoken to callers."),
    )
    phone_shows_name = StringField(
        _("Name that phones may show"),
        description=_(
            "Where the network displays the registered name of your numbers. Visitors see it "
            "before they ask for a call. Leave empty if your numbers have none."
        ),
        filters=[one_line],
        validators=[_LENGTH],
    )
    spoken_languages = SelectMultipleField(
        _("Languages that visitors can choose to speak"),
        description=_("Choose only languages that an advisor speaks."),
        option_widget=CheckboxInput(),
        invalid_choice_message=_("Choose at least one language."),
        validators=[DataRequired(_("Choose at least one language."))],
    )

    sends_texts = BooleanField(
        _("Send text messages to visitors who agree to them"),
        description=_(
            "Turned off, nothing more is sent, unsent messages are dropped, and text messages to "
            "the service are not answered. STOP is still recorded."
        ),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.spoken_languages.choices = [
            SelectChoice(code, language_name(code)) for code in _offered_languages()
        ]

    @classmethod
    def saved(cls) -> Self:
        """Return the form with what is in force."""
        saved = service_profile.newest(db.session())
        data = {
            "names": {code: site_name(code) for code in site_languages()},
            "phone_shows_name": profile().phone_shows_name,
            "spoken_languages": profile().spoken_languages,
            "sends_texts": sends_texts(),
        }
        return cls(None, data=data, version=saved.version if saved else 0)

    def validate(self, extra_validators: Any = None) -> bool:
        """The other languages use the name in the first one where theirs is empty."""
        is_valid: bool = super().validate(extra_validators)
        main = self.names[site_languages()[0]]
        if not main.data:
            main.errors = [gettext("Enter the name of the service.")]
        return is_valid and not main.errors

    def profile(self) -> ServiceProfile:
        """Return what to save. Call only after ``validate()``."""
        return ServiceProfile(
            self.names.by_language,
            self.phone_shows_name.data,
            tuple(self.spoken_languages.data),
            self.sends_texts.data if settings().has_carrier else profile().sends_texts,
        )


def _offered_languages() -> list[str]:
    """Return the chosen languages, those of the pages, and the official ones of the region."""
    official = get_official_languages(settings().default_region, regional=True)
    codes = (*profile().spoken_languages, *site_languages(), *official)
    return [code for code in dict.fromkeys(codes) if localedata.exists(code.replace("-", "_"))]


@admin.get("/service")
@allow(ADMIN)
def service() -> ResponseReturnValue:
    return _page(ServiceProfileForm.saved())


@admin.post("/service")
@allow(ADMIN)
def save_service() -> ResponseReturnValue:
    form = ServiceProfileForm()
    if not form.validate():
        return _page(form), 422
    try:
        service_profile.save(
            form.profile(),
            before=replace(profile(), sends_texts=sends_texts()),
            expected_version=form.version.data,
            admin_id=current_staff_id(),
            now=clock.now(),
        )
    except StaleVersion:
        return conflict_page(form, ServiceProfileForm.saved(), _page)
    republish.republish()
    flash(gettext("Saved. Your changes apply now."))
    return redirect(url_for("admin.service"), 303)


def _page(form: ServiceProfileForm) -> str:
    return render_template("admin/service.html", form=form, can_send_texts=settings().has_carrier)
