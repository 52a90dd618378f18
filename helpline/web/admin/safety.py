"""Quick exit target and the titles of visitor pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.current import settings
from helpline.db import StaleVersion, db
from helpline.directory.crisis import quick_exit
from helpline.directory.crisis import service as crisis
from helpline.directory.crisis.quick_exit import Icon, Safety
from helpline.web import republish
from helpline.web.access import ADMIN, allow
from helpline.web.admin.blueprint import admin
from helpline.web.int_params import parse_int
from helpline.web.language import gettext as _
from helpline.web.sessions import current_staff_id
from helpline.web.visitor_context import ICONS

_LONGEST_SITE = 200
_LONGEST_TITLE = 60


@dataclass(slots=True)
class SafetyForm:
    """The values as typed, and errors by field."""

    neutral_site: str
    page_title: str
    page_icon: str
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, posted: Mapping[str, str]) -> SafetyForm:
        return cls(
            neutral_site=posted.get("neutral_site", "").strip(),
            page_title=posted.get("page_title", "").strip(),
            page_icon=posted.get("page_icon", ""),
        )

    def safety(self) -> Safety | None:
        if not self._is_elsewhere():
            self.errors["neutral_site"] = _(
                "Enter the full address of another site, such as https://www.wikipedia.org/"
            )
        if len(self.page_title) > _LONGEST_TITLE:
            self.errors["page_title"] = _("Shorten the title to 60 characters or fewer.")
        if self.page_icon not in tuple(Icon):
            self.errors["page_icon"] = _("Choose one of the options.")
        if self.errors:
            return None
        return Safety(self.neutral_site, self.page_title, Icon(self.page_icon))

    def _is_elsewhere(self) -> bool:
        try:
            target = urlsplit(self.neutral_site)
        except ValueError:
            return False
        own_hosts = {urlsplit(settings().public_url).hostname, request.host.partition(":")[0]}
        plain = self.neutral_site.isascii() and self.neutral_site.isprintable()
        is_complete = (
            target.scheme == "https" and bool(target.hostname) and "@" not in target.netloc
        )
        short = len(self.neutral_site) <= _LONGEST_SITE and " " not in self.neutral_site
        return plain and is_complete and short and target.hostname not in own_hosts


@admin.get("/safety")
@allow(ADMIN)
def safety_page() -> ResponseReturnValue:
    saved = quick_exit.newest(db.session())
    shown = quick_exit.from_version(saved) if saved else Safety(settings().safe_exit_url)
    form = SafetyForm(shown.neutral_site, shown.page_title, shown.page_icon)
    return _safety_page(form, saved.version if saved else 0)


@admin.post("/safety")
@allow(ADMIN)
def save_safety() -> ResponseReturnValue:
    form = SafetyForm.read(request.form)
    version = request.form.get("version", 0, type=parse_int)
    wanted = form.safety()
    if wanted is None:
        return _safety_page(form, version), 422
    try:
        crisis.save_safety(
            wanted, expected_version=version, admin_id=current_staff_id(), now=clock.now()
        )
    except StaleVersion:
        newest = quick_exit.newest(db.session())
        return _safety_page(form, newest.version if newest else 0, conflict=True), 409
    republish.republish()
    flash(_("Saved. Your changes apply now."))
    return redirect(url_for("admin.safety_page"), 303)


def _safety_page(form: SafetyForm, version: int, *, conflict: bool = False) -> str:
    return render_template(
        "admin/safety.html",
        form=form,
        version=version,
        conflict=conflict,
        icons=[(icon.value, _icon_words(icon), ICONS[icon]) for icon in Icon],
    )


def _icon_words(icon: Icon) -> str:
    return {
        Icon.DOT: _("Grey dot"),
        Icon.SHEET: _("Grey sheet of paper"),
        Icon.NONE: _("None (browser default)"),
    }[icon]
