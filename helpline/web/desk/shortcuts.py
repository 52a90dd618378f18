"""The page on which an advisor changes the keys of the desk."""

from __future__ import annotations

from typing import Self

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField

from helpline.db import db
from helpline.domain.shortcuts import (
    DEFAULT_KEYS,
    Shortcuts,
    conflicts,
    key_label,
    parse_key,
)
from helpline.staff import service as staff_service
from helpline.staff.queries import shortcuts_of
from helpline.web.access import ADVISOR, allow
from helpline.web.desk.own_work import desk_pages
from helpline.web.desk.shortcut_labels import SHORTCUT_LABELS
from helpline.web.forms import one_line
from helpline.web.language import gettext
from helpline.web.language import lazy_gettext as _
from helpline.web.sessions import current_staff_id

__all__ = ("desk_pages",)


class ShortcutsForm(FlaskForm):  # type: ignore[misc]
    """A field for each shortcut, and whether single keys work."""

    single_keys = BooleanField(_("Use single-key shortcuts"), id="single-keys")

    @classmethod
    def of(cls, shortcuts: Shortcuts) -> Self:
        keys = {name: key_label(shortcuts.key_of(name)) for name in DEFAULT_KEYS}
        return cls(formdata=None, data={**keys, "single_keys": shortcuts.single_keys})

    def parse(self) -> Shortcuts | None:
        """Return the chosen shortcuts; None where the fields have errors."""
        if not self.validate():
            return None
        parsed = {name: parse_key(self[name].data) for name in DEFAULT_KEYS}
        keys = {name: key for name, key in parsed.items() if key is not None}
        for name in DEFAULT_KEYS.keys() - keys.keys():
            self[name].errors = [
                gettext(
                    "Type one letter or sign, or Ctrl+ and a letter that the browser does not "
                    "use. Digits choose outcomes."
                )
            ]
        for name, other in conflicts(keys).items():
            self[name].errors = [
                gettext(
                    "%(key)s is already the key of “%(other)s”. Choose another.",
                    key=key_label(keys[name]),
                    other=SHORTCUT_LABELS[other],
                )
            ]
        has_errors = any(self[name].errors for name in DEFAULT_KEYS)
        return None if has_errors else Shortcuts.of_keys(keys, single_keys=self.single_keys.data)


for _name, _label in SHORTCUT_LABELS.items():
    setattr(ShortcutsForm, _name, StringField(_label, id=f"key-{_name}", filters=[one_line]))


@desk_pages.get("/shortcuts")
@allow(ADVISOR)
def shortcuts() -> ResponseReturnValue:
    return _page(ShortcutsForm.of(shortcuts_of(db.session(), current_staff_id())))


@desk_pages.post("/shortcuts")
@allow(ADVISOR)
def save_shortcuts() -> ResponseReturnValue:
    if request.form.get("reset"):
        chosen: Shortcuts | None = Shortcuts()
    else:
        form = ShortcutsForm()
        chosen = form.parse()
    if chosen is None:
        return _page(form), 422
    staff_service.set_shortcuts(current_staff_id(), chosen)
    flash(gettext("Keyboard shortcuts saved."))
    return redirect(url_for("advisor.desk"), 303)


def _page(form: ShortcutsForm) -> str:
    return render_template("desk/shortcuts.html", form=form, names=list(DEFAULT_KEYS))
