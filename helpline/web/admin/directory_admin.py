"""Views shared by the crisis and the service directory.

A DirectoryAdmin describes a directory; the views are the same for both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.current import settings
from helpline.db import StaleVersion, db
from helpline.directory.errors import NoSuchEntry
from helpline.directory.models import Entry
from helpline.domain.errors import HelplineError
from helpline.web.admin.directory_form import EntryForm, note_languages
from helpline.web.errors import error_page
from helpline.web.language import gettext as _
from helpline.web.language import in_language, own_name, site_languages
from helpline.web.sessions import current_staff_id
from helpline.web.visitor_context import region_names

_Form = TypeVar("_Form", bound=EntryForm)
_Row = TypeVar("_Row", bound=Entry)


class Action(Protocol):
    """An action on a versioned entry."""

    def __call__(
        self, entry_id: int, /, *, expected_version: int, admin_id: int, now: datetime
    ) -> None:
        """Does it."""


@dataclass(frozen=True, slots=True)
class Preview:
    """An entry as visitors see it in one language."""

    language: str
    language_name: str
    html: str


@dataclass(frozen=True, slots=True)
class DirectoryAdmin:
    """What the views need to know of a directory.

    Args:
        page: the template of its form.
        back: the endpoint of its list.
        new: the endpoint that adds an entry; save: the one that changes it, by ``entry_id``.
        form: the form class.
        row: loads an entry.
        wanted: parses the form; None on an error.
        add: adds an entry; change: changes one.
        preview: renders what visitors would see, in the language of the page.
        published: runs after a change.
        labels: of the fields, to compare two versions.
    """

    page: str
    back: str
    new: str
    save: str
    form: type[EntryForm]
    row: Callable[[int], Entry | None]
    wanted: Callable[[Any, datetime], Any]
    add: Callable[..., int]
    change: Callable[..., None]
    preview: Callable[[Any, int | None], str]
    published: Callable[[], None]
    labels: Callable[[], Mapping[str, str]]


def version() -> int:
    return request.form.get("version", 0, type=int)


def new_page(keeper: DirectoryAdmin) -> ResponseReturnValue:
    region = request.args.get("region", "").upper() or settings().default_region
    return _page(keeper, keeper.form.empty(region, clock.now().date()), None, 0)


def edit_page(keeper: DirectoryAdmin, entry_id: int) -> ResponseReturnValue:
    row = keeper.row(entry_id)
    if row is None:
        return error_page(404)
    return _page(keeper, keeper.form.of(row), entry_id, row.version)


def save(keeper: DirectoryAdmin, entry_id: int | None = None) -> ResponseReturnValue:
    """Save an entry, or preview it. A conflicting save is shown beside what was typed.

    Args:
        entry_id: None for a new entry.
    """
    now, form = clock.now(), keeper.form.read(request.form)
    wanted = keeper.wanted(form, now)
    if wanted is None:
        return _page(keeper, form, entry_id, version()), 422
    if request.form.get("do") == "preview":
        return _page(keeper, form, entry_id, version(), previewed=True)
    try:
        if entry_id is None:
            entry_id = keeper.add(wanted, admin_id=current_staff_id(), now=now)
        else:
            keeper.change(
                entry_id, wanted, expected_version=version(), admin_id=current_staff_id(), now=now
            )
    except NoSuchEntry:
        return error_page(404)
    except StaleVersion:
        row = keeper.row(entry_id or 0)
        assert row is not None
        saved_form = keeper.form.of(row)
        return _page(keeper, form, entry_id, row.version, saved_form=saved_form), 409
    except HelplineError as refused:
        form.errors["kind"] = refusal_words(refused)
        return _page(keeper, form, entry_id, version()), 422
    keeper.published()
    flash(_("Saved. Visitors see it now."))
    return to_entry(keeper, entry_id)


def run_action(
    keeper: DirectoryAdmin, entry_id: int, verb: Action, message: str
) -> ResponseReturnValue:
    """Run an action on an entry and return to the list with its result."""
    try:
        verb(entry_id, expected_version=version(), admin_id=current_staff_id(), now=clock.now())
    except NoSuchEntry:
        flash(_("This entry is no longer in the directory."), "warning")
    except StaleVersion:
        flash(
            _("Someone else changed this entry after you opened the page. Check it and try again."),
            "warning",
        )
    except HelplineError as refused:
        flash(refusal_words(refused), "warning")
    else:
        keeper.published()
        flash(message)
    return to_entry(keeper, entry_id)


def move(keeper: DirectoryAdmin, entry_id: int, verb: Callable[..., bool]) -> ResponseReturnValue:
    step = -1 if request.form.get("do") == "up" else 1
    try:
        if verb(entry_id, step, admin_id=current_staff_id(), now=clock.now()):
            keeper.published()
    except NoSuchEntry:
        flash(_("This entry is no longer in the directory."), "warning")
    return to_entry(keeper, entry_id)


def to_entry(keeper: DirectoryAdmin, entry_id: int) -> ResponseReturnValue:
    return redirect(url_for(keeper.back, _anchor=f"line-{entry_id}"), 303)


def refusal_words(_refused: HelplineError) -> str:
    return _(
        "This is the only emergency line for its country. Visitors must always see "
        "one, so add another line first."
    )


def by_region(rows: Iterable[_Row]) -> list[tuple[str, list[_Row]]]:
    """Group entries by region, the deployment's own first."""
    own_region = settings().default_region
    groups: dict[str, list[_Row]] = {}
    for row in rows:
        groups.setdefault(row.region, []).append(row)
    return sorted(groups.items(), key=lambda each: (each[0] != own_region, each[0]))


def _page(
    keeper: DirectoryAdmin,
    form: EntryForm,
    entry_id: int | None,
    expected_version: int,
    *,
    saved_form: EntryForm | None = None,
    previewed: bool = False,
) -> str:
    row = keeper.row(entry_id) if entry_id else None
    labels = keeper.labels()
    return render_template(
        keeper.page,
        form=form,
        row=row,
        version=expected_version,
        save_at=url_for(keeper.save, entry_id=entry_id) if entry_id else url_for(keeper.new),
        theirs=saved_form,
        labels=[(name, labels[name]) for name in form.typed if name in labels],
        label=labels,
        note_fields=[(f"notes-{code}", code, own_name(code)) for code in note_languages()],
        previews=_previews(keeper, form, entry_id),
        previewed=previewed,
        regions=region_names(),
    )


def _previews(keeper: DirectoryAdmin, form: EntryForm, entry_id: int | None) -> list[Preview]:
    """What visitors would see in each language; none while there are errors."""
    shown = keeper.form(dict(form.typed), form.checked, form.last_checked)
    wanted = keeper.wanted(shown, clock.now())
    if wanted is None:
        return []
    previews = []
    for code in site_languages():
        with in_language(code):
            previews.append(Preview(code, own_name(code), keeper.preview(wanted, entry_id)))
    db.session().rollback()
    return previews
