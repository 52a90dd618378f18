"""The admin's hours: what is saved is obeyed at once; what is wrong is said and kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC

import sqlalchemy as sa
from flask import Flask

from helpline.db import db
from helpline.hours.models import HoursVersion
from helpline.privacy.models import AuditEntry
from tests import factories
from tests.cast import ASHA, KAVITA, MEERA
from tests.support.clock import Clock
from tests.support.web import Client, form_of
from tests.web.page import Page

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def every_day(*intervals: tuple[str, str]) -> dict[str, str]:
    """The fields of a week whose days are all the same."""
    typed = {f"{day}-{place}-{end}": "" for day in DAYS for place in range(6) for end in _ENDS}
    for day in DAYS:
        for place, times in enumerate(intervals):
            for end, time in zip(_ENDS, times, strict=True):
                typed[f"{day}-{place}-{end}"] = time
    return typed


_ENDS = ("opens", "closes")


def save(client: Client, **typed: str) -> Page:
    """Opens the editor, types and saves; it must work."""
    answer = client.submit(
        form_of(client.get("/admin/hours"), "/admin/hours").fill(**typed), follow=True
    )
    assert answer.status_code == 200
    page = Page(answer.text)
    assert "Saved. The new hours apply now." in page.text
    return page


def newest() -> HoursVersion:
    """The hours in force."""
    statement = sa.select(HoursVersion).order_by(HoursVersion.version.desc()).limit(1)
    return db.session.scalars(statement).one()


def test_visitors_queue_and_dialler_obey_the_moment_hours_are_saved(
    app: Flask, client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    at("2026-11-23 11:00")
    factories.staff(MEERA)
    factories.link(KAVITA)
    admin, visitor, advisor = client, new_client(), new_client()
    factories.staff(ASHA)
    admin.sign_in(MEERA)
    advisor.sign_in(ASHA)
    assert "Open now, until 6:00 PM" in visitor.get("/").text.replace("</time>", "").replace(
        '<time datetime="2026-11-23T12:30:00+00:00">', ""
    )
    save(admin, **every_day(("12:00", "17:00")))
    closed = Page(visitor.get("/").text)
    assert "We open today, Monday 23 November, at 12:00 PM" in closed.text
    assert closed.all("a", href="tel:+911140000000") == []
    taken = advisor.submit(advisor.get("/desk/"), "/next", follow=True)
    assert "It opens today at 12:00 PM." in taken.text
    save(admin, **every_day(("10:30", "17:00")))
    assert "Open now, until 5:00 PM" in Page(visitor.get("/").text).text
    assert "Kavita" in advisor.submit(advisor.get("/desk/"), "/next", follow=True).text


def test_several_intervals_over_midnight_whole_days_and_none(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 13:30")
    factories.staff(MEERA)
    client.sign_in(MEERA)
    week = every_day(("10:00", "13:00"), ("14:00", "18:00"))
    week |= {"tue-0-opens": "20:00", "tue-0-closes": "02:00"}
    week |= {"tue-1-opens": "", "tue-1-closes": ""}
    week |= {f"wed-{place}-{end}": "" for place in range(2) for end in _ENDS}
    week |= {"sun-0-opens": "00:00", "sun-0-closes": "24:00"}
    week |= {"sun-1-opens": "", "sun-1-closes": ""}
    page = save(client, **week)
    form = page.form("/admin/hours")
    for name, typed in week.items():
        assert form.get(name, "") == typed, name
    visitor = Page(client.get("/").text)
    assert ", at 2:00 PM" in visitor.text
    at("2026-11-25 01:30")  # Tuesday's night, on Wednesday.
    assert "Open now, until 2:00 AM" in Page(client.get("/").text).text
    at("2026-11-25 11:00")
    assert "We open tomorrow, " in Page(client.get("/").text).text
    deeds = list(db.session.scalars(sa.select(AuditEntry.deed)))
    assert deeds.count("hours_changed") == 1


def test_no_hours_at_all_can_be_saved(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.staff(MEERA)
    client.sign_in(MEERA)
    save(client, **every_day())
    assert "no opening hours planned yet" in client.get("/").text
    save(client, **every_day(("10:00", "18:00")))
    assert "Open now" in client.get("/").text


def test_another_zone_moves_the_day(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 09:00", "UTC")
    factories.staff(MEERA)
    client.sign_in(MEERA)
    assert "Open now, until" in Page(client.get("/").text).text
    save(client, zone="Europe/London")
    page = Page(client.get("/").text)
    assert "We open today, Monday 23 November, at 10:00 AM" in page.text
    assert "time in London" in page.text or "United Kingdom" in page.text
    assert newest().saved_at.astimezone(UTC).hour == 9


WRONG = (
    ({"mon-0-opens": "ten"}, "mon"),
    ({"mon-0-opens": "25:00"}, "mon"),
    ({"tue-0-closes": ""}, "tue"),
    ({"wed-0-opens": "10:00", "wed-0-closes": "10:00"}, "wed"),
    ({"thu-1-opens": "17:00", "thu-1-closes": "19:00"}, "thu"),
    ({"fri-0-opens": "\x00<b>"}, "fri"),
    ({"sat-0-opens": "1" * 5000}, "sat"),
    ({"zone": "Mars/Olympus"}, "zone"),
    ({"zone": ""}, "zone"),
    ({"zone": "../../etc/passwd"}, "zone"),
)


def test_what_is_wrong_is_said_by_day_and_all_that_was_typed_is_kept(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    factories.staff(MEERA)
    factories.opening_hours(("10:00", "18:00"))
    client.sign_in(MEERA)
    before = newest().version
    for typed, where in WRONG:
        sent = every_day(("10:00", "18:00")) | {"sun-0-opens": "09:15"} | typed
        answer = client.submit(form_of(client.get("/admin/hours"), "/admin/hours").fill(**sent))
        assert answer.status_code == 422, typed
        page = Page(answer.text)
        summary = page.the("div", cls="error-summary")
        assert summary.text
        assert page.the(id=f"{where}-error").text
        links = [each.attrs["href"] for each in page.all("a") if each.inside(summary)]
        assert [page.the(id=href.removeprefix("#")) for href in links]
        form = page.form("/admin/hours")
        assert form["sun-0-opens"] == "09:15"
        for name, value in typed.items():
            if name != "zone":
                assert form[name] == value.strip(), name
        assert page.title.startswith("Error:")
    assert newest().version == before


def test_of_two_admins_the_second_sees_both_weeks_side_by_side(
    app: Flask, client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    at("2026-11-23 11:00")
    factories.staff(MEERA)
    factories.staff(ASHA, roles=("admin",))
    first, second = client, new_client()
    first.sign_in(MEERA)
    second.sign_in(ASHA)
    opened = second.get("/admin/hours")
    save(first, **every_day(("09:00", "17:00")))
    answer = second.submit(form_of(opened, "/admin/hours").fill(**every_day(("11:00", "19:00"))))
    assert answer.status_code == 409
    page = Page(answer.text)
    assert "Meera saved different hours" in page.text
    table = page.the("table", cls="compare").text
    assert "09:00-17:00" in table
    assert "11:00-19:00" in table
    assert page.form("/admin/hours")["mon-0-opens"] == "11:00"
    again = second.submit(answer, "/admin/hours", follow=True)
    assert "Saved." in again.text
    assert "Open now, until 7:00 PM" in Page(first.get("/").text).text
