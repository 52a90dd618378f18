"""Everything that can be sent to: found by walking the URL map, so what is new is tried too."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from flask import Flask

from helpline.db import db
from helpline.web import access
from tests import factories
from tests.cast import ARJUN, ASHA, IMRAN, KAVITA, LEELA, MEERA, RAVI
from tests.support import carrier_jobs
from tests.support.web import Client, forms_of

OPEN = "2026-11-23 11:00"
CALL = "CA" + "1" * 32
CALLER = "+919876500077"

# What Twilio sends, beside what our own forms have.
OF_THE_CARRIER: Mapping[str, tuple[str, ...]] = {
    "CallSid": (CALL, "CA" + "2" * 32),
    "ParentCallSid": (CALL, ""),
    "MessageSid": ("SM" + "1" * 32, ""),
    "AccountSid": ("AC1",),
    "From": (CALLER, "anonymous", "HELPLINE", "+266696687"),
    "To": (KAVITA.phone,),
    "Body": ("CALL", "CANCEL", "STOP", "HELP", "hello"),
    "OptOutType": ("", "STOP", "START"),
    "CallStatus": ("ringing", "in-progress", "completed", "busy", "no-answer", "failed"),
    "DialCallStatus": ("completed", "busy", "no-answer", "failed"),
    "DialCallSid": ("CA" + "3" * 32,),
    "DialBridged": ("true", "false"),
    "Digits": ("1", "2", "#", "9876500088"),
    "AnsweredBy": ("human", "machine_start", "unknown"),
    "SequenceNumber": ("0", "7"),
    "Timestamp": ("Mon, 23 Nov 2026 05:30:00 +0000",),
    "ErrorCode": ("21211", "13227"),
    "MessageStatus": ("sent", "delivered", "failed"),
    "RecordingSid": ("RE" + "1" * 32,),
    "RecordingDuration": ("8",),
    "RecordingStatus": ("completed",),
    "Nonce": ("n",),
}
OF_THE_API: Mapping[str, tuple[str, ...]] = {
    "phone": (KAVITA.phone, "98765 43210"),
    "name": ("Meena",),
    "note": ("After six",),
    "language": ("hi",),
    "slot_at": ("2026-11-23T09:30:00Z",),
    "may_text": ("yes",),
    "consent": ("yes",),
    "source": ("/depression",),
}
OF_NOBODY: Mapping[str, tuple[str, ...]] = {
    "region": ("IN", "US", "ZZ"),
    "page": ("2", "/mood"),
    "from": ("2026-11-01",),
    "to": ("2026-11-23",),
    "day": ("2026-11-24",),
    "next": ("/admin/",),
    "title": ("Depression",),
    "version": ("1",),
    "go": ("back",),
}


@dataclass(frozen=True)
class Target:
    """One address that takes something.

    Args:
        fields: what it is known to read, and what usually stands there.
        kind: how it is usually sent: "form", "json", "webhook" or "query".
        staff: whether staff alone may enter.
    """

    endpoint: str
    rule: str
    method: str
    kind: str
    staff: bool
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass
class World:
    """A house with people in it, in the states that matter.

    Args:
        parts: by the name of a part of an address, what is known to lead somewhere.
    """

    app: Flask
    visitor: Client
    staff: Client
    parts: Mapping[str, tuple[str, ...]]
    targets: tuple[Target, ...]


def world_of(app: Flask, visitor: Client, staff: Client) -> World:
    """Fills the house, and finds what can be sent to."""
    factories.staff(ASHA, roles=("advisor", "supervisor", "admin"))
    for other in (RAVI, MEERA):
        factories.staff(other)
    attempt = factories.calling(ASHA, KAVITA)
    tokens = [factories.link(each) for each in (ARJUN, IMRAN)]
    booked = factories.link(LEELA, slot_at=factories.slot("16:00"))
    carrier_jobs.take_attempt(timedelta(0))
    db.session.commit()
    staff.sign_in(ASHA)
    parts = {
        "callback_id": ("1", "2", "3", "999999"),
        "staff_id": ("2", "3", "999"),  # Who sends all this stays who they are.
        "token": (*tokens, booked, secrets.token_urlsafe(16)),
        "ref": (attempt.ref, "0" * 32),
        "leg": ("advisor", "visitor", "nobody"),
        "turn": ("0", "1", "2"),
        "region": ("IN", "ZZ"),
        "site_language": ("hi", "en"),
        "filename": ("site.css", "nowhere.css"),
        "form": ("csv", "json"),
        "name": ("osm.txt", "schema.json"),
        "table": ("days", "callbacks"),
        "since": ("2026-12-01",),
    }
    found = tuple(_targets(app, _fields_by_address(app, visitor, staff, parts)))
    return World(app, visitor, staff, parts, found)


def address(rule: str, parts: Mapping[str, str]) -> str:
    """An address of a rule, its parts filled in as they are given."""
    filled = rule
    while "<" in filled:
        before, _open, rest = filled.partition("<")
        part, _close, after = rest.partition(">")
        filled = before + parts.get(part.rpartition(":")[2], "1") + after
    return filled


def parts_of(rule: str) -> list[str]:
    """The names of what a rule leaves open."""
    return [each.partition(">")[0].rpartition(":")[2] for each in rule.split("<")[1:]]


def _targets(app: Flask, known: Mapping[str, dict[str, tuple[str, ...]]]) -> Iterator[Target]:
    for rule in sorted(app.url_map.iter_rules(), key=lambda each: (each.rule, each.endpoint)):
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            declared = access.audience_of(rule.endpoint)
            yield Target(
                rule.endpoint,
                rule.rule,
                method,
                _kind(rule.rule, method),
                not declared & {access.ANYONE, access.CARRIER},
                {**OF_NOBODY, **_usual(rule.rule), **known.get(rule.endpoint, {})},
            )


def _usual(rule: str) -> Mapping[str, tuple[str, ...]]:
    if rule.startswith("/webhooks/"):
        return OF_THE_CARRIER
    return OF_THE_API if rule.startswith("/api/") else {}


def _kind(rule: str, method: str) -> str:
    if rule.startswith("/webhooks/"):
        return "webhook"
    if method == "GET":
        return "query"
    return "json" if rule.startswith("/api/") or "passkey" in rule else "form"


def _fields_by_address(
    app: Flask, visitor: Client, staff: Client, parts: Mapping[str, tuple[str, ...]]
) -> dict[str, dict[str, tuple[str, ...]]]:
    """What the forms of all pages have in them, by the view that each is sent to."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.rule.startswith(("/static", "/exit", "/<")):
            continue
        page_address = address(rule.rule, {name: known[0] for name, known in parts.items()})
        for client in (visitor, staff):
            page = client.get(page_address)
            if page.status_code != 200 or page.mimetype != "text/html":
                continue
            for form in forms_of(page):
                path = (form.action or page_address).partition("?")[0]
                if form.method != "post" or not adapter.test(path, "POST"):
                    continue
                endpoint, _values = adapter.match(path, "POST")
                fields = {name: tuple(each) or ("",) for name, each in form.fields.items()}
                found.setdefault(endpoint, {}).update(fields)
    return found
