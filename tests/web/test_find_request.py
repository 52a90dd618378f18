"""The way back without the link: by the reference and the last digits of the number."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from icalendar import Calendar

from helpline import clock
from helpline.callbacks import references
from helpline.callbacks import service as callbacks
from helpline.callbacks.models import Callback
from helpline.db import READ_COMMITTED, db
from helpline.domain.references import shown
from helpline.web.language import public_address
from tests import factories
from tests.cast import ARJUN, KAVITA
from tests.support.clock import Clock
from tests.support.sql_recorder import listening
from tests.support.web import Client, form_of
from tests.web.page import Page

OPEN = "2026-11-23 12:00"


def typed(callback: Callback, **changes: str) -> dict[str, str]:
    """What the visitor of a callback types."""
    return {"reference": shown(callback.reference or ""), "last_digits": callback.phone[-4:]} | (
        changes
    )


@pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"])
def test_a_visitor_comes_back_by_reference_and_does_there_all_they_could(
    client: Client, at: Clock
) -> None:
    at(OPEN)
    token = factories.link(KAVITA)
    page = Page(client.get(f"/request/{token}").text)
    asked = factories.by_token(token)
    mine = typed(asked)
    assert shown(asked.reference) in page.text
    assert "//" not in public_address("/find")
    assert public_address("/find") in page.text
    client.delete_cookie("session")
    found = client.submit(client.get("/find"), "/find", **mine)
    assert (found.status_code, "Set-Cookie" in found.headers) == (303, False)
    back = found.location
    assert re.fullmatch(r"/request/[A-Za-z0-9_-]{22}", back)
    assert mine["reference"] not in back
    assert back != f"/request/{token}", "whose token is stored nowhere"
    moved = client.submit(
        client.get(f"{back}/move"), "/move", when=factories.slot("15:00").isoformat()
    )
    assert moved.location == back
    assert factories.by_token(token).slot_at == factories.slot("15:00")
    assert client.post(f"{back}/cancel").location == back
    assert "cancelled" in Page(client.get(f"/request/{token}").text).text.lower()
    client.post(f"{back}/erase")
    assert "This request is erased" in client.get(back).text
    assert "This request is erased" in client.get(f"/request/{token}").text
    erased = factories.by_token(token)
    assert erased.reference is erased.reference_hash is None
    assert client.submit(client.get("/find"), "/find", **mine).status_code == 422


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_an_unknown_reference_and_wrong_digits_are_one_answer_by_the_same_statements(
    app: Flask, client: Client, at: Clock
) -> None:
    at(OPEN)
    asked, other = factories.callback(KAVITA), factories.callback(ARJUN)
    unknown = next(each for each in ("222222", "333333") if each != asked.reference)
    tries = (
        typed(asked, reference=unknown),
        typed(asked, last_digits="9999"),
        typed(asked, last_digits=other.phone[-4:]),
        typed(asked, reference=unknown, last_digits="0000"),
    )
    answers, statements = set(), set()
    for data in tries:
        with listening(db.engine) as said:
            answer = client.post("/find", data=data)
        text = answer.text
        for value in data.values():
            text = text.replace(f'value="{value}"', "")
        answers.add((answer.status_code, re.sub(r'nonce="[^"]+"', "", text)))
        statements.add(tuple(statement for statement, _values in said))
    assert len(answers) == len(statements) == 1
    assert "We cannot find a request" in answers.pop()[1]


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"reference": "K7M-3", "last_digits": "0001"}, "reference"),
        ({"reference": "K7M-3XD", "last_digits": "01"}, "last_digits"),
    ],
)
def test_what_cannot_be_one_is_named_and_kept_and_counts_as_no_guess(
    client: Client, at: Clock, data: dict[str, str], field: str
) -> None:
    at(OPEN)
    for _ in range(30):
        answer = client.post("/find", data=data)
    assert answer.status_code == 422
    assert {name: each[0] for name, each in form_of(answer, "/find").fields.items()} == data
    assert Page(answer.text).the("input", id=field).attrs["aria-invalid"] == "true"


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_reference_opens_a_request_that_is_over_for_two_weeks(client: Client, at: Clock) -> None:
    at(OPEN)
    token = factories.link(KAVITA)
    callbacks.cancel(token, now=clock.now())
    asked = typed(factories.by_token(token))
    at.later(minutes=60 * 24 * 13)
    assert client.post("/find", data=asked).status_code == 303
    at.later(minutes=60 * 24 * 2)
    assert client.post("/find", data=asked).status_code == 422


@pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"])
def test_requests_of_the_release_before_get_a_reference_and_its_erased_ones_lose_theirs(
    app: Flask, client: Client, at: Clock
) -> None:
    at(OPEN)
    old, gone = factories.callback(KAVITA), factories.callback(ARJUN)
    table = Callback.__table__
    nothing = dict.fromkeys(("reference", "reference_hash", "reference_token_hash"))
    db.session.execute(sa.update(table).where(table.c.id == old.id).values(nothing))
    reference = gone.reference
    erased = {
        "status": "cancelled",
        "ended_at": clock.now(),
        "erased_at": clock.now(),
        "name": None,
        "phone": None,
        "phone_hash": None,
        "note": None,
    }
    db.session.execute(sa.update(table).where(table.c.id == gone.id).values(erased))
    db.session.commit()
    assert references.complete_some(now=clock.now())
    assert not references.complete_some(now=clock.now())
    rows = {row.id: row for row in db.session.scalars(sa.select(Callback))}
    assert rows[old.id].reference
    assert rows[gone.id].reference is rows[gone.id].reference_hash is None
    assert reference
    assert client.post("/find", data=typed(rows[old.id])).status_code == 303


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_both_links_and_the_reference_are_found_by_an_index(app: Flask, client: Client) -> None:
    asked = factories.callback(KAVITA)
    with listening(db.engine) as said:
        client.post("/find", data=typed(asked))
        client.get("/request/wrong")
    db.session.rollback()
    db.session.connection(execution_options={"isolation_level": READ_COMMITTED})
    db.session.execute(sa.text("SET LOCAL enable_seqscan = off"))
    columns = ("reference_hash IN", "reference_token_hash =")
    looked = [one for one in said if any(column in one[0] for column in columns)]
    assert len(looked) == 2
    for statement, values in looked:
        rows = db.session.connection().exec_driver_sql(f"EXPLAIN {statement}", values)
        plan = "\n".join(row[0] for row in rows)
        assert "Seq Scan on callback " not in plan, plan


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_reference_is_said_letter_by_letter_in_hindi_too(client: Client, at: Clock) -> None:
    at(OPEN)
    token = factories.link(KAVITA)
    table = Callback.__table__
    db.session.execute(sa.update(table).values(reference="K7M3XD"))
    db.session.commit()
    assert (
        "K for kite, 7, M for moon, 3, X for X-ray, D for dog"
        in client.get(f"/request/{token}").text
    )
    hindi = client.get(f"/hi/request/{token}").text
    assert "K (के), 7, M (एम), 3, X (एक्स), D (डी)" in hindi
    assert "K7M-3XD" in hindi


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_either_link_removes_the_calendar_entry_that_the_other_added(
    client: Client, at: Clock
) -> None:
    at(OPEN)
    token = factories.link(KAVITA, slot_at=factories.slot("15:00"))
    added = client.submit(client.get(f"/request/{token}"), "/calendar")
    back = client.submit(client.get("/find"), "/find", **typed(factories.by_token(token))).location
    client.post(f"{back}/cancel")
    removed = client.submit(client.get(back), "/calendar")
    (entry,), (removal,) = (Calendar.from_ical(each.data).events for each in (added, removed))
    assert (removal["UID"], removal["STATUS"]) == (entry["UID"], "CANCELLED")
