"""The audit log, to read and to download."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import Response, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

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
from helpline.web.int_params import parse_int
from helpline.web.sessions import current_staff_id

_A_PAGE = 50
_AT_ONCE = 1000
_OTHERS = ("visitor", "worker", "carrier", "operator")
_COLUMNS = ("number", "entry", "at", "who", "did", "to", "detail", "seal")


@dataclass(frozen=True, slots=True)
class Asked:
    """The filter in the query string; invalid values are ignored."""

    deed: str
    who: str
    callback: str
    day: str

    @classmethod
    def read(cls, args: Mapping[str, str]) -> Asked:
        callback = args.get("callback", "").strip()
        return cls(
            deed=args.get("deed", "")[:60],
            who=args.get("who", "")[:40],
            callback=callback if callback.isascii() and callback.isdigit() else "",
            day=args.get("day", "") if _day(args.get("day", "")) else "",
        )

    def wanted(self) -> AuditFilter:
        day = _day(self.day)
        zone = request_context.zone()
        since = datetime.combine(day, time(), zone) if day else None
        until = datetime.combine(day + timedelta(days=1), time(), zone) if day else None
        return AuditFilter(
            deeds=(self.deed,) if self.deed else (),
            actor=self.who or None,
            subject=f"callback:{self.callback}" if self.callback else None,
            since=since,
            until=until,
        )

    def in_address(self) -> dict[str, str]:
        query = {
            "deed": self.deed,
            "who": self.who,
            "callback": self.callback,
            "day": self.day,
        }
        return {name: value for name, value in query.items() if value}


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if date.min < day < date.max else None


@admin.get("/audit")
@allow(ADMIN)
def audit_log() -> ResponseReturnValue:
    asked = Asked.read(request.args)
    session = db.session()
    entries = queries.entries(
        session,
        asked.wanted(),
        before=request.args.get("before", None, type=parse_int),
        limit=_A_PAGE + 1,
    )
    shown = entries[:_A_PAGE]
    names = staff_names(session)
    older = asked.in_address() | {"before": str(shown[-1].id)} if len(entries) > _A_PAGE else None
    return render_template(
        "admin/audit.html",
        asked=asked,
        filtered=bool(asked.in_address()),
        entries=[_shown(each, names) for each in shown],
        older=_address(older) if older else None,
        newest=_address(asked.in_address()) if "before" in request.args else "",
        csv_address=url_for("admin.audit_csv"),
        deeds=sorted(((key, str(each)) for key, each in audit_text.DEEDS.items()), key=_by_words),
        people=_people(names),
        head=audit_chain.head_of(session),
        unsealed=audit_chain.unsealed(session).count,
    )


def _address(query: dict[str, Any]) -> str:
    return url_for("admin.audit_log", **query)


def _by_words(pair: tuple[str, str]) -> str:
    return pair[1]


def _people(names: Mapping[int, str]) -> list[tuple[str, str]]:
    others = [(key, audit_text.actor_words(key, names)) for key in _OTHERS]
    staff = sorted((name, f"staff:{staff_id}") for staff_id, name in names.items())
    return [*others, *((key, name) for name, key in staff)]


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
    asked = Asked.read(request.form)
    privacy_service.record_audit_export(staff_id=current_staff_id(), now=clock.now())
    answer = Response(
        stream_with_context(_csv(db.session(), asked.wanted())), mimetype="text/csv; charset=utf-8"
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
