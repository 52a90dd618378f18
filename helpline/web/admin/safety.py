"""Quick exit target and the titles of visitor pages."""

from __future__ import annotations

from typing import Self
from urllib.parse import urlsplit

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField, StringField, URLField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, ValidationError

from helpline import clock
from helpline.current import settings
from helpline.db import StaleVersion, db
from helpline.directory.crisis import quick_exit
from helpline.directory.crisis import service as crisis
from helpline.directory.crisis.quick_exit import Icon, Safety
from helpline.web import republish
from helpline.web.access import ADMIN, allow
from helpline.web.admin.blueprint import admin
from helpline.web.forms import VersionedForm, conflict_page, strip
from helpline.web.language import gettext
from helpline.web.language import lazy_gettext as _
from helpline.web.sessions import current_staff_id
from helpline.web.visitor_context import ICONS

_MAX_ADDRESS_LENGTH = 200
_PERSONALISED = frozenset(
    [
        "amazon",
        "bing",
        "chatgpt",
        "facebook",
        "flipkart",
        "gmail",
        "google",
        "instagram",
        "linkedin",
        "live",
        "netflix",
        "office",
        "outlook",
        "pinterest",
        "quora",
        "reddit",
        "snapchat",
        "spotify",
        "tiktok",
        "twitter",
        "whatsapp",
        "x",
        "yahoo",
        "youtube",
    ]
)
"""Names of sites that greet people by name, or show what they searched, bought or watched."""


class SafetyForm(VersionedForm):
    """Where quick exit leads, and what a browser tab shows."""

    neutral_site = URLField(
        _("Where “Exit this page” leads"),
        description=_(
            "Choose a site that many people open every day, for example the weather or an "
            "encyclopedia. Avoid sites where people sign in."
        ),
        filters=[strip],
    )
    page_title = StringField(
        _("Title of every visitor page"),
        description=_(
            "Leave empty to give each page its own title, for example “Talk with us”. A neutral "
            "title, for example “Notes”, reveals less in the browser's tabs and history, but "
            "makes pages harder to tell apart with a screen reader."
        ),
        filters=[strip],
        validators=[Length(max=60, message=_("Shorten the title to 60 characters or fewer."))],
    )
    page_icon = RadioField(
        _("Icon in the browser tab"),
        choices=[
            SelectChoice(Icon.DOT, _("Grey dot")),
            SelectChoice(Icon.SHEET, _("Grey sheet of paper")),
            SelectChoice(Icon.NONE, _("None (browser default)")),
        ],
        invalid_choice_message=_("Choose one of the options."),
    )

    @classmethod
    def saved(cls) -> Self:
        """Return the form with what is saved."""
        version = quick_exit.newest(db.session())
        safety = quick_exit.from_version(version) if version else Safety(settings().safe_exit_url)
        return cls(None, obj=safety, version=version.version if version else 0)

    def safety(self) -> Safety:
        """Return what to save. Call only after ``validate()``."""
        return Safety(self.neutral_site.data, self.page_title.data, Icon(self.page_icon.data))

    @property
    def is_personalised(self) -> bool:
        """Whether the exit target may show who uses this browser, or what they did with it."""
        try:
            host = urlsplit(self.neutral_site.data or "").hostname or ""
        except ValueError:
            return False
        return not _PERSONALISED.isdisjoint(host.split("."))

    def validate_neutral_site(self, field: URLField) -> None:
        if not _is_elsewhere(field.data):
            raise ValidationError(
                _("Enter the full address of another site, such as https://www.wikipedia.org/")
            )


def _is_elsewhere(address: str) -> bool:
    try:
        target = urlsplit(address)
    except ValueError:
        return False
    own_hosts = {urlsplit(settings().public_url).hostname, urlsplit(f"//{request.host}").hostname}
    plain = address.isascii() and address.isprintable()
    is_complete = target.scheme == "https" and bool(target.hostname) and "@" not in target.netloc
    short = len(address) <= _MAX_ADDRESS_LENGTH and " " not in address
    return plain and is_complete and short and target.hostname not in own_hosts


@admin.get("/safety")
@allow(ADMIN)
def safety_page() -> ResponseReturnValue:
    return _safety_page(SafetyForm.saved())


@admin.post("/safety")
@allow(ADMIN)
def save_safety() -> ResponseReturnValue:
    form = SafetyForm()
    if not form.validate():
        return _safety_page(form), 422
    try:
        crisis.save_safety(
            form.safety(),
            expected_version=form.version.data,
            admin_id=current_staff_id(),
            now=clock.now(),
        )
    except StaleVersion:
        return conflict_page(form, SafetyForm.saved(), _safety_page)
    republish.republish()
    flash(gettext("Saved. Your changes apply now."))
    return redirect(url_for("admin.safety_page"), 303)


def _safety_page(form: SafetyForm) -> str:
    return render_template("admin/safety.html", form=form, icons=ICONS)
