"""Edit an entry of the crisis or the service directory: the same views for both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.current import settings
from helpline.db import StaleVersion, db
from helpline.directory.errors import NoSuchEntry
from helpline.directory.models import Entry
from helpline.domain.errors import HelplineError
from helpline.web.access import ADMIN, allow
from helpline.web.admin import crisis, referrals
from helpline.web.admin.blueprint import admin
from helpline.web.admin.directory_form import EntryForm
from helpline.web.admin.directory_kind import DirectoryKind
from helpline.web.errors import error_page
from helpline.web.forms import conflict_page, posted_version, unsubmitted
from helpline.web.language import gettext as _
from helpline.web.language import in_language, own_name, site_languages
from helpline.web.sessions import current_staff_id

_KINDS = {"crisis-lines": crisis.LINES, "places": referrals.SERVICES}
_ENTRIES = "/<any('crisis-lines', places):directory>"
_ENTRY = f"{_ENTRIES}/<int:entry_id>"


@dataclass(frozen=True, slots=True)
class Preview:
    """An entry as visitors see it in one language."""

    language: str
    language_name: str
    html: str


@admin.get(f"{_ENTRIES}/new")
@allow(ADMIN)
def new_entry(directory: str) -> ResponseReturnValue:
    kind = _KINDS[directory]
    region = request.args.get("region", "").upper() or settings().default_region
    return _page(kind, None, kind.form.empty(region))


@admin.get(_ENTRY)
@allow(ADMIN)
def edit_entry(directory: str, entry_id: int) -> ResponseReturnValue:
    kind = _KINDS[directory]
    row = _row(kind, entry_id)
    return error_page(404) if row is None else _page(kind, row, kind.form.of(row))


@admin.post(f"{_ENTRIES}/new")
@allow(ADMIN)
def add_entry(directory: str) -> ResponseReturnValue:
    return _save(_KINDS[directory], None)


@admin.post(_ENTRY)
@allow(ADMIN)
def change_entry(directory: str, entry_id: int) -> ResponseReturnValue:
    kind = _KINDS[directory]
    row = _row(kind, entry_id)
    return error_page(404) if row is None else _save(kind, row)


def _save(kind: DirectoryKind, row: Entry | None) -> ResponseReturnValue:
    """Save an entry, or preview it. A conflicting save is shown beside what was typed."""
    form, now = kind.form(), clock.now()
    if not form.validate():
        return _page(kind, row, form), 422
    if request.form.get("do") == "preview":
        return _page(kind, row, form, previewed=True)
    details, admin_id = form.details(now), current_staff_id()
    try:
        if row is None:
            entry_id = kind.directory.add(details, admin_id=admin_id, now=now)
        else:
            entry_id = row.id
            version = form.version.data
            kind.directory.change(
                entry_id, details, expected_version=version, admin_id=admin_id, now=now
            )
    except NoSuchEntry:
        return error_page(404)
    except StaleVersion:
        newest = _row(kind, entry_id)
        assert newest is not None
        return conflict_page(form, kind.form.of(newest), partial(_page, kind, newest))
    except HelplineError:
        form.kind.errors = [_last_emergency_line()]
        return _page(kind, row, form), 422
    kind.publish()
    flash(_("Saved. Visitors see it now."))
    return _to_entry(kind, entry_id)


@admin.post(f"{_ENTRY}/confirm")
@allow(ADMIN)
def confirm_entry(directory: str, entry_id: int) -> ResponseReturnValue:
    kind = _KINDS[directory]
    response = _run(kind, entry_id, kind.directory.mark_verified, kind.verified)
    if request.form.get("next") != "check":
        return response
    region = request.form.get("region") or None
    return redirect(url_for("admin.check_lines", region=region, after=entry_id), 303)


@admin.post(f"{_ENTRY}/retire")
@allow(ADMIN)
def retire_entry(directory: str, entry_id: int) -> ResponseReturnValue:
    kind = _KINDS[directory]
    return _run(kind, entry_id, kind.directory.retire, kind.retired)


@admin.post(f"{_ENTRY}/bring-back")
@allow(ADMIN)
def restore_entry(directory: str, entry_id: int) -> ResponseReturnValue:
    kind = _KINDS[directory]
    return _run(kind, entry_id, kind.directory.restore, kind.restored)


@admin.post(f"{_ENTRY}/move")
@allow(ADMIN)
def move_entry(directory: str, entry_id: int) -> ResponseReturnValue:
    kind, step = _KINDS[directory], -1 if request.form.get("do") == "up" else 1
    try:
        if kind.directory.move(entry_id, step, admin_id=current_staff_id(), now=clock.now()):
            kind.publish()
    except NoSuchEntry:
        flash(_("This entry is no longer in the directory."), "warning")
    return _to_entry(kind, entry_id)


def _run(
    kind: DirectoryKind, entry_id: int, action: Callable[..., None], message: str
) -> ResponseReturnValue:
    """Run an action on an entry and return to the list with its result."""
    version = posted_version()
    try:
        action(entry_id, expected_version=version, admin_id=current_staff_id(), now=clock.now())
    except NoSuchEntry:
        flash(_("This entry is no longer in the directory."), "warning")
    except StaleVersion:
        flash(
            _("Someone else changed this entry after you opened the page. Check it and try again."),
            "warning",
        )
    except HelplineError:
        flash(_last_emergency_line(), "warning")
    else:
        kind.publish()
        flash(str(message))
    return _to_entry(kind, entry_id)


def _to_entry(kind: DirectoryKind, entry_id: int) -> ResponseReturnValue:
    return redirect(url_for(kind.list_endpoint, _anchor=f"line-{entry_id}"), 303)


def _last_emergency_line() -> str:
    return _(
        "This is the only emergency line for its country. Visitors must always see "
        "one, so add another line first."
    )


def _row(kind: DirectoryKind, entry_id: int) -> Entry | None:
    row: Entry | None = db.session().get(kind.directory.model, entry_id, populate_existing=True)
    return row


def _page(
    kind: DirectoryKind, row: Entry | None, form: EntryForm, *, previewed: bool = False
) -> str:
    return render_template(
        kind.template,
        form=form,
        row=row,
        previews=_previews(kind, row, form),
        previewed=previewed,
    )


def _previews(kind: DirectoryKind, row: Entry | None, form: EntryForm) -> list[Preview]:
    """What visitors would see in each language; none while there are errors."""
    copy = kind.form(**unsubmitted(form))
    if not copy.validate():
        return []
    details, entry_id = copy.details(clock.now()), row.id if row else None
    previews = []
    for code in site_languages():
        with in_language(code):
            previews.append(Preview(code, own_name(code), kind.preview(details, entry_id)))
    return previews
