"""When error pages fail too, a visitor still reads numbers that answer."""

from __future__ import annotations

import json

import pytest
from flask import Flask

from helpline.directory.crisis import published_directory
from tests.support.web import Client

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


@pytest.fixture
def broken(app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A deployment in which no template can be rendered, and so no error page."""
    app.testing = False

    def fail(*_args: object, **_values: object) -> str:
        raise ValueError("a template is broken")

    monkeypatch.setattr("jinja2.Template.render", fail)
    return client


@pytest.mark.parametrize("path", ["/", "/hi/", "/crisis", "/login", "/nowhere", "/request/a-link"])
def test_crisis_numbers_need_no_template(broken: Client, path: str) -> None:
    page = broken.get(path)

    assert page.status_code == 500
    assert 'href="tel:112"' in page.text
    assert 'href="tel:14416"' in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_crisis_numbers_need_no_setting(app: Flask, broken: Client) -> None:
    del app.extensions["helpline"]

    page = broken.get("/")

    assert page.status_code == 500
    for line in published_directory.load().published:
        if (
            line.kind in (published_directory.EMERGENCY, published_directory.CRISIS_LINE)
            and line.tel
        ):
            assert f'href="tel:{line.tel}"' in page.text


def test_one_number_is_left_whatever_cannot_be_read(
    app: Flask, broken: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(published_directory, "load", fail)

    assert 'href="tel:112"' in broken.get("/").text


def test_programs_and_the_carrier_are_answered_in_their_own_way(
    app: Flask, broken: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_values: object) -> str:
        raise ValueError("it cannot be told")

    monkeypatch.setattr("helpline.web.problem_json.answer", fail)
    problem = broken.get("/api/v1/nowhere")
    assert problem.mimetype == "application/problem+json"
    assert "112" in {each["tel"] for each in json.loads(problem.text)["crisis_numbers"]}

    del app.extensions["helpline"]
    assert "call 1, 1, 2" in broken.post("/webhooks/voice/inbound").text
    assert broken.post("/webhooks/voice/inbound/status").text == ""


def test_ready_means_that_the_crisis_page_shows(broken: Client) -> None:
    answer = broken.get("/readyz")

    assert (answer.status_code, answer.json["crisis_page"]) == (503, False)
    assert broken.get("/healthz").status_code == 200
