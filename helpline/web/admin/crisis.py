"""Edit the crisis directory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import ClassVar
from zoneinfo import available_timezones

from babel.core import get_global
from flask import get_template_attribute, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.current import settings
from helpline.db import db
from helpline.directory.crisis import published_directory
from helpline.directory.crisis import queries as crisis_queries
from helpline.directory.crisis import service as crisis
from helpline.directory.crisis.models import CrisisLineRow
from helpline.directory.crisis.published_directory import COSTS, KINDS, CrisisLine, Directory
from helpline.directory.entries import needs_verification
from helpline.domain import phone_numbers
from helpline.domain.errors import InvalidPhoneNumber
from helpline.web import republish
from helpline.web.access import ADMIN, allow
from helpline.web.admin import directory_admin
from helpline.web.admin.blueprint import admin
from helpline.web.admin.directory_admin import DirectoryAdmin
from helpline.web.admin.directory_form import EntryForm, note_labels
from helpline.web.language import gettext as _
from helpline.web.visitor_context import region_names

MORE_NAMES = ("sms_number", "sms_keyword", "whatsapp", "chat", "cost", "time_zone", "confidence")


class LineForm(EntryForm):
    """A crisis line as typed."""

    NAMES: ClassVar[tuple[str, ...]] = (*EntryForm.NAMES, *MORE_NAMES)
    KINDS: ClassVar[tuple[str, ...]] = KINDS

    def line(self, now: datetime) -> CrisisLine | None:
        """Return the parsed line, or None with ``errors`` set.

        Args:
            now: when it was called, if the admin says so.
        """
        values = self.values(now)
        sms_number = self.number("sms_number", self.typed["region"])
        keyword = self.typed["sms_keyword"]
        whatsapp, chat = self._whatsapp(), self.address("chat")
        time_zone, confidence = self._time_zone(), self._short("confidence")
        if self.typed["cost"] not in ("", *COSTS):
            self.errors["cost"] = _("Choose one of the options.")
        if not (self.typed["phone"] or self.typed["sms_number"]):
            self.errors["phone"] = _("Enter a number to call, a number for text messages, or both.")
        if keyword and not (keyword.isascii() and keyword.isalnum() and len(keyword) <= 20):
            self.errors["sms_keyword"] = _("Enter one word, such as HOME.")
        if values is None or self.errors:
            return None
        return CrisisLine(
            **values,
            sms_number=sms_number,
            sms_keyword=keyword or None,
            cost=self.typed["cost"] or None,
            whatsapp=whatsapp,
            chat=chat,
            time_zone=time_zone,
            confidence=confidence or None,
        )

    def _whatsapp(self) -> str | None:
        """The number in international form; without a + it belongs to the line's country."""
        typed = self.typed["whatsapp"]
        if not typed:
            return None
        number = None
        with suppress(InvalidPhoneNumber):
            number = phone_numbers.international_number(
                phone_numbers.service_number(typed, self.typed["region"]), self.typed["region"]
            )
        if number is None:
            self.errors["whatsapp"] = _("Enter the full number, such as +91 9999 666 555.")
        return number

    def _time_zone(self) -> str | None:
        hours, typed = self._short("hours"), self.typed["time_zone"]
        if hours in ("", published_directory.DAY_AND_NIGHT):
            return None
        zones = zones_of(self.typed["region"])
        chosen = typed or (zones[0] if len(zones) == 1 else "")
        if typed and typed not in available_timezones():
            self.errors["time_zone"] = _("Enter a time zone, such as Asia/Kolkata.")
        elif not chosen:
            self.errors["time_zone"] = _("Enter the time zone of these hours.")
        elif published_directory.opening_hours(hours, chosen) is None:
            self.errors["hours"] = _(
                "Enter 24/7, or weekly hours such as Mo-Fr 09:00-17:00; Sa 10:00-14:00."
            )
        return chosen or None


@admin.get("/crisis-lines")
@allow(ADMIN)
def crisis_lines() -> ResponseReturnValue:
    session, now = db.session(), clock.now()
    return render_template(
        "admin/crisis_lines.html",
        regions_with_lines=directory_admin.by_region(crisis_queries.active_lines(session)),
        gone=crisis_queries.retired_lines(session),
        regions=region_names(),
        to_do=crisis_queries.to_do(session, now, regions={settings().default_region}),
        needs_checking=lambda line: needs_verification(line, now),
        rank=published_directory.rank,
    )


@admin.get("/crisis-lines/check")
@allow(ADMIN)
def check_lines() -> ResponseReturnValue:
    """List the numbers due for verification, the helpline's own country first."""
    now, home = clock.now(), settings().default_region
    rows = sorted(crisis_queries.active_lines(db.session()), key=lambda row: row.region != home)
    due = [row for row in rows if needs_verification(row, now)]
    chosen, after = request.args.get("region", ""), request.args.get("after", 0, type=int)
    ids = [row.id for row in rows]
    passed = ids.index(after) if after in ids else -1
    selected = [row for row in due if not chosen or row.region == chosen]
    coming = [row for row in selected if ids.index(row.id) > passed]
    line = coming[0] if coming else None
    return render_template(
        "admin/crisis_check.html",
        line=line,
        shown=crisis.crisis_line_of(line) if line else None,
        left=len(coming),
        chosen=chosen,
        left_by_region=list(Counter(row.region for row in due).items()),
    )


@admin.get("/crisis-lines/new")
@allow(ADMIN)
def new_line() -> ResponseReturnValue:
    return directory_admin.new_page(DIRECTORY)


@admin.post("/crisis-lines/new")
@allow(ADMIN)
def add_line() -> ResponseReturnValue:
    return directory_admin.save(DIRECTORY)


@admin.get("/crisis-lines/<int:entry_id>")
@allow(ADMIN)
def edit_line(entry_id: int) -> ResponseReturnValue:
    return directory_admin.edit_page(DIRECTORY, entry_id)


@admin.post("/crisis-lines/<int:entry_id>")
@allow(ADMIN)
def change_line(entry_id: int) -> ResponseReturnValue:
    return directory_admin.save(DIRECTORY, entry_id)


@admin.post("/crisis-lines/<int:entry_id>/confirm")
@allow(ADMIN)
def confirm_line(entry_id: int) -> ResponseReturnValue:
    done = directory_admin.run_action(
        DIRECTORY, entry_id, _confirm, _("Saved: you verified this line today.")
    )
    if request.form.get("next") != "check":
        return done
    region = request.form.get("region") or None
    return redirect(url_for("admin.check_lines", region=region, after=entry_id), 303)


@admin.post("/crisis-lines/<int:entry_id>/move")
@allow(ADMIN)
def move_line(entry_id: int) -> ResponseReturnValue:
    return directory_admin.move(DIRECTORY, entry_id, crisis.LINES.move)


@admin.post("/crisis-lines/<int:entry_id>/retire")
@allow(ADMIN)
def retire_line(entry_id: int) -> ResponseReturnValue:
    message = _("Line retired. Visitors can no longer see it.")
    return directory_admin.run_action(DIRECTORY, entry_id, crisis.LINES.retire, message)


@admin.post("/crisis-lines/<int:entry_id>/bring-back")
@allow(ADMIN)
def bring_back_line(entry_id: int) -> ResponseReturnValue:
    return directory_admin.run_action(
        DIRECTORY, entry_id, crisis.LINES.restore, _("Line restored. Visitors can see it again.")
    )


def zones_of(region: str) -> tuple[str, ...]:
    return tuple(get_global("territory_zones").get(region, ()))


def _confirm(entry_id: int, /, *, expected_version: int, admin_id: int, now: datetime) -> None:
    crisis.LINES.mark_verified(
        entry_id, expected_version=expected_version, admin_id=admin_id, now=now
    )


def _row(entry_id: int) -> CrisisLineRow | None:
    return crisis_queries.line(db.session(), entry_id)


def _preview(line: CrisisLine, entry_id: int | None) -> str:
    rows = crisis_queries.active_lines(db.session())
    rows = sorted(rows, key=lambda each: each.position)
    lines = [line if row.id == entry_id else crisis.crisis_line_of(row) for row in rows]
    if entry_id is None or all(row.id != entry_id for row in rows):
        lines.append(line)
    shown = get_template_attribute("components/crisis.html", "crisis_lines")
    return str(shown(Directory(tuple(lines)).lines(line.region), level=4))


def _publish() -> None:
    republish.republish()


def _labels() -> Mapping[str, str]:
    return {
        "region": _("Country"),
        "kind": _("Type"),
        "name": _("Name"),
        "phone": _("Number as people read it"),
        "tel": _("Number as a phone dials it"),
        "sms_number": _("Number for text messages"),
        "sms_keyword": _("Keyword to send"),
        "hours": _("Opening hours"),
        "languages": _("Languages"),
        "cost": _("Cost of a call"),
        "whatsapp": _("WhatsApp number"),
        "chat": _("Chat address"),
        "time_zone": _("Time zone of the hours"),
        "confidence": _("Confidence in the sources"),
        "website": _("Website"),
        **note_labels(),
        "sources": _("Sources"),
        "found_on": _("Date found"),
    }


DIRECTORY = DirectoryAdmin(
    page="admin/crisis_line.html",
    back="admin.crisis_lines",
    new="admin.add_line",
    save="admin.change_line",
    form=LineForm,
    row=_row,
    wanted=LineForm.line,
    add=crisis.LINES.add,
    change=crisis.LINES.change,
    preview=_preview,
    published=_publish,
    labels=_labels,
)
