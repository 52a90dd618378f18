"""Hours at the edge of what can be set: every page, text, prompt, answer and panel with each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.db import db
from helpline.domain.errors import HelplineError
from helpline.domain.hours_plan import EmergencyClosure, ExceptionKind, HoursException, HoursPlan
from helpline.domain.opening_hours import Interval, Week
from helpline.hours import queries
from helpline.messaging.models import OutboundSms
from tests import factories
from tests.cast import ARJUN, ASHA, IMRAN, KAVITA, LEELA, MEERA, RAVI, VIKRAM, Member
from tests.inbound.caller import Caller
from tests.support.clock import Clock
from tests.support.web import Client, form_of, forms_of
from tests.web.page import Page
from tests.web.routes import address_of

TODAY = date(2026, 11, 26)  # A Thursday.
ALL_DAY = Interval.parse("00:00", "24:00")


def daily(opens: str, closes: str) -> Week:
    return Week.every_day(Interval.parse(opens, closes))


def on_days(*days: tuple[Interval, ...]) -> Week:
    return Week(days)


def closed_for(days: int) -> tuple[HoursException, ...]:
    """All-day closures from today on; none may be longer than a year."""
    first = HoursException(ExceptionKind.CLOSED, TODAY, TODAY + timedelta(days=299), number=1)
    rest = HoursException(
        ExceptionKind.CLOSED, first.last + timedelta(days=1), TODAY + timedelta(days), number=2
    )
    return first, rest


@dataclass(frozen=True)
class Extreme:
    """Hours, and what a visitor reads of them at 11:00 on that Thursday."""

    week: Week
    state: str
    week_words: str = ""
    exceptions: tuple[HoursException, ...] = field(default=())
    unsaid: str = "no such words"

    def plan(self) -> HoursPlan:
        return HoursPlan("Asia/Kolkata", self.week, exceptions=self.exceptions)


EXTREMES = {
    "never closes": Extreme(
        Week.every_day(ALL_DAY),
        "Open day and night",
        "available day and night, 7 days a week",
        unsaid="12:00 AM - 12:00 AM",
    ),
    "never closes, from six to six": Extreme(daily("06:00", "06:00"), "Open day and night"),
    "never opens": Extreme(Week.closed(), "Closed. No opening is planned yet"),
    "closed for 400 days": Extreme(
        daily("10:00", "18:00"),
        "Closed. No opening is planned yet",
        exceptions=closed_for(400),
    ),
    "one minute a week": Extreme(
        on_days((), (), (), (Interval.parse("11:00", "11:01"),), (), (), ()),
        "Open now, until 11:01 AM",
    ),
    "closed for a minute every night": Extreme(
        daily("00:00", "23:59"),
        "Open now, until 11:59 PM",
        "available 7 days a week, 12:00 AM - 11:59 PM",
    ),
    "closes on another day": Extreme(
        on_days(*[(ALL_DAY,)] * 6, (Interval.parse("00:00", "23:00"),)),
        "Open now, until Sunday 11:00 PM",
        "Mon - Sat all day; Sun 12:00 AM - 11:00 PM",
    ),
    "closes at the end of another day": Extreme(
        on_days(*[(ALL_DAY,)] * 6, ()), "Open now, until the end of Saturday"
    ),
    "closes tomorrow": Extreme(
        on_days(*[()] * 3, (Interval.parse("10:00", "02:00"),), *[()] * 3),
        "Open now, until tomorrow at 2:00 AM",
    ),
    "closes tonight at midnight": Extreme(
        daily("10:00", "24:00"),
        "Open now, until midnight tonight",
        "available 7 days a week, 10:00 AM - midnight",
    ),
    "closes next month": Extreme(
        Week.every_day(ALL_DAY),
        "Open now, until the end of Thursday 24 December",
        exceptions=(
            HoursException(ExceptionKind.CLOSED, date(2026, 12, 25), date(2026, 12, 25), number=1),
        ),
    ),
}
extremes = pytest.mark.parametrize("name", EXTREMES)
on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"])


@pytest.fixture
def world(app: Flask, at: Clock) -> dict[str, Any]:
    """Staff, and a callback in each state, at hours that close."""
    at("2026-11-26 11:00")
    factories.opening_hours(("10:00", "18:00"))
    for member in (MEERA, VIKRAM, ASHA, RAVI):
        factories.staff(member)
    attempt = factories.calling(ASHA, KAVITA)
    return {
        "callback_id": attempt.callback_id,
        "attempt_id": attempt.id,
        "staff_id": factories.staff(MEERA).id,
        "tokens": [
            factories.link(ARJUN),
            factories.link(LEELA, slot_at=factories.slot("15:00")),
            factories.link(IMRAN, slot_at=factories.slot("2026-11-27 11:30")),
        ],
    }


def put(plan: HoursPlan) -> None:
    """An admin saves these hours, and nothing keeps an answer from before."""
    db.session.rollback()
    factories.save_plan(plan)
    db.session.rollback()


def read(html: str) -> str:
    return re.sub(r"\s+", " ", Page(html).text)


@on_sqlite
def test_every_page_is_there_with_extreme_hours(
    app: Flask, new_client: Callable[[], Client], world: dict[str, Any]
) -> None:
    browsers: dict[Member | None, Client] = {None: new_client()}
    for member in (ASHA, VIKRAM, MEERA):
        browsers[member] = new_client()
        browsers[member].sign_in(member)
    pages = [(who, *page) for page in addresses(app, world) for who in browsers]
    broken: list[tuple[object, ...]] = []
    for name, extreme in EXTREMES.items():
        put(extreme.plan())
        shown: dict[tuple[Member | None, str], int] = {}
        for who, address, token in pages:
            if who and address.endswith("/exit"):
                continue  # It signs out.
            answer = browsers[who].get(address, headers={"Authorization": f"Bearer {token}"})
            if answer.status_code >= 500:
                broken.append((name, address, who and who.name, answer.status_code))
            elif answer.mimetype == "text/html" and re.search(
                r"\bNone\b(?! \()|datetime=\"\"|datetime=\"None|until\s*</span", answer.text
            ):
                broken.append((name, address, who and who.name, "half a sentence"))
            if answer.status_code not in (401, 403) and "/login" not in (answer.location or ""):
                shown[who, address] = answer.status_code
        # Whose page it is does not depend on the hours; what visitors see, staff see alike.
        pages = [
            (who, address, token)
            for who, address, token in pages
            if (who, address) in shown
            and (who is None or shown[who, address] != shown.get((None, address)))
        ]
    assert broken == []
    assert len(pages) > 120


def addresses(app: Flask, world: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Of every page, each with the token of the callback that it is about."""
    known = {key: value for key, value in world.items() if key != "tokens"}
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or set()) or rule.rule == "/readyz":
            continue  # That one is about the worker.
        if "site_language" in rule.arguments:
            continue  # The same page is there without it.
        for token in world["tokens"] if "<token>" in rule.rule else [""]:
            more = {"token": token, "since": "2026-12-24", "day": "2026-11-27"}
            yield address_of(rule, **known, **more), token


@on_sqlite
@extremes
def test_visitors_staff_api_and_embed_say_the_same_of_extreme_hours(
    name: str, client: Client, world: dict[str, Any], new_client: Callable[[], Client]
) -> None:
    known = EXTREMES[name]
    put(known.plan())
    visitor = new_client()
    page = read(visitor.get("/").text)
    told = visitor.get("/api/v1/availability").get_json()
    # A front page that cannot take a request says so in its own words.
    assert (known.state if told["accepting"] else "You are welcome to call") in page
    assert told["words"]["state"] == known.state
    assert told["open"] is known.state.startswith("Open")
    if known.week_words:
        assert known.week_words in page
        assert told["words"]["hours"] == known.week_words
    assert known.unsaid not in page
    assert visitor.get("/embed.js").status_code == 200
    for member, address in ((ASHA, "/desk/"), (VIKRAM, "/floor/"), (MEERA, "/admin/")):
        browser = new_client()
        browser.sign_in(member)
        assert known.state in read(browser.get(address).text), address
    for address in ("/?lang=hi", "/api/v1/availability?lang=hi"):
        assert visitor.get(address).status_code == 200


@on_sqlite
@extremes
@pytest.mark.settings(texts_enabled=True, voice_languages=("en",))
def test_texts_and_voice_know_extreme_hours(
    name: str, client: Client, world: dict[str, Any]
) -> None:
    put(EXTREMES[name].plan())
    with suppress(HelplineError):  # Where nothing is ever open, nothing can be asked for.
        factories.link(replace(KAVITA, phone="+919876500077"), may_text=True)
        texts = db.session.scalars(sa.select(OutboundSms.words)).all()
        assert texts
        assert all("None" not in (text or "") for text in texts)
    caller = Caller(client, "+919876500078").ring()
    assert "None" not in caller.heard
    opens = queries.effective_hours(db.session(), clock.now()).is_open(clock.now())
    assert ("closed" in caller.heard.lower()) is not opens


@pytest.fixture
def admin(client: Client, at: Clock) -> Iterator[Client]:
    at("2026-11-26 11:00")
    factories.staff(MEERA)
    client.sign_in(MEERA)
    yield client


def typed(opens: str, closes: str) -> dict[str, str]:
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return {f"{day}-0-opens": opens for day in days} | {f"{day}-0-closes": closes for day in days}


def test_hours_that_never_close_can_be_saved_planned_and_taken_back(
    admin: Client, at: Clock
) -> None:
    page = admin.get("/admin/hours")
    form = form_of(page, "/admin/hours")
    preview = admin.submit(form.fill(do="draft", **typed("00:00", "24:00")))
    assert "Open day and night" in read(preview.text)
    planned = admin.submit(
        form.fill(**{"since": "date", "since-date": "2026-11-28"}, **typed("00:00", "24:00")),
        follow=True,
    )
    assert "apply automatically from their start date" in planned.text
    at("2026-11-28 00:00")
    assert "Open day and night" in read(admin.get("/").text)
    at("2026-11-28 09:00")
    again = form_of(admin.get("/admin/hours"), "/admin/hours")
    saved = admin.submit(again.fill(**typed("10:00", "18:00")), follow=True)
    assert "The new hours apply now" in saved.text
    assert "We open today, Saturday 28 November, at 10:00 AM" in read(admin.get("/").text)


@on_sqlite
def test_a_close_of_one_minute_every_night_is_said_and_24_00_is_offered(admin: Client) -> None:
    form = form_of(admin.get("/admin/hours"), "/admin/hours")
    saved = admin.submit(form.fill(**typed("00:00", "23:59")), follow=True)
    assert "one minute before midnight: Monday, Tuesday" in read(saved.text)
    changed = admin.submit(form_of(saved, "/admin/hours").fill(do="until-midnight"))
    assert "23:59" not in changed.text
    assert "Open day and night" in read(changed.text)
    admin.submit(form_of(changed, "/admin/hours").fill(do="save"))
    assert queries.plan(db.session()).week.never_closes
    exception = form_of(admin.get("/admin/hours/exceptions"), "/exceptions")
    times = {"time-0-opens": "09:00", "time-0-closes": "23:59"}
    shown = admin.submit(exception.fill(do="draft", kind="hours", first="2026-12-24", **times))
    assert "one minute before midnight." in read(shown.text)
    changed = admin.submit(
        next(each for each in forms_of(shown) if "time-0-closes" in each.fields).fill(
            do="until-midnight"
        )
    )
    assert 'value="24:00"' in changed.text


@on_sqlite
def test_a_closure_until_midnight_says_midnight_tonight(admin: Client) -> None:
    now = clock.now()
    plan = queries.plan(db.session())
    put(replace(plan, shut=EmergencyClosure(now, factories.slot("2026-11-27 00:00"))))
    assert "Closed until midnight tonight" in read(admin.get("/admin/hours/closed-now").text)
    assert "Emergency closure until midnight tonight." in read(admin.get("/admin/").text)
