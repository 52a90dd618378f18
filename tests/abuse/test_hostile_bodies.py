"""Whatever is sent to whatever takes something: a clear 4xx or a lawful answer, nothing half."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
import sqlalchemy as sa
from flask import Flask
from twilio.request_validator import RequestValidator

from helpline.callbacks.models import Callback
from helpline.db import Base, db
from helpline.web import errors, rate_limits
from tests import factories
from tests.cast import CARRIER_TOKEN, KAVITA
from tests.fuzz.play import come_in_again
from tests.fuzz.targets import OPEN, Target, World, address, world_of
from tests.support.clock import Clock
from tests.support.web import Client, form_of

FORM = "application/x-www-form-urlencoded"
SCRIPTS = "😀👩‍👩‍👧 \u202eمرحبا\u202c \u200fשלום ﷺ é\u0301"
TEN_MEGABYTES = b"name=" + b"x" * (10 * 1024 * 1024)
TYPED = {"phone": KAVITA.phone, "name": "Meena", "note": "After six", "consent": "yes"}


def form(pairs: list[tuple[str, str]], charset: str = "utf-8") -> bytes:
    def part(text: str) -> bytes:
        return quote_from_bytes(text.encode(charset, "replace")).encode()

    return b"&".join(part(name) + b"=" + part(value) for name, value in pairs)


def bodies(target: Target) -> Iterator[tuple[str, str, bytes]]:
    """Each with a name and a content type; its fields are those that the target reads."""
    usual = [(name, standing[0]) for name, standing in target.fields.items()]
    names = [name for name, _value in usual]
    yield "10 MB", FORM, TEN_MEGABYTES
    long = [(name, "ä" * 10_000) for name in names[:2]]
    yield "long, and scripts", FORM, form([*long, *((name, SCRIPTS) for name in names[2:])])
    spoilt = [(name, f"{value}\x00") for name, value in usual]
    yield "NUL, and twice", FORM, form([*spoilt, *((name, SCRIPTS) for name in names)])
    yield "UTF-16", f"{FORM}; charset=utf-16", form(usual, "utf-16")
    yield "Latin-1, not UTF-8", FORM, b"&".join(f"{name}=%e9%ff%fe".encode() for name in names)
    yield "XML", "text/xml", b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"
    yield "JSON", "application/json", b'{"phone": {"a": [[[[]]]]}, "phone": null}'
    yield "JSON of a number", "application/json", b"7"
    yield "deep JSON", "application/json", b"[" * 20_000
    part = b'--x\r\nContent-Disposition: form-data; name="%s"; filename="a"\r\n\r\n\x00\r\n'
    files = b"".join(part % name.encode() for name in names)
    yield "files", "multipart/form-data; boundary=x", files + b"--x--"
    yield "2,000 parts", "multipart/form-data; boundary=x", part % b"name" * 2000 + b"--x--"


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.settings(texts_enabled=True)
def test_nothing_that_is_sent_to_anything_ends_in_a_500(
    app: Flask,
    new_client: Callable[[], Client],
    at: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at(OPEN)
    app.config["WTF_CSRF_ENABLED"] = False
    rate_limits.limits_of(app).on = False
    world = world_of(app, new_client(), new_client())
    said: list[str] = []
    monkeypatch.setattr(errors, "_log", lambda error: said.append(repr(error)))
    tried, wrong = 0, []
    for target in world.targets:
        if target.method == "GET" or target.rule.startswith("/<"):
            continue
        for name, content_type, body in bodies(target):
            code = send(world, target, content_type, body)
            tried += 1
            if code >= 500 or (name == "10 MB" and code < 400):
                wrong.append((target.method, target.rule, name, code, said[-1:]))
    assert wrong == []
    assert tried > 11 * 75, "every form, operation of the API and webhook"


def send(world: World, target: Target, content_type: str, body: bytes) -> int:
    path = address(target.rule, {name: known[0] for name, known in world.parts.items()})
    headers = {"Idempotency-Key": "5b6f0a53-9c7e-4a53-8a3e-0d1f6d2c9b11"}
    if target.kind == "webhook" and content_type == FORM and len(body) < 60_000:
        with world.app.test_request_context(path, "POST", data=body, content_type=FORM) as made:
            told = {name: made.request.form.getlist(name)[0] for name in made.request.form}
        signed = RequestValidator(CARRIER_TOKEN).compute_signature(f"http://localhost{path}", told)
        headers["X-Twilio-Signature"] = signed
    client = world.staff if target.staff else world.visitor
    sent: dict[str, Any] = {"data": body, "content_type": content_type, "headers": headers}
    answer = client.open(path, method=target.method, **sent)
    answer.close()
    if target.staff and answer.status_code in (302, 401):
        come_in_again(world)
    return answer.status_code


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_no_address_with_a_nul_in_it_is_looked_for(
    app: Flask, new_client: Callable[[], Client], at: Clock
) -> None:
    at(OPEN)
    app.config["WTF_CSRF_ENABLED"] = False
    world = world_of(app, new_client(), new_client())
    tried = 0
    for target in world.targets:
        path = address(target.rule, dict.fromkeys(world.parts, "%00"))
        if "%00" in path:
            client = world.staff if target.staff else world.visitor
            assert client.open(path, method=target.method).status_code == 404, target
            tried += 1
    assert tried > 30


def everything() -> dict[str, int]:
    """How much the database says."""
    db.session.rollback()
    return {
        name: db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
        for name, table in Base.metadata.tables.items()
    }


def test_the_form_keeps_what_was_typed_and_stores_all_or_nothing(
    client: Client, app: Flask, at: Clock
) -> None:
    at(OPEN)
    page = form_of(client.get("/"), "/?")
    before = everything()
    for name, value in (
        ("name", "x" * 10_000),
        ("note", "x" * 10_000),
        ("phone", "x" * 10_000),
        ("phone", f"{SCRIPTS} 98765"),
        ("language", "\x00"),
        ("when", "2026-11-23T25:00\x00"),
        ("danger", SCRIPTS),
        ("may_say_who", "\ufffd"),
    ):
        answer = client.submit(page, **(TYPED | {name: value}))
        assert answer.status_code == 422, (name, value[:20])
        kept = form_of(answer, "/?").fields
        for field, typed in TYPED.items():
            if field != name:
                assert kept[field][0].strip() == typed, (name, field)
        assert everything() == before, name
    whole = b"&".join(f"{name}={value}".encode() for name, value in TYPED.items())
    for body, content_type in (
        (TEN_MEGABYTES, FORM),
        (whole, "text/plain"),
        (whole, "application/json"),
        (b"\xff\xfe" + whole, "multipart/form-data"),
        (whole.replace(b"+91", "+91".encode("utf-16")), FORM),
    ):
        answer = client.post("/", data=body, content_type=content_type)
        assert 400 <= answer.status_code < 500, content_type
        assert "tel:112" in answer.text
        assert everything() == before, content_type

    told = TYPED | {"name": f"{SCRIPTS}\x00", "note": f"a\x00b\r\n{SCRIPTS}"}
    answer = client.submit(page, **told)
    assert answer.status_code == 303
    kept = db.session.scalars(sa.select(Callback)).one()
    assert (kept.name, kept.note) == (SCRIPTS, f"ab\r\n{SCRIPTS}"), "as typed, without NUL"
    again = client.post("/", data={**TYPED, "phone": [KAVITA.phone, "112"], "name": ["A", "B"]})
    assert again.status_code == 303
    assert factories.by_token(again.location.rsplit("/", 1)[1]).name == "A", "the first counts"
