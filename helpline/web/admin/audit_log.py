"""The audit log, to read and to download."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import Response, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms import DateField, Form, SelectField, StringField
from wtforms.fields.choices import SelectChoice

from helpline import clock
from helpline.db import db
from helpline.privacy import audit_chain, queries
from helpline.privacy import service as privacy_service
from helpline.privacy.models import AuditEntry
from helpline.privacy.queries import AuditFilter
from helpline.staff.queries import staff_names
from helpline.web import audit_text, request_context
from helpline.web.access import ADMIN, allow
from helpline.web.admin.blueprint import admin
from helpline.web.forms import strip
from helpline.web.int_params import parse_int
from helpline.web.language import lazy_gettext as _
from helpline.web.sessions import current_staff_id

_A_PAGE = 50
_AT_ONCE = 1000
_OTHERS = ("visitor", "worker", "carrier", "operator")
_COLUMNS = ("number", "entry", "at", "who", "did", "to", "detail", "seal")


class FilterForm(Form):  # type: ignore[misc]
    """Which entries to show, in the address. Values that cannot be read are left out."""

    who = SelectField(_("Who"), default="", validate_choice=False)
    action = SelectField(_("Action"), name="deed", default="", validate_choice=False)
    callback = StringField(_("Callback ID"), filters=[strip], default="")
    day = DateField(_("Date"))

    def __init__(self, formdata: Mapping[str, str]) -> None:
        super().__init__(formdata)
        if not (self.callback.data.isascii() and self.callback.data.isdigit()):
            self.callback.data = ""
        if self.day.data and not date.min < self.day.data < date.max:
            self.day.data = None

    def offer(self, names: Mapping[int, str]) -> None:
        """Set what can be chosen.

        Args:
            names: of the staff, by id.
        """
        others = [SelectChoice(key, audit_text.actor_words(key, names)) for key in _OTHERS]
        staff = sorted((name, f"staff:{staff_id}") for staff_id, name in names.items())
        self.who.choices = [
            SelectChoice("", _("Anyone")),
            *others,
            *(SelectChoice(key, name) for name, key in staff),
        ]
        actions = sorted(((str(label), key) for key, label in audit_text.DEEDS.items()))
        self.action.choices = [
            SelectChoice("", _("Any action")),
            *(SelectChoice(key, label) for label, key in actions),
        ]

    def wanted(self) -> AuditFilter:
        day, zone = self.day.data, request_context.zone()
        since = datetime.combine(day, time(), zone) if day else None
        until = datetime.combine(day + timedelta(days=1), time(), zone) if day else None
        return AuditFilter(
            deeds=(self.action.data,) if self.action.data else (),
            actor=self.who.data or None,
            subject=f"callback:{self.callback.data}" if self.callback.data else None,
            since=since,
            until=until,
        )

    def query(self) -> dict[str, str]:
        """Return the filter for another address."""
        return {field.name: str(field.data) for field in self if field.data}


@admin.get("/audit")
@allow(ADMIN)
def audit_log() -> ResponseReturnValue:
    form = FilterForm(request.args)
    session = db.session()
    entries = queries.entries(
        session,
        form.wanted(),
        before=request.args.get("before", None, type=parse_int),
        limit=_A_PAGE + 1,
    )
    shown = entries[:_A_PAGE]
    names = staff_names(session)
    form.offer(names)
    older = form.query() | {"before": str(shown[-1].id)} if len(entries) > _A_PAGE else None
    return render_template(
        "admin/audit.html",
        form=form,
        entries=[_shown(each, names) for each in shown],
        older=_address(older) if older else None,
        newest=_address(form.query()) if "before" in request.args else "",
        csv_address=url_for("admin.audit_csv"),
        head=audit_chain.head_of(session),
        unsealed=audit_chain.unsealed(session).count,
    )


def _address(query: dict[str, Any]) -> str:
    return url_for("admin.audit_log", **query)


def _shown(entry: AuditEntry, names: Mapping[int, str]) -> dict[str, Any]:
    return {
        "at": entry.at,
        "who": audit_text.actor_words(entry.actor, names),
        "did": audit_text.deed_words(entry.deed),
        "to": audit_text.subject_words(entry.subject, names)
        if entry.subject != entry.actor
        else "",
        "details": audit_text.details(entry.detail),
        "seq": entry.seq,
    }


@admin.post("/audit.csv")
@allow(ADMIN)
def audit_csv() -> ResponseReturnValue:
    """Download all matching entries as stored, streamed; the download itself is audited."""
    form = FilterForm(request.form)
    privacy_service.record_audit_export(staff_id=current_staff_id(), now=clock.now())
    answer = Response(
        stream_with_context(_csv(db.session(), form.wanted())), mimetype="text/csv; charset=utf-8"
    )
    answer.headers["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return answer


def _csv(session: Session, wanted: AuditFilter) -> Iterator[str]:
    yield _line(_COLUMNS)
    before = None
    while True:
        entries = queries.entries(session, wanted, before=before, limit=_AT_ONCE)
        yield "".join(_line(_stored(entry)) for entry in entries)
        if len(entries) < _AT_ONCE:
            return
        before = entries[-1].id
        session.expunge_all()


def _stored(entry: AuditEntry) -> tuple[object, ...]:
    return (
        entry.seq,
        entry.id,
        entry.at.astimezone(UTC).isoformat(),
        entry.actor,
        entry.deed,
        entry.subject,
        json.dumps(entry.detail, sort_keys=True, ensure_ascii=False),
        entry.hash,
    )


def _line(values: tuple[object, ...]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(values)
    return line.getvalue()
