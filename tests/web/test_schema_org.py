"""What search engines are told of the helpline on its first page."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest

from helpline.db import db
from helpline.domain.hours_plan import ExceptionKind, HoursException
from helpline.hours import queries
from tests import factories
from tests.cast import MEERA
from tests.support.clock import Clock
from tests.support.web import Client

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])

_DATA = re.compile(r'<script nonce="[^"]+" type="application/ld\+json">(.*?)</script>', re.S)
_EVIL = "</script><script>alert(1)</script>"


@pytest.mark.settings(site_name=_EVIL)
def test_the_first_page_tells_who_we_are_our_number_and_our_hours(
    client: Client, at: Clock
) -> None:
    at("2026-11-23 12:00")
    diwali = date(2026, 11, 25)
    closed = HoursException(ExceptionKind.CLOSED, diwali, diwali, (), {"en": _EVIL})
    factories.save_plan(queries.plan(db.session()).with_exception(closed), admin=MEERA)
    page = client.get("/hi/")
    found = _DATA.findall(page.text)
    assert len(found) == 1
    assert "alert(1)</script>" not in page.text
    told = json.loads(found[0])
    assert (told["@context"], told["@type"]) == ("https://schema.org", "Organization")
    assert told["name"] == _EVIL, "as data it is whole"
    contact = told["contactPoint"]
    assert contact["telephone"] == "+911140000000"
    assert contact["areaServed"] == ["IN"]
    assert contact["availableLanguage"] == ["en", "hi"]
    week, day_off = contact["hoursAvailable"][0], contact["hoursAvailable"][-1]
    assert (week["opens"], week["closes"]) == ("10:00:00+05:30", "18:00:00+05:30")
    assert contact["description"] == "भारत समय (Asia/Kolkata)"
    assert len(week["dayOfWeek"]) == 7
    assert day_off["validFrom"] == day_off["validThrough"] == "2026-11-25"
    assert day_off["opens"] == day_off["closes"], "closed on that date"


def test_crawlers_are_told_where_they_need_not_go(client: Client) -> None:
    answer = client.get("/robots.txt")
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert "Disallow: /api/\n" in answer.text
    assert "/request" not in answer.text, "they read there that it must not be listed"
