"""The pages of the hours: drafts, exceptions, holidays, the red switch, other programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import holidays
import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from helpline.db import db
from helpline.hours import public_holidays, queries
from helpline.privacy.models import AuditEntry
from tests import factories
from tests.cast import ASHA, KAVITA, MEERA, RAVI
from tests.support.clock import Clock
from tests.support.web import Client, form_of
from tests.web.page import Page

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])
HOURS, EXCEPTIONS = "/admin/hours", "/admin/hours/exceptions"


@pytest.fixture(autouse=True)
def _admin(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.staff(MEERA)
    factories.opening_hours(("10:00", "18:00"))
    client.sign_in(MEERA)


def press(client: Client, page: TestResponse, path: str, button: str, **typed: Any) -> TestResponse:
    """Presses a button of a form, and goes where it leads."""
    form = next(
        f for f in _forms(page) if f.action.partition("#")[0] == path and f.method == "post"
    )
    return client.submit(form.fill(do=button, **typed), follow=True)


def _forms(page: TestResponse) -> list[Any]:
    from tests.support.web import forms_of

    return forms_of(page)


def deeds() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(AuditEntry.deed).order_by(AuditEntry.id)))


def visitor_sees(client: Client, path: str = "/") -> str:
    return Page(client.get(path).text).text


def test_a_week_is_put_together_with_buttons_and_nothing_is_saved_before_it_is(
    app: Flask, client: Client
) -> None:
    before = deeds()
    page = press(client, client.get(HOURS), HOURS, "add:mon", **{"tue-0-opens": "09:15"})
    assert Page(page.text).form(HOURS)["tue-0-opens"] == "09:15", "what was typed is kept"
    typed = {"mon-1-opens": "20:00", "mon-1-closes": "02:00", "copy-mon": ["sat", "sun"]}
    page = press(client, page, HOURS, "copy:mon", **typed)
    page = press(client, page, HOURS, "close:wed")
    page = press(client, page, HOURS, "remove:thu:0")
    page = press(client, page, HOURS, "draft", **{"mon-0-closes": "16"})
    assert page.status_code == 200
    assert "Your changes have errors" in Page(page.text).text
    page = press(client, page, HOURS, "draft", **{"mon-0-closes": "17:00"})
    shown = Page(page.text)
    form = shown.form(HOURS)
    assert (form["sun-1-opens"], form["sun-1-closes"]) == ("20:00", "02:00")
    assert "wed-0-opens" not in form
    preview = shown.the("aside", cls="preview").text
    assert "Open now, until 5:00 PM" in preview
    assert "Tonight at 10:00 PM Open until tomorrow at 2:00 AM." in preview
    days = [each.text for each in shown.all("li") if each.inside(shown.the("ol", cls="two-weeks"))]
    assert len(days) == 14
    assert days[0] == "Today until 2:00 AM, 10:00 AM - 5:00 PM, 8:00 PM - 2:00 AM new"
    assert days[1] == "Tomorrow until 2:00 AM, 9:15 AM - 6:00 PM new"
    assert days[2] == "Wed 25 Nov closed new"
    assert days[4] == "Fri 27 Nov 10:00 AM - 6:00 PM"
    assert "Open now, until 6:00 PM" in visitor_sees(client)
    assert deeds() == before
    saved = press(client, page, HOURS, "save")
    assert "Saved. The new hours apply now." in saved.text
    assert "Open now, until 5:00 PM" in visitor_sees(client)


def test_hours_from_a_date_on_are_planned_changed_and_taken_back(
    app: Flask, client: Client, at: Clock
) -> None:
    typed = {"since": "date", "since-date": "2026-11-23"}
    answer = press(client, client.get(HOURS), HOURS, "save", **typed)
    assert Page(answer.text).the(id="since-date-error")
    typed = {f"{day}-0-{end}": time for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
             for end, time in (("opens", "09:00"), ("closes", "20:00"))}  # fmt: skip
    page = press(client, answer, HOURS, "draft", **typed, **{"since-date": "2027-04-01"})
    preview = Page(page.text).the("aside", cls="preview").text
    assert "14 days from Thursday 1 April 2027 Thu 1 Apr 9:00 AM - 8:00 PM new" in preview
    page = press(client, page, HOURS, "save")
    assert "will apply automatically from their start date" in page.text
    later = Page(page.text).the("section", cls="later").text
    assert "From Thursday 1 April 2027 Mon - Sun 09:00-20:00" in later
    edit = client.get(HOURS + "?from=2027-04-01")
    assert Page(edit.text).form(HOURS)["since-date"] == "2027-04-01"
    press(client, edit, HOURS, "save", **{"sun-0-opens": "", "sun-0-closes": ""})
    assert "Open now, until 6:00 PM" in visitor_sees(client)
    at("2027-04-01 19:00")
    assert "Open now, until 8:00 PM" in visitor_sees(client)
    at("2026-11-23 11:30")
    path = "/admin/hours/later/2027-04-01/take-back"
    page = client.submit(form_of(client.get(HOURS), path), follow=True)
    assert "Scheduled hours removed." in page.text
    assert client.submit(form_of(edit, path)).status_code == 404
    assert deeds()[-3:] == ["hours_planned", "hours_planned", "hours_taken_back"]


def test_exceptions_are_told_to_visitors_in_their_language(app: Flask, client: Client) -> None:
    page = press(client, client.get(EXCEPTIONS), EXCEPTIONS, "save")
    assert page.status_code == 422
    for field in ("kind", "first"):
        assert Page(page.text).the(id=f"{field}-error").text
    typed = {"first": "2026-11-26", "kind": "closed", "reason-en": "Diwali", "reason-hi": "दिवाली"}
    page = press(client, page, EXCEPTIONS, "draft", **typed)
    assert "Thu 26 Nov closed · Diwali new" in Page(page.text).the("ol", cls="two-weeks").text
    page = press(client, page, EXCEPTIONS, "save")
    assert "Closed on Thursday 26 November: Diwali" in Page(page.text).text
    assert "Closed on Thursday 26 November: Diwali" in visitor_sees(client)
    assert "दिवाली" in visitor_sees(client, "/hi/")
    answer = press(client, page, EXCEPTIONS, "save", first="2026-11-25", last="2026-11-27",
                   kind="hours", **{"time-0-opens": "12:00", "time-0-closes": "14:00"})  # fmt: skip
    assert answer.status_code == 422
    assert "This date already has an exception" in Page(answer.text).text
    page = press(client, answer, EXCEPTIONS, "add", last="")
    page = press(client, page, EXCEPTIONS, "save",
                 **{"time-1-opens": "15:00", "time-1-closes": "16:00"})  # fmt: skip
    told = "Open on Wednesday 25 November, 12:00 PM - 2:00 PM and 3:00 PM - 4:00 PM"
    assert told in Page(page.text).text
    edit = client.get(EXCEPTIONS + "/1")
    page = press(client, edit, EXCEPTIONS + "/1", "save", kind="part", last="2026-11-28",
                 **{"time-0-opens": "10:00", "time-0-closes": "11:30"})  # fmt: skip
    told = "Closed from Thursday 26 November to Saturday 28 November, 10:00 AM - 11:30 AM: Diwali"
    assert told in Page(page.text).text
    page = client.submit(form_of(page, EXCEPTIONS + "/2/remove"), follow=True)
    assert "Open on Wednesday" not in Page(page.text).text
    assert client.get(EXCEPTIONS + "/2").status_code == 404
    assert deeds()[-4:] == [
        "exception_added", "exception_added", "exception_changed", "exception_removed"
    ]  # fmt: skip


def test_public_holidays_are_ticked_one_by_one(app: Flask, client: Client) -> None:
    path = "/admin/hours/holidays"
    page = client.get(f"{path}?country=IN&state=MH&year=2027")
    shown = Page(page.text)
    days = [*shown.all("input", name="day"), *shown.all("input", name="special")]
    assert days and not any("checked" in each.attrs for each in days), "none is ticked for anybody"
    assert "Republic Day" in shown.text
    form = next(each for each in _forms(page) if each.method == "post" and each.action == path)
    assert client.submit(form).status_code == 422
    page = client.submit(form.fill(day=["2027-01-26", "2027-01-27"]), follow=True)
    assert "Closed on Tuesday 26 January 2027: Republic Day" in Page(page.text).text
    (kept,) = queries.plan(db.session()).exceptions
    assert kept.reasons["hi"] == "गणतंत्र दिवस"
    again = Page(client.get(f"{path}?country=IN&state=MH&year=2027").text)
    assert "Already an exception: Closed on Tuesday 26 January 2027" in again.text
    assert "No public holidays are known there" in client.get(f"{path}?country=XX").text


HOLIDAYS = f"{HOURS}/holidays"


def holiday_form(page: TestResponse) -> Any:
    return next(each for each in _forms(page) if each.method == "post" and each.action == HOLIDAYS)


def test_an_estimated_holiday_is_noted_for_admins_and_not_for_visitors(
    client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    page = client.get(f"{HOLIDAYS}?country=IN&state=MH&year=2027")
    shown = Page(page.text).text
    assert "This date is an estimate. Check it again on Wednesday 24 February 2027." in shown
    assert "(estimated)" not in shown
    client.submit(holiday_form(page).fill(day=["2027-03-10"]))
    (kept,) = queries.plan(db.session()).exceptions
    assert kept.reasons == {"en": "Id-ul-Fitr", "hi": "ईद-उल-फितर"}
    at("2027-03-05 11:00")
    later = new_client()
    later.sign_in(MEERA)
    listed = Page(later.get(EXCEPTIONS).text).text
    assert "Id-ul-Fitr This date is an estimate. Check it now." in listed
    assert "estimate" not in visitor_sees(new_client())
    assert "अनुमानित" not in new_client().get("/?lang=hi").text
    assert "Id-ul-Fitr" in visitor_sees(new_client())


def test_categories_of_holidays_are_chosen_and_days_get_special_hours(client: Client) -> None:
    path = f"{HOLIDAYS}?country=IN&year=2026"
    usual = Page(client.get(path).text).text
    assert "Optional holidays" in usual and "Thursday 24 December" not in usual
    page = client.get(f"{path}&category=public&category=optional")
    assert "Christmas Eve" in Page(page.text).text
    both = client.submit(holiday_form(page).fill(day=["2026-12-25"], special=["2026-12-25"],
                                                 opens="10:00", closes="14:00"))  # fmt: skip
    assert both.status_code == 422
    assert "For each day, select either closed or special hours, not both." in both.text
    wrong = client.submit(holiday_form(page).fill(special=["2026-12-24"], opens="ten"))
    assert wrong.status_code == 422
    assert Page(wrong.text).the("input", id="opens").attrs["value"] == "ten"
    assert "checked" in Page(wrong.text).the("input", id="special-2026-12-24").attrs
    saved = client.submit(
        holiday_form(wrong).fill(opens="10:00", closes="14:00", day=["2026-12-25"]), follow=True
    )
    assert "Saved." in saved.text
    told = {str(each.first): each for each in queries.plan(db.session()).exceptions}
    assert [str(each) for each in told["2026-12-24"].intervals] == ["10:00-14:00"]
    assert told["2026-12-25"].intervals == ()
    assert told["2026-12-24"].holiday is not None
    assert told["2026-12-24"].holiday.category == "optional"


@pytest.fixture
def no_lists_kept() -> Iterator[None]:
    yield
    public_holidays._holidays_of_category.cache_clear()


@pytest.mark.usefixtures("no_lists_kept")
def test_an_admin_is_told_when_a_holiday_has_moved(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = client.get(f"{HOLIDAYS}?country=IN&state=MH&year=2027")
    client.submit(holiday_form(page).fill(day=["2027-03-10", "2027-08-15", "2027-05-01"]))
    for path in (EXCEPTIONS, "/admin/"):
        assert "is now expected on" not in client.get(path).text
    newer = {
        date(2027, 3, 11): "Id-ul-Fitr (estimated)",
        date(2027, 8, 15): "Independence Day",
        date(2027, 8, 16): "Milad-un-Nabi (estimated)",
    }
    _with_other_dates(monkeypatch, newer)
    for path in (EXCEPTIONS, "/admin/"):
        words = Page(client.get(path).text).text
        assert (
            "Id-ul-Fitr is now expected on Thursday 11 March 2027. "
            "Your exception is on Wednesday 10 March 2027."
        ) in words
        assert "Milad-un-Nabi is now expected on Monday 16 August 2027." in words
        assert "Maharashtra Day on Saturday 1 May 2027 is no longer in the list" in words
        assert "Independence Day is now" not in words
    # Whoever moves the exception has done what there was to do.
    number = queries.plan(db.session()).exceptions[0].number
    edited = client.get(f"{EXCEPTIONS}/{number}")
    client.submit(form_of(edited, f"exceptions/{number}"), first="2027-03-11", do="save")
    assert "Id-ul-Fitr is now expected" not in client.get(EXCEPTIONS).text


def _with_other_dates(monkeypatch: pytest.MonkeyPatch, dates: dict[date, str]) -> None:
    """Another release of the package, with other dates."""

    def country_holidays(_country: str, *, years: int, language: str, **_chosen: Any) -> Any:
        listed = holidays.HolidayBase()
        listed.estimated_label, listed.tr = "%s (estimated)", lambda name: name
        for day, name in dates.items():
            if day.year == years and language.startswith("en"):
                listed[day] = name
        return listed

    public_holidays._holidays_of_category.cache_clear()
    monkeypatch.setattr(holidays, "country_holidays", country_holidays)


def test_the_red_switch_closes_at_once_and_opens_again(
    app: Flask, client: Client, new_client: Callable[[], Client]
) -> None:
    factories.staff(ASHA)
    factories.staff(RAVI, roles=("supervisor",))
    supervisor = new_client()
    home = supervisor.sign_in_to_page(RAVI)
    assert "/admin/hours/closed-now" in home.text, "two steps from wherever one is"
    path = "/admin/hours/closed-now"
    page = supervisor.get(path)
    wrong = supervisor.submit(form_of(page, path), until="time", **{"until-time": "10:30"})
    assert wrong.status_code == 422
    typed = {"until": "time", "until-time": "16:00", "reason-en": "The power is cut."}
    page = supervisor.submit(form_of(page, path), follow=True, **typed)
    assert "Closed until 4:00 PM" in Page(page.text).text
    seen = visitor_sees(new_client())
    assert seen.index("You can call these numbers now") < seen.index("The power is cut.")
    assert ", at 4:00 PM" in seen
    assert "Emergency closure until 4:00 PM." in Page(client.get("/admin/").text).text
    page = supervisor.submit(form_of(page, "/open-again"), follow=True)
    assert "The helpline follows its opening hours again." in page.text
    assert "Open now, until 6:00 PM" in visitor_sees(new_client())
    assert deeds()[-2:] == ["closed_now", "opened_again"]
    assert supervisor.get(HOURS).status_code == 403


def test_booked_calls_are_shown_before_they_are_moved(
    app: Flask, client: Client, new_client: Callable[[], Client]
) -> None:
    token = factories.link(KAVITA, slot_at=factories.slot("17:00"))
    typed = {f"{day}-0-closes": "16:00" for day in ("mon", "tue")}
    asked = press(client, client.get(HOURS), HOURS, "save", **typed)
    assert asked.status_code == 409
    shown = Page(asked.text)
    assert "1 booked call is outside the new hours" in shown.text
    assert "Booked for today at 5:00 PM. New time: tomorrow at 10:00 AM." in shown.text
    assert "Kavita" not in shown.text
    assert "98765" not in shown.text
    assert Page(press(client, asked, HOURS, "draft").text).form(HOURS)["mon-0-closes"] == "16:00"
    assert factories.by_token(token).slot_at == factories.slot("17:00"), "nothing is saved"
    done = press(client, asked, HOURS, "save")
    assert "Saved. The new hours apply now. 1 booked call was moved." in done.text
    assert "We had to change the time" in visitor_sees(new_client(), f"/request/{token}")


def test_a_save_over_anothers_is_shown_side_by_side_on_every_page(
    app: Flask, client: Client
) -> None:
    opened = {path: client.get(path) for path in (EXCEPTIONS, "/admin/hours/closed-now")}
    factories.opening_hours(("09:00", "17:00"), admin=MEERA)
    typed = {"first": "2026-11-26", "kind": "closed"}
    page = press(client, opened[EXCEPTIONS], EXCEPTIONS, "save", **typed)
    assert page.status_code == 409
    assert "Meera saved different hours" in Page(page.text).text
    assert "Closed on Thursday 26 November" in Page(page.text).the("table", cls="compare").text
    page = press(client, page, EXCEPTIONS, "save")
    assert "Saved." in page.text
    late = client.submit(form_of(opened["/admin/hours/closed-now"], "closed-now"), until="1h")
    assert late.status_code == 409
    page = client.submit(form_of(late, "closed-now"), follow=True)
    assert "Closed until 12:00 PM" in Page(page.text).text
    found = queries.plan(db.session())
    assert [each.opens for each in found.week.days[0]] == ["09:00"], "theirs is kept"
    assert len(found.exceptions) == 1


def test_other_programs_give_and_take(app: Flask, client: Client) -> None:
    path = "/admin/hours/exchange"
    told = client.get(f"{path}/opening-hours.txt")
    assert told.text == "Mo-Su 10:00-18:00\n"
    found = json.loads(client.get(f"{path}/opening-hours.json").text)
    assert found["openingHoursSpecification"][0]["opens"] == "10:00:00"
    assert client.get(f"{path}/else").status_code == 404
    page = press(client, client.get(path), path, "draft", text="Mo-Fr 9:00-20:00; Sa sunset-23:00")
    assert page.status_code == 422
    assert "sunset-23:00" in Page(page.text).the(id="text-error").text
    text = "Mo-Su 10:00-18:00; 2026 Dec 01-2028 Jan 31 off"
    page = press(client, page, path, "draft", text=text)
    assert page.status_code == 422 and text in page.text
    assert "at most one year" in Page(page.text).the(id="text-error").text
    text = 'Mo-Fr 09:00-20:00; Sa 22:00-02:00; 2026 Dec 24-26 off "Christmas"; PH off'
    page = press(client, page, path, "draft", text=text)
    shown = Page(page.text)
    assert "Saturday 10:00-18:00 22:00-02:00" in shown.the("table", cls="compare").text
    assert "The imported hours say closed on public holidays." in shown.text
    assert "Other programs may read this differently" not in shown.text
    form = next(each for each in _forms(page) if each.fields.get("text") == [text])
    page = client.submit(form.fill(do="save"), follow=True)
    assert "Saved." in page.text
    assert client.get(f"{path}/opening-hours.txt").text.strip() == (
        'Mo-Fr 09:00-20:00; Sa 22:00-24:00; Su 00:00-02:00; 2026 Dec 24-26 off "Christmas"; '
        "2026 Dec 27 00:00-02:00"
    )
    assert "Open now, until 8:00 PM" in visitor_sees(client)
