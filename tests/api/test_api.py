"""The JSON API: is somebody there, ask for a call, look, move, cancel."""

from __future__ import annotations

import threading
from collections.abc import Callable
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import claims
from helpline.callbacks.models import Callback, Channel, Slot
from helpline.db import db
from helpline.domain.lifecycle import Status
from helpline.domain.web_origins import Origin
from helpline.web import rate_limits
from helpline.websites import queries as website_queries
from helpline.websites import service as websites
from tests import factories
from tests.api.conftest import Asks, bearer
from tests.cast import ASHA, MEERA
from tests.support.clock import Clock
from tests.support.web import Client

SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"])
SITE = "https://articles.example"


def let_in(origin: str = SITE, *, may_tell_page: bool = False) -> None:
    """An admin lets a website in."""
    websites.allow(
        Origin.parse(origin),
        may_tell_page=may_tell_page,
        expected_version=website_queries.in_force(db.session()).version,
        admin_id=factories.staff(MEERA).id,
        now=clock.now(),
    )


@SQLITE
def test_availability_tells_who_answers_now_in_the_language_and_region_asked_for(
    client: Client, at: Clock
) -> None:
    at("2026-11-23 12:00")
    told = client.get("/api/v1/availability").json
    assert told["open"] is True
    assert told["words"]["state"] == "Open now, until 6:00 PM"
    assert told["number"] == {"tel": "+911140000000", "shown": "+91 11 4000 0000"}
    assert told["closes_at"] == "2026-11-23T12:30:00+00:00"
    assert told["ask_url"] == "http://localhost/"
    assert [each["tel"] for each in told["crisis_numbers"][:2]] == ["112", "14416"]

    at("2026-11-23 21:00")
    told = client.get("/api/v1/availability?lang=hi&region=us").json
    assert (told["open"], told["lang"], told["region"]) == (False, "hi", "US")
    assert told["ask_url"] == "http://localhost/hi/?region=US"
    here = client.get("/api/v1/availability?lang=hi").json
    assert "टेली-मानस" in [each["name"] for each in here["crisis_numbers"]]
    assert told["emergency"]["tel"] == "911"
    assert told["crisis_numbers"][1]["tel"] == "988"
    assert told["words"]["state"] != "Closed now. We open tomorrow at 10:00 AM"

    unknown = client.get("/api/v1/availability?lang=xx&region=ZZ").json
    assert (unknown["lang"], unknown["region"]) == ("en", "IN")
    assert unknown["words"]["state"] == "Closed now. We open tomorrow at 10:00 AM"


def test_a_request_is_asked_for_looked_at_moved_and_cancelled(
    ask: Asks, client: Client, at: Clock
) -> None:
    at("2026-11-23 12:00")
    asked = ask("98765 43210", name="Kavita", language="hi", note="Ring softly.", may_text=True)
    assert asked.status_code == 201
    token = asked.json["token"]
    assert asked.json["status_url"] == f"http://localhost/request/{token}"
    kept = factories.by_token(token)
    assert (kept.name, kept.language, kept.note) == ("Kavita", "hi", "Ring softly.")
    assert kept.text_language == "hi", "no page was read, so texts are in what is spoken"
    assert kept.channel == Channel.API
    assert not kept.may_leave_voicemail, "false unless they chose it"
    assert client.get(f"/request/{token}").status_code == 200

    looked = client.get("/api/v1/callback", headers=bearer(token))
    assert (looked.json["status"], looked.json["state"]) == ("waiting", "queued_unstaffed")
    assert looked.json["ahead"] is None, "nobody is there to take it"
    assert looked.json["rings_from"] == "+91 11 4000 0000"
    assert "98765" not in looked.text, "the number is not told again"

    offered = client.get("/api/v1/slots").json["slots"]
    chosen = offered[0]["starts_at"]
    moved = client.patch("/api/v1/callback", json={"slot_at": chosen}, headers=bearer(token))
    assert (moved.status_code, moved.json["slot_at"]) == (200, chosen)

    for _again in range(2):
        cancelled = client.delete("/api/v1/callback", headers=bearer(token))
        assert (cancelled.status_code, cancelled.json["status"]) == (200, "cancelled")
    too_late = client.patch("/api/v1/callback", json={"slot_at": None}, headers=bearer(token))
    assert (too_late.status_code, too_late.json["type"]) == (409, "/api/v1/#overtaken")


@SQLITE
def test_the_rules_are_those_of_the_form_and_the_words_too(ask: Asks, at: Clock) -> None:
    at("2026-11-23 12:00")
    wrong = ask("98")
    assert (wrong.status_code, wrong.mimetype) == (422, "application/problem+json")
    assert wrong.json["errors"] == [
        {"field": "phone", "message": "This number needs 10 digits. Please check it."}
    ]
    abroad = ask("+1 202 555 0143").json["errors"][0]["message"]
    assert abroad.startswith("We cannot call numbers in this country.")
    assert ask(language="xx").json["errors"][0]["field"] == "language"
    assert ask(consent=False).json["errors"][0] == {
        "field": "consent",
        "message": "Consent must be true. We only call people who have agreed to it.",
    }
    assert ask(consent="true").status_code == 422
    assert ask(may_text="yes").status_code == 422
    assert ask(slot_at="2026-11-23T14:00:00").json["errors"][0]["field"] == "slot_at"
    assert ask(website="x").json["errors"][0]["message"] == "Unknown field."
    assert db.session.scalar(sa.select(sa.func.count(Callback.id))) == 0


@SQLITE
def test_a_time_that_is_full_is_refused_with_the_nearest_free_ones(ask: Asks, at: Clock) -> None:
    at("2026-11-23 12:00")
    wanted = factories.slot("14:00")
    db.session.add(Slot(starts_at=wanted, capacity=2, booked=2))
    db.session.commit()
    gone = ask(slot_at=wanted.isoformat())
    assert (gone.status_code, gone.json["type"]) == (409, "/api/v1/#slot-gone")
    assert len(gone.json["nearest"]) == 3
    again = ask(slot_at=gone.json["nearest"][0])
    assert again.status_code == 201


def test_the_same_request_twice_is_one_callback_and_another_under_its_key_is_refused(
    ask: Asks, at: Clock
) -> None:
    at("2026-11-23 12:00")
    key = str(uuid4())
    first, second = ask(key=key), ask(key=key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json == second.json
    other = ask("98765 43211", key=key)
    assert (other.status_code, other.json["type"]) == (422, "/api/v1/#key-used")
    assert db.session.scalar(sa.select(sa.func.count(Callback.id))) == 1
    kept = factories.by_token(first.json["token"])
    assert kept.request_hash is not None
    assert "98765" not in kept.request_hash


@SQLITE
def test_null_is_nothing_for_every_optional_field(
    ask: Asks, client: Client, app: Flask, at: Clock
) -> None:
    at("2026-11-23 12:00")
    key, shapes = str(uuid4()), client.get("/api/v1/openapi.json").json["components"]["schemas"]
    optional = shapes["Ask"]["properties"].keys() - shapes["Ask"]["required"] - {"slot_at"}
    assert len(optional) > 15
    first = ask(key=key)
    nothing = ask(key=key, **dict.fromkeys(optional))
    assert (nothing.status_code, nothing.json) == (201, first.json), "it is the same request"
    source = {"page": "/mood", "title": None}
    assert ask("98765 43211", source=source).status_code == 201
    for wrong in ({"phone": None}, {"consent": None}):
        refused = client.post(
            "/api/v1/callbacks",
            json={"phone": "98765 43210", "consent": True} | wrong,
            headers={"Idempotency-Key": str(uuid4())},
        )
        assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, *wrong)
    body = {"slot_at": None, "if_no_answer": None, "call_until": None}
    moved = client.patch("/api/v1/callback", json=body, headers=bearer(first.json["token"]))
    assert moved.status_code == 200


def test_two_who_send_one_request_at_once_get_one_answer(app: Flask, at: Clock) -> None:
    at("2026-11-23 12:00")
    key, told = str(uuid4()), {"phone": "98765 43210", "consent": True}
    answers: list[tuple[int, str]] = []
    start = threading.Barrier(6)

    def send() -> None:
        with app.app_context():
            start.wait()
            answer = app.test_client().post(
                "/api/v1/callbacks", json=told, headers={"Idempotency-Key": key}
            )
        answers.append((answer.status_code, answer.json["token"]))

    threads = [threading.Thread(target=send) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(answers) == 6
    assert len(set(answers)) == 1
    assert answers[0][0] == 201
    assert db.session.scalar(sa.select(sa.func.count(Callback.id))) == 1


@SQLITE
def test_a_key_opens_nothing_to_somebody_who_guesses_it(
    ask: Asks, client: Client, at: Clock
) -> None:
    at("2026-11-23 12:00")
    let_in()
    key = str(uuid4())
    token = ask(key=key).json["token"]
    elsewhere = ask(key=key, origin=SITE).json["token"]
    assert elsewhere != token, "a key counts for the website that made it"
    form = client.submit(
        client.get("/"), "region=IN", phone="98765 43210", consent=True, request_key=key
    )
    assert token not in (form.location or form.text), "and not for our own form"
    weak = ask(key="00000000-0000-4000-8000-000000000001")
    assert (weak.status_code, weak.json["errors"][0]["field"]) == (422, "Idempotency-Key")
    none = client.post("/api/v1/callbacks", json={"phone": "98765 43210", "consent": True})
    assert none.json["errors"][0]["field"] == "Idempotency-Key"


@SQLITE
def test_without_the_token_a_request_tells_nothing(ask: Asks, client: Client, at: Clock) -> None:
    at("2026-11-23 12:00")
    token = ask().json["token"]
    for header in ({}, bearer(""), bearer(token[:-1]), {"Authorization": f"Basic {token}"}):
        for answer in (
            client.get("/api/v1/callback", headers=header),
            client.patch("/api/v1/callback", json={"slot_at": None}, headers=header),
            client.delete("/api/v1/callback", headers=header),
        ):
            assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert factories.by_token(token).status == Status.WAITING


@SQLITE
def test_a_second_request_for_a_number_looks_like_any_other(
    ask: Asks, client: Client, at: Clock
) -> None:
    at("2026-11-23 12:00")
    first, second = (ask().json["token"] for _ in range(2))
    assert factories.by_token(second).status == Status.JOINED
    told = [client.get("/api/v1/callback", headers=bearer(each)).json for each in (first, second)]
    assert told[0] == told[1]


@SQLITE
def test_a_helpline_that_never_opens_takes_no_request(ask: Asks, at: Clock) -> None:
    at("2026-11-23 12:00")
    factories.opening_hours()
    refused = ask()
    assert (refused.status_code, refused.json["type"]) == (409, "/api/v1/#no-opening")


# Errors


@SQLITE
def test_every_error_is_a_problem(
    ask: Asks, client: Client, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def problem(method: str, address: str, **sent: object) -> tuple[int, dict[str, object]]:
        answer = client.open(address, method=method, **sent)
        assert answer.mimetype == "application/problem+json"
        assert answer.json["status"] == answer.status_code
        assert {"type", "title", "detail"} <= answer.json.keys()
        return answer.status_code, answer.json

    headers = {"Idempotency-Key": str(uuid4())}
    assert problem("GET", "/api/v1/nothing")[0] == 404
    assert problem("GET", "/api/v2/availability")[0] == 404
    assert problem("PUT", "/api/v1/callback")[0] == 405
    assert client.put("/api/v1/callback").headers["Allow"]
    assert problem("POST", "/api/v1/callbacks", data="a=b", headers=headers)[0] == 415
    broken = {"data": "{", "content_type": "application/json", "headers": headers}
    assert problem("POST", "/api/v1/callbacks", **broken)[0] == 400
    large = {"json": {"phone": "9" * 70_000}, "headers": headers}
    assert problem("POST", "/api/v1/callbacks", **large)[0] == 413
    assert problem("GET", "/api/v1/availability?region=India")[0] == 422

    def fails(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("98765 43210")

    monkeypatch.setattr("helpline.web.api.callbacks.queries.offered_slots", fails)
    code, told = problem("GET", "/api/v1/slots")
    assert code == 500
    assert "98765" not in str(told)
    assert [each["tel"] for each in told["crisis_numbers"]][:2] == ["112", "14416"]  # type: ignore[index]


@SQLITE
def test_the_crisis_numbers_are_told_while_the_database_is_down(
    client: Client, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_args: object, **_kwargs: object) -> None:
        raise sa.exc.OperationalError("SELECT", {}, Exception("gone"))

    for way in ("orm.Session.scalar", "orm.Session.execute", "engine.Connection.execute"):
        monkeypatch.setattr(f"sqlalchemy.{way}", down)
    answer = client.get("/api/v1/availability?region=US", headers={"Origin": SITE})
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert [each["tel"] for each in answer.json["crisis_numbers"]][:2] == ["911", "988"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*", "any page may show them"


@SQLITE
@pytest.mark.settings(limit_asks_of_address="10/minute")
def test_too_many_requests_are_told_when_to_come_again_but_never_behind_crisis_numbers(
    ask: Asks, client: Client, app: Flask
) -> None:
    rate_limits.limits_of(app).on = True
    answers = [ask() for _ in range(11)]
    assert {each.status_code for each in answers[:-1]} == {201}
    refused = answers[-1]
    assert (refused.status_code, refused.mimetype) == (429, "application/problem+json")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.json["crisis_numbers"][0]["tel"] == "112"
    assert {client.get("/api/v1/availability").status_code for _ in range(70)} == {200}


# Other websites


@SQLITE
def test_only_websites_of_the_list_may_read_and_ask(ask: Asks, client: Client, at: Clock) -> None:
    at("2026-11-23 12:00")
    allowed = "Access-Control-Allow-Origin"

    def seen_by(origin: str) -> str | None:
        return client.get("/api/v1/availability", headers={"Origin": origin}).headers.get(allowed)

    def preflight(origin: str) -> dict[str, str]:
        asks = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        answer = client.options("/api/v1/callbacks", headers=asks)
        assert answer.status_code == 200
        return {name: value for name, value in answer.headers if name.startswith("Access-Control")}

    assert seen_by(SITE) is None
    assert preflight(SITE) == {}
    refused = ask(origin=SITE)
    assert (refused.status_code, refused.json["type"]) == (403, "/api/v1/#website-not-let-in")

    let_in(SITE)
    assert seen_by(SITE) == SITE
    told = preflight(SITE)
    assert told[allowed] == SITE
    assert "POST" in told["Access-Control-Allow-Methods"]
    for header in ("Authorization", "Content-Type", "Idempotency-Key"):
        assert header in told["Access-Control-Allow-Headers"]
    taken = ask(origin=SITE)
    assert (taken.status_code, taken.headers[allowed]) == (201, SITE)
    assert "Origin" in taken.headers["Vary"]
    for like_it in ("https://articles.example.evil", "http://articles.example", "null"):
        assert seen_by(like_it) is None
        assert ask(origin=like_it).status_code == 403
    assert ask(origin="http://localhost").status_code == 201, "our own pages are let in"

    version = website_queries.in_force(db.session()).version
    websites.remove(
        SITE, expected_version=version, admin_id=factories.staff(MEERA).id, now=clock.now()
    )
    assert seen_by(SITE) is None


@SQLITE
def test_the_article_is_kept_where_an_admin_allows_it_and_told_to_the_advisor(
    ask: Asks, new_client: Callable[[], Client], at: Clock
) -> None:
    at("2026-11-23 12:00")
    source = {"page": "/cocaine-and-mood?reader=7", "title": "Cocaine\nand mood"}
    let_in(SITE, may_tell_page=True)
    told = factories.by_token(ask(origin=SITE, source=source).json["token"])
    assert (told.source_page, told.source_title) == ("/cocaine-and-mood", "Cocaine and mood")
    stored = db.session.execute(sa.text("SELECT source_title FROM callback")).scalars().all()
    assert "Cocaine" not in str(stored), "the title is encrypted"

    advisor, asha = new_client(), factories.staff(ASHA)
    advisor.sign_in(ASHA)
    assert claims.claim_next(asha.id, now=clock.now()) == told.id
    assert "Cocaine and mood" in advisor.get("/desk/").text

    let_in(SITE, may_tell_page=False)
    for origin in (SITE, None):
        quiet = ask("98765 43211", origin=origin, source=source).json["token"]
        kept = factories.by_token(quiet)
        assert (kept.source_page, kept.source_title) == (None, None)


# The description


@SQLITE
def test_the_description_is_whole_and_the_reading_page_needs_nobody_else(client: Client) -> None:
    told = client.get("/api/v1/openapi.json").json
    assert told["openapi"] == "3.1.0"
    assert told["servers"] == [{"url": "http://localhost"}]
    assert set(told["paths"]) == {
        *("/api/v1/availability", "/api/v1/slots", "/api/v1/callbacks", "/api/v1/callback")
    }
    names = set()
    for path, methods in told["paths"].items():
        for method, deed in methods.items():
            assert deed["summary"], f"{method} {path}"
            names.add(deed["operationId"])
            needs_token = path == "/api/v1/callback"
            assert deed["security"] == ([{"token": []}] if needs_token else [])
            answers = deed["responses"]
            assert {"404", "405", "422", "500", "503"} <= answers.keys()
            for code in {"429", "500", "503"} & answers.keys():
                (content,) = answers[code]["content"].values()
                assert content["schema"]["$ref"].endswith("/Failure"), "with crisis numbers"
            assert "Allow" in answers["405"]["headers"]
            assert "Retry-After" in answers["503"]["headers"]
    assert names == {
        *("getAvailability", "listSlots", "requestCallback"),
        *("getCallback", "rescheduleCallback", "cancelCallback"),
    }
    shapes = told["components"]["schemas"]
    assert "crisis_numbers" in shapes["Failure"]["required"]
    assert shapes["Problem"]["properties"]["nearest"]["items"]["format"] == "date-time"
    assert "/api/v1/#slot-gone" in shapes["Problem"]["properties"]["type"]["enum"]
    ask = told["paths"]["/api/v1/callbacks"]["post"]
    key = next(each for each in ask["parameters"] if each["in"] == "header")
    assert key["schema"]["type"] == "string"
    assert key["schema"]["format"] != "uuid", "generated clients would not send it as text"
    page = client.get("/api/v1/")
    assert page.status_code == 200
    for words in ("Idempotency-Key", "/api/v1/callback", 'id="slot-gone"', 'id="shape-Problem"'):
        assert words in page.text
    assert "<script" not in page.text
    assert "//" not in page.text.replace("http://localhost", "").replace("https://112", "")


@SQLITE
def test_schemathesis_finds_no_failure(app: Flask) -> None:
    from tests.api.played import play  # It takes a second to import.

    played = play(app, factories.link(), examples=3)
    assert played.failures == []
    assert played.requests > 250
    assert {200, 201, 401, 405, 409, 415, 422} <= played.answers.keys()
    assert not {code for code in played.answers if code >= 500}
