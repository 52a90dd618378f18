"""Edit the crisis directory."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from babel.core import get_global
from flask import get_template_attribute, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, Field, SelectField, StringField, TelField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from helpline import clock
from helpline.current import settings
from helpline.db import db
from helpline.directory.crisis import published_directory
from helpline.directory.crisis import queries as crisis_queries
from helpline.directory.crisis import service as crisis
from helpline.directory.crisis.published_directory import COSTS, KINDS, CrisisLine, Directory
from helpline.directory.entries import needs_verification
from helpline.domain import phone_numbers
from helpline.domain.errors import InvalidPhoneNumber
from helpline.i18n.states import states_of
from helpline.web import republish
from helpline.web.access import ADMIN, allow
from helpline.web.admin.blueprint import admin
from helpline.web.admin.directory_form import (
    AddressField,
    EntryForm,
    kind_field,
    number_field,
    text_field,
)
from helpline.web.admin.directory_kind import DirectoryKind, by_region
from helpline.web.forms import one_line, strip
from helpline.web.language import gettext, locale
from helpline.web.language import lazy_gettext as _
from helpline.web.visitor_context import region_names


def _kinds() -> list[SelectChoice]:
    label = get_template_attribute("components/words.html", "kind_words")
    return [SelectChoice(kind, label(kind)) for kind in KINDS]


def _costs() -> list[SelectChoice]:
    label = get_template_attribute("components/words.html", "cost_words")
    return [SelectChoice("", _("Not known")), *(SelectChoice(cost, label(cost)) for cost in COSTS)]


class LineForm(EntryForm):
    """A crisis line. The states are those of the country with which the form was made."""

    state = SelectField(
        _("State"),
        default="",
        invalid_choice_message=_("Choose a state of this country, or the whole country."),
    )
    kind = kind_field(_kinds)
    sms_number = number_field(_("Number for text messages"))
    sms_keyword = StringField(_("Keyword to send"), filters=[strip])
    whatsapp = TelField(_("WhatsApp number"), filters=[one_line])
    chat = AddressField(_("Chat address"))
    cost = SelectField(
        _("Cost of a call"),
        choices=_costs,
        default="",
        invalid_choice_message=_("Choose one of the options."),
    )
    time_zone = StringField(_("Time zone of the hours"), filters=[strip])
    confidence = text_field(_("Confidence in the sources"), 200)
    checked = BooleanField(_("I verified this line today and all details are correct"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        states = states_of(self.region.data or "", str(locale()))
        self.state.choices = [
            SelectChoice("", gettext("Whole country")),
            *(SelectChoice(code, name) for code, name in states.items()),
        ]

    def details(self, now: datetime) -> CrisisLine:
        """Return the line. Call only after ``validate()``.

        Args:
            now: when it was called, if the admin says so.
        """
        return CrisisLine(
            **self.values(now),
            sms_number=self.dialled(self.sms_number),
            sms_keyword=self.sms_keyword.data or None,
            cost=self.cost.data or None,
            whatsapp=self._international(self.whatsapp.data),
            chat=self.chat.address,
            time_zone=self._zone() or None,
            confidence=self.confidence.data or None,
            state=self.state.data or None,
        )

    def validate_phone(self, field: Field) -> None:
        if not (field.data or self.sms_number.data):
            raise ValidationError(_("Enter a number to call, a number for text messages, or both."))
        super().validate_phone(field)

    def validate_sms_keyword(self, field: Field) -> None:
        word = field.data
        if word and not (word.isascii() and word.isalnum() and len(word) <= 20):
            raise ValidationError(_("Enter one word, such as HOME."))

    def validate_whatsapp(self, field: Field) -> None:
        if field.data and self._international(field.data) is None:
            raise ValidationError(_("Enter the full number, such as +91 9999 666 555."))

    def validate_hours(self, field: Field) -> None:
        zone = self._zone()
        if not zone or zone not in available_timezones():
            return
        if published_directory.opening_hours(field.data, zone) is None:
            raise ValidationError(
                _("Enter 24/7, or weekly hours such as Mo-Fr 09:00-17:00; Sa 10:00-14:00.")
            )

    def validate_time_zone(self, field: Field) -> None:
        if self._is_always_open():
            return
        if field.data and field.data not in available_timezones():
            raise ValidationError(_("Enter a time zone, such as Asia/Kolkata."))
        if not self._zone():
            raise ValidationError(_("Enter the time zone of these hours."))

    def _is_always_open(self) -> bool:
        return self.hours.data in ("", published_directory.DAY_AND_NIGHT)

    def _zone(self) -> str:
        """The time zone of weekly hours; the only one of its country if none was typed."""
        if self._is_always_open():
            return ""
        zones = zones_of(self.region.data or "")
        return str(self.time_zone.data or (zones[0] if len(zones) == 1 else ""))

    def _international(self, typed: str) -> str | None:
        """A number in international form; without a + it belongs to the line's country."""
        region = self.region.data or ""
        try:
            number = phone_numbers.service_number(typed, region)
            return phone_numbers.international_number(number, region)
        except InvalidPhoneNumber:
            return None


@admin.get("/crisis-lines")
@allow(ADMIN)
def crisis_lines() -> ResponseReturnValue:
    session, now = db.session(), clock.now()
    return render_template(
        "admin/crisis_lines.html",
        regions=by_region(crisis_queries.active_lines(session)),
        gone=crisis_queries.retired_lines(session),
        region_name=dict(region_names()).get,
        to_do=crisis_queries.to_do(session, now, regions={settings().default_region}),
        needs_checking=lambda line: needs_verification(line, now),
        rank=published_directory.rank,
        hours_unknown=lambda line: crisis.crisis_line_of(line).is_open(now) is None,
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


def zones_of(region: str) -> tuple[str, ...]:
    return tuple(get_global("territory_zones").get(region, ()))


def _preview(line: CrisisLine, entry_id: int | None) -> str:
    rows = crisis_queries.active_lines(db.session())
    rows = sorted(rows, key=lambda each: each.position)
    lines = [line if row.id == entry_id else crisis.crisis_line_of(row) for row in rows]
    if entry_id is None or all(row.id != entry_id for row in rows):
        lines.append(line)
    shown = get_template_attribute("components/crisis.html", "crisis_lines")
    directory = Directory(tuple(lines))
    region_lines = (*directory.lines(line.region), *directory.state_lines(line.region))
    return str(shown(region_lines, level=4))


LINES = DirectoryKind(
    directory=crisis.LINES,
    form=LineForm,
    template="admin/crisis_line.html",
    list_endpoint="admin.crisis_lines",
    preview=_preview,
    publish=republish.republish,
    verified=_("Saved: you verified this line today."),
    retired=_("Line retired. Visitors can no longer see it."),
    restored=_("Line restored. Visitors can see it again."),
)
