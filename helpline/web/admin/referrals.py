"""Edit the service directory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from flask import flash, get_template_attribute, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.db import db
from helpline.directory.entries import needs_verification
from helpline.directory.referrals import queries, service
from helpline.directory.referrals.models import ServiceEntry
from helpline.directory.referrals.seed import EVERYWHERE, KINDS, ServiceDetails
from helpline.web.access import ADMIN, allow
from helpline.web.admin import directory_admin
from helpline.web.admin.blueprint import admin
from helpline.web.admin.directory_admin import DirectoryAdmin
from helpline.web.admin.directory_form import EntryForm, note_labels
from helpline.web.language import gettext as _
from helpline.web.language import ngettext
from helpline.web.sessions import current_staff_id
from helpline.web.visitor_context import region_names

_LONGEST_AREA, _LONGEST_COST = 80, 120
_COUNTED = timedelta(days=30)


class PlaceForm(EntryForm):
    NAMES: ClassVar[tuple[str, ...]] = (*EntryForm.NAMES, "area", "cost")
    KINDS: ClassVar[tuple[str, ...]] = KINDS
    ALSO_REGIONS: ClassVar[tuple[str, ...]] = (EVERYWHERE,)

    def place(self, now: datetime) -> ServiceDetails | None:
        """Return the parsed entry, or None with ``errors`` set.

        Args:
            now: when it was verified, if the admin says so.
        """
        values = self.values(now)
        if not (self.typed["phone"] or self.typed["website"]):
            self.errors["phone"] = _("Enter a phone number or a website.")
        for name, most in (("area", _LONGEST_AREA), ("cost", _LONGEST_COST)):
            if len(self.typed[name]) > most:
                self.errors[name] = _("Shorten this to %(most)s characters or fewer.", most=most)
        if values is None or self.errors:
            return None
        return ServiceDetails(
            **values, area=self.typed["area"] or None, cost=self.typed["cost"] or None
        )


@admin.get("/places")
@allow(ADMIN)
def care_places() -> ResponseReturnValue:
    session, now = db.session(), clock.now()
    return render_template(
        "admin/referral_services.html",
        regions_with_places=directory_admin.by_region(queries.active_services(session)),
        gone=queries.retired_services(session),
        region_name=dict([*region_names(), _everywhere()]).get,
        needs_checking=lambda place: needs_verification(place, now),
        unchecked=queries.unverified_count(session, now),
        named=queries.referral_counts(session, now - _COUNTED, now),
    )


@admin.post("/places/begin")
@allow(ADMIN)
def begin_with_found() -> ResponseReturnValue:
    count = service.seed_directory(admin_id=current_staff_id(), now=clock.now())
    flash(
        ngettext(
            "%(num)s service added. It has not been verified yet.",
            "%(num)s services added. They have not been verified yet.",
            count,
        )
    )
    return redirect(url_for("admin.care_places"), 303)


@admin.get("/places/new")
@allow(ADMIN)
def new_place() -> ResponseReturnValue:
    return directory_admin.new_page(DIRECTORY)


@admin.post("/places/new")
@allow(ADMIN)
def add_place() -> ResponseReturnValue:
    return directory_admin.save(DIRECTORY)


@admin.get("/places/<int:entry_id>")
@allow(ADMIN)
def edit_place(entry_id: int) -> ResponseReturnValue:
    return directory_admin.edit_page(DIRECTORY, entry_id)


@admin.post("/places/<int:entry_id>")
@allow(ADMIN)
def change_place(entry_id: int) -> ResponseReturnValue:
    return directory_admin.save(DIRECTORY, entry_id)


@admin.post("/places/<int:entry_id>/confirm")
@allow(ADMIN)
def confirm_place(entry_id: int) -> ResponseReturnValue:
    return directory_admin.run_action(
        DIRECTORY, entry_id, _confirm, _("Saved: you verified this service today.")
    )


@admin.post("/places/<int:entry_id>/move")
@allow(ADMIN)
def move_place(entry_id: int) -> ResponseReturnValue:
    return directory_admin.move(DIRECTORY, entry_id, service.SERVICES.move)


@admin.post("/places/<int:entry_id>/retire")
@allow(ADMIN)
def retire_place(entry_id: int) -> ResponseReturnValue:
    return directory_admin.run_action(
        DIRECTORY, entry_id, service.SERVICES.retire, _("Service retired. No one can see it.")
    )


@admin.post("/places/<int:entry_id>/bring-back")
@allow(ADMIN)
def bring_back_place(entry_id: int) -> ResponseReturnValue:
    return directory_admin.run_action(
        DIRECTORY,
        entry_id,
        service.SERVICES.restore,
        _("Service restored. Advisors can refer visitors to it again."),
    )


def _confirm(entry_id: int, /, *, expected_version: int, admin_id: int, now: datetime) -> None:
    service.SERVICES.mark_verified(
        entry_id, expected_version=expected_version, admin_id=admin_id, now=now
    )


def _everywhere() -> tuple[str, str]:
    return EVERYWHERE, _("All countries, or online")


def _row(entry_id: int) -> ServiceEntry | None:
    return queries.get_service(db.session(), entry_id)


def _preview(place: ServiceDetails, _entry_id: int | None) -> str:
    shown = get_template_attribute("components/places.html", "place_list")
    return str(shown([place], level=4))


def _nothing_to_publish() -> None:
    """Places are read from the database with the page."""


def _labels() -> Mapping[str, str]:
    return {
        "region": _("Country"),
        "kind": _("Type"),
        "name": _("Name"),
        "area": _("City or area"),
        "phone": _("Number as people read it"),
        "tel": _("Number as a phone dials it"),
        "website": _("Website"),
        "hours": _("Opening hours"),
        "languages": _("Languages"),
        "cost": _("Cost"),
        **note_labels(),
        "sources": _("Sources"),
        "found_on": _("Date found"),
    }


DIRECTORY = DirectoryAdmin(
    page="admin/referral_service.html",
    back="admin.care_places",
    new="admin.add_place",
    save="admin.change_place",
    form=PlaceForm,
    row=_row,
    wanted=PlaceForm.place,
    add=service.SERVICES.add,
    change=service.SERVICES.change,
    preview=_preview,
    published=_nothing_to_publish,
    labels=_labels,
)
