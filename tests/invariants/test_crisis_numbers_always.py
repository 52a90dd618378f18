"""Every visitor page in every state carries the numbers that answer now, also when all is down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.exceptions import TooManyRequests

from config import Settings
from helpline import clock
from helpline.callbacks import service as callbacks
from helpline.db import db
from helpline.directory.crisis import published_directory
from helpline.web.access import ANYONE, allow
from tests import factories
from tests.cast import ASHA, KAVITA, MEERA
from tests.support.clock import Clock
from tests.support.database import writing
from tests.support.web import Client

OPEN, CLOSED = "2026-11-23 12:00", "2026-11-23 20:00"


def carries_the_numbers(page: Any, region: str = "IN") -> bool:
    """Whether every line of the region that can be rung can be tapped, the emergency line too."""
    directory = published_directory.load()
    lines = [line for line in directory.lines(region) if line.tel]
    return all(f'href="tel:{line.tel}"' in page.text for line in lines)


def crisis_line_and_emergency(page: Any) -> bool:
    """Whether at least the emergency line and one crisis line can be tapped."""
    found = published_directory.load().lines("IN")
    first = next(line for line in found if line.kind == published_directory.CRISIS_LINE)
    emergency = published_directory.load().emergency("IN")
    return all(f'href="tel:{line.tel}"' in page.text for line in (first, emergency))


@pytest.mark.parametrize("time", [OPEN, CLOSED])
@pytest.mark.parametrize("path", ["/", "/crisis", "/emergency", "/exit-help"])
def test_pages_that_anyone_opens(client: Client, at: Clock, time: str, path: str) -> None:
    at(time)
    page = client.get(path)

    assert page.status_code == 200
    assert crisis_line_and_emergency(page)


@pytest.mark.parametrize("time", [OPEN, CLOSED])
@pytest.mark.parametrize("state", ["waiting", "joined", "claimed", "calling", "cancelled"])
def test_the_page_of_a_request_in_every_state(
    client: Client, at: Clock, time: str, state: str
) -> None:
    at(OPEN)
    token = factories.link(KAVITA)
    if state == "joined":
        token = factories.link(KAVITA)
    elif state == "claimed":
        from helpline.callbacks import claims

        claims.claim_next(factories.staff(ASHA).id, now=clock.now())
    elif state == "calling":
        from helpline.callbacks import claims
        from helpline.calls import service as calls

        asha = factories.staff(ASHA).id
        calls.start_call(claims.claim_next(asha, now=clock.now()), asha, now=clock.now())
    elif state == "cancelled":
        callbacks.cancel(token, now=clock.now())
    assert factories.by_token(token).status == state
    at(time)

    for path in (f"/request/{token}", f"/request/{token}/move"):
        assert crisis_line_and_emergency(client.get(path, follow_redirects=True))


def test_a_form_with_errors(client: Client, at: Clock) -> None:
    at(CLOSED)
    page = client.post("/", data={"phone": "12"})

    assert page.status_code == 422
    assert crisis_line_and_emergency(page)


def test_a_slot_that_is_gone(client: Client, at: Clock) -> None:
    at(OPEN)
    gone = {"phone": KAVITA.phone, "when": "2026-11-23T03:00:00+00:00", "consent": "yes"}
    page = client.post("/", data=gone)

    assert page.status_code == 422
    assert crisis_line_and_emergency(page)


@pytest.mark.parametrize(
    ("method", "path", "data", "status"),
    [
        ("GET", "/nowhere", None, 404),
        ("GET", "/request/no-such-link", None, 404),
        ("POST", "/request/no-such-link/cancel", None, 404),
        ("POST", "/crisis", None, 405),
        ("DELETE", "/", None, 405),
        ("POST", "/", {"note": "x" * 200_000}, 413),
    ],
)
def test_error_pages(
    client: Client, method: str, path: str, data: dict[str, str] | None, status: int
) -> None:
    page = client.open(path, method=method, data=data)

    assert page.status_code == status
    assert crisis_line_and_emergency(page)


def test_a_form_that_comes_from_elsewhere(client: Client) -> None:
    page = client.post("/", headers={"Origin": "https://elsewhere.example"})

    assert page.status_code == 403
    assert crisis_line_and_emergency(page)


@pytest.mark.parametrize(("error", "status"), [(RuntimeError, 500), (TooManyRequests, 429)])
def test_a_view_that_fails(
    app: Flask, client: Client, error: Callable[[], Exception], status: int
) -> None:
    @allow(ANYONE)
    def fails() -> str:
        raise error()

    app.view_functions["visitor.home"] = fails
    page = client.get("/")

    assert page.status_code == status
    assert crisis_line_and_emergency(page)


@pytest.fixture
def dead_settings(settings: Settings, database_url: str) -> Settings:
    dead = {
        "sqlite": f"sqlite:///{settings.instance_dir}/no/such/folder/helpline.sqlite3",
        "postgresql+psycopg": "postgresql+psycopg://nobody@127.0.0.1:9/nothing",
    }
    return settings.model_copy(update={"database_url": dead[database_url.partition(":")[0]]})


@pytest.fixture
def client_without_database(dead_settings: Settings) -> Iterator[Client]:
    from tests.conftest import _opened

    with _opened(dead_settings) as app, app.app_context():
        yield Client(app, app.response_class)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/hi/"),
        ("POST", "/"),
        ("GET", "/request/some-link"),
        ("GET", "/request/some-link/move"),
        ("POST", "/request/some-link/cancel"),
    ],
)
def test_while_the_database_is_down(
    client_without_database: Client, at: Clock, method: str, path: str
) -> None:
    at(OPEN)
    page = client_without_database.open(
        path, method=method, data={"phone": KAVITA.phone, "consent": "yes"}
    )

    assert page.status_code == 503
    assert crisis_line_and_emergency(page)
    assert f'<html lang="{"hi" if "/hi/" in path else "en"}"' in page.text


@pytest.mark.parametrize(
    "path", ["/crisis", "/crisis?region=GB", "/emergency", "/exit-help", "/nowhere"]
)
def test_pages_that_need_no_database_answer_while_it_is_down(
    client_without_database: Client, path: str
) -> None:
    page = client_without_database.get(path)

    assert page.status_code == (404 if path == "/nowhere" else 200)
    assert carries_the_numbers(page, "GB") if "GB" in path else crisis_line_and_emergency(page)


def test_a_database_that_goes_away_while_someone_is_signed_in(
    app: Flask, client: Client, at: Clock
) -> None:
    at(OPEN)
    factories.staff(MEERA)
    client.sign_in(MEERA)
    with writing(db.engine).begin() as connection:
        for table in reversed(sa.inspect(db.engine).get_table_names()):
            connection.execute(sa.text(f'ALTER TABLE "{table}" RENAME TO "gone_{table}"'))

    assert client.get("/crisis").status_code == 200
    for path in ("/", "/admin/", "/desk/"):
        page = client.get(path)
        assert page.status_code in (500, 503)
        assert crisis_line_and_emergency(page)


def test_the_crisis_page_shows_every_line_of_the_region(client: Client) -> None:
    assert carries_the_numbers(client.get("/crisis"))
    assert carries_the_numbers(client.get("/crisis?region=GB"), "GB")


@pytest.mark.parametrize("written", ["", "not json", "[]", '[{"region": "IN"}]'])
def test_a_published_file_that_cannot_be_read_leaves_nobody_without_numbers(
    client: Client, settings: Settings, written: str
) -> None:
    settings.instance_dir.mkdir(parents=True, exist_ok=True)
    settings.published_crisis_file.write_text(written)

    assert carries_the_numbers(client.get("/crisis"))
