"""The database falls silent in the middle of everything: the crisis page answers throughout."""

from __future__ import annotations

import runpy
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Semaphore

import pytest
import requests
import sqlalchemy as sa

from config import ROOT
from helpline.db import db
from helpline.factory import create_app
from helpline.web import db_bulkhead
from tests.journeys.live_services import open_house
from tests.support.phone_line import Line
from tests.support.settings import settings_for_tests
from tests.support.web import Client

AT_ONCE = db_bulkhead.THREADS + 16


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_while_the_database_says_nothing_numbers_come_at_once(
    database_url: str, tmp_path: Path
) -> None:
    where = sa.make_url(database_url)
    line = Line(f"{where.query['host']}/.s.PGSQL.5432")
    url = f"postgresql://postgres@127.0.0.1:{line.port}/{where.database}"
    try:
        with (
            open_house(tmp_path, url, web_only=True) as house,
            ThreadPoolExecutor(AT_ONCE) as visitors,
        ):
            assert requests.get(house.url, timeout=30).ok

            def look(_number: int) -> requests.Response:
                return requests.get(house.url, timeout=60)

            line.go_dead()
            asked = visitors.map(look, range(AT_ONCE))
            for _ in range(3):  # With every thread waiting they would come after the silence.
                page = requests.get(f"{house.url}/crisis", timeout=20)
                assert page.status_code == 200 and "112" in page.text

            line.come_back()
            answers = list(asked)
            refused = [each for each in answers if each.status_code == 503]
            assert {each.status_code for each in answers} <= {200, 503}
            assert refused and all("112" in each.text for each in refused)
            assert requests.get(house.url, timeout=30).ok
    finally:
        line.close()


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize(("places", "status"), [(0, 503), (1, 200)])
def test_who_finds_no_place_at_the_database_is_told_so_at_once(
    database_url: str, tmp_path: Path, places: int, status: int
) -> None:
    app = create_app(settings_for_tests(tmp_path, database_url))
    db_bulkhead.PLACES.install(app, Semaphore(places))
    app.test_client_class = Client
    with app.app_context():
        client = app.test_client()
        for told in (client.get("/"), client.get("/"), client.get("/crisis")):
            assert "112" in told.text
            is_crisis = told.request.path == "/crisis"
            assert told.status_code == (200 if is_crisis else status)
        db.engine.dispose()


def test_every_web_process_has_as_many_threads_as_are_counted_on() -> None:
    assert (
        runpy.run_path(str(ROOT / "deploy" / "gunicorn.conf.py"))["threads"] == db_bulkhead.THREADS
    )
