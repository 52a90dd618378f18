"""Who is texted when someone waits and no advisor is available, and before a shift."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import dispatch_pause
from helpline.calls import advisor_actions, daily_budget, staff_alerts
from helpline.calls.supervision import help_requests
from helpline.db import db, transaction
from helpline.domain.sms_progress import SmsKind
from helpline.messaging import sms
from helpline.messaging.models import OutboundSms
from helpline.policy import service_profile
from helpline.policy.service_profile import ServiceProfile
from helpline.privacy.encryption import phone_hash
from helpline.privacy.models import AuditEntry
from helpline.staff import service as accounts
from helpline.staff.models import PresenceState
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, MEERA, RAVI, Member
from tests.inbound.caller import Caller
from tests.invariants.together import at_once
from tests.messaging.fixtures import look, tells, texts_out, work
from tests.phonesim.fixtures import Sim
from tests.staff.fixtures import MONDAY, off, shift
from tests.support.clock import Clock
from tests.support.web import Client

ONCE = pytest.mark.parametrize("database_kind", ["sqlite"])
DUTY = "+919812399999"
WORDS = "Someone is waiting and no one is available. Please sign in if you can."
ALERTED = "We have sent our team a text message."
ALERTED_IN_HINDI = "हमने अपनी टीम को मैसेज भेज दिया है।"


@pytest.fixture(autouse=True)
def morning(app: Flask, at: Clock) -> None:
    """Asha and Ravi are on shift from 10 to 18, and Asha wants alerts."""
    at("2026-11-23 09:00")
    for member in (ASHA, RAVI):
        shift(member)
    wants(ASHA, alerts=True)
    factories.policy(duty_phone=DUTY)
    at("2026-11-23 11:00")


def wants(member: Member, *, alerts: bool = False, reminders: bool = False) -> None:
    accounts.set_text_choices(factories.staff(member).id, alerts=alerts, reminders=reminders)


def tick() -> bool:
    return staff_alerts.alert_staff(now=clock.now())


def minutes_pass(at: Clock, minutes: float) -> None:
    """The worker looks every few seconds; here twice a minute."""
    for _ in range(int(minutes * 2)):
        at.later(seconds=30)
        tick()


def alerted() -> list[str | None]:
    return [text.phone for text in texts_out() if text.kind == SmsKind.STAFF_WAITING]


def test_advisors_on_shift_are_texted_within_two_minutes_then_the_duty_phone(at: Clock) -> None:
    tick()
    factories.callback(KAVITA)
    tick()
    assert alerted() == [], "an advisor may be about to sign in"
    minutes_pass(at, 1.5)
    assert alerted() == [ASHA.phone], "Ravi did not ask for alerts"
    minutes_pass(at, 4)
    assert alerted() == [ASHA.phone]
    minutes_pass(at, 1.5)
    assert alerted() == [ASHA.phone, DUTY]
    minutes_pass(at, 60)
    assert alerted() == [ASHA.phone, DUTY], "once, however long they wait"
    assert [text.words for text in texts_out()] == [WORDS, WORDS]
    assert all(text.callback_id is None and text.phone_hash is None for text in texts_out())


def test_the_duty_phone_is_texted_at_once_where_nobody_on_shift_can_be(at: Clock) -> None:
    off(factories.staff(ASHA).id, MONDAY)
    factories.callback(KAVITA)
    minutes_pass(at, 2)
    assert alerted() == [DUTY]


def test_it_is_quiet_while_an_advisor_is_available_and_begins_anew_after(at: Clock) -> None:
    factories.callback(KAVITA)
    ravi = factories.staff(RAVI).id
    accounts.set_presence(ravi, PresenceState.AVAILABLE, now=clock.now())
    minutes_pass(at, 0.5)
    assert alerted() == []
    accounts.set_presence(ravi, PresenceState.AWAY, now=clock.now())
    minutes_pass(at, 1)
    accounts.set_presence(ravi, PresenceState.AVAILABLE, now=clock.now())
    tick()
    accounts.set_presence(ravi, PresenceState.AWAY, now=clock.now())
    minutes_pass(at, 1)
    assert alerted() == [], "each time without an advisor has its own minute"
    minutes_pass(at, 0.5)
    assert alerted() == [ASHA.phone]
    accounts.set_presence(ravi, PresenceState.AVAILABLE, now=clock.now())
    tick()
    assert alerted() == [None], "an alert that is no longer true is not sent"
    accounts.set_presence(ravi, PresenceState.AWAY, now=clock.now())
    minutes_pass(at, 2)
    assert alerted() == [None, ASHA.phone]


@ONCE
def test_advisors_are_texted_once_text_messages_are_on_again(at: Clock) -> None:
    profile, admin = ServiceProfile({}, "", ("en",)), factories.staff(MEERA).id
    factories.callback(KAVITA)
    for version, on in enumerate((False, True)):
        service_profile.save(
            replace(profile, sends_texts=on),
            before=profile,
            expected_version=version,
            admin_id=admin,
            now=clock.now(),
        )
        assert alerted() == []
        minutes_pass(at, 3)
    assert alerted() == [ASHA.phone]


@ONCE
def test_nobody_is_texted_while_closed_or_paused_or_without_a_due_callback(at: Clock) -> None:
    factories.callback(KAVITA, slot_at=factories.slot("17:30"))
    minutes_pass(at, 3)
    assert alerted() == [], "booked for later"
    at("2026-11-23 17:59")
    minutes_pass(at, 0.5)
    assert alerted() == []
    minutes_pass(at, 1.5)
    assert alerted() == [], "it has closed"
    at("2026-11-24 09:58")
    minutes_pass(at, 2)
    assert alerted() == [], "it opens this minute"
    minutes_pass(at, 1)
    assert alerted() == [ASHA.phone]
    dispatch_pause.pause(
        timedelta(minutes=30), "Drill", supervisor_id=factories.staff(MEERA).id, now=clock.now()
    )
    minutes_pass(at, 20)
    assert DUTY not in alerted()


@ONCE
@pytest.mark.settings(texts_enabled=False)
def test_nobody_is_texted_where_text_messages_are_off(at: Clock, client: Client) -> None:
    token = factories.link(KAVITA)
    wants(ASHA, alerts=True, reminders=True)
    minutes_pass(at, 20)
    assert not staff_alerts.remind_of_shifts(now=clock.now())
    assert texts_out() == []
    assert ALERTED not in client.get(f"/request/{token}").text
    client.sign_in(ASHA)
    assert "Alert me on shift" not in client.get("/you").text


@ONCE
@pytest.mark.settings(texts_enabled=False)
def test_staff_are_texted_of_a_wait_that_began_while_text_messages_were_off(
    at: Clock, client: Client
) -> None:
    factories.callback(KAVITA)
    minutes_pass(at, 20)
    factories.staff(MEERA)
    client.sign_in(MEERA)
    form = client.get("/admin/service")
    client.submit(form, "/admin/service", sends_texts="yes", **{"names-en": "Line"})
    minutes_pass(at, 6)
    assert alerted() == [ASHA.phone, DUTY]


@ONCE
def test_who_sent_stop_is_not_texted_and_the_next_one_is(at: Clock) -> None:
    with transaction() as session:
        sms.opt_out(session, phone_hash(ASHA.phone or ""), now=clock.now())
    factories.callback(KAVITA)
    minutes_pass(at, 2)
    assert alerted() == [DUTY]


def test_several_workers_text_each_phone_once(app: Flask, at: Clock) -> None:
    wants(RAVI, alerts=True, reminders=True)
    factories.callback(KAVITA)
    for passed in (timedelta(), timedelta(minutes=1), timedelta(minutes=6), timedelta(minutes=6)):
        at.later(seconds=passed.total_seconds())
        at_once(app, [partial(staff_alerts.alert_staff, now=clock.now())] * 4)
    assert sorted(map(str, alerted())) == sorted(map(str, (ASHA.phone, RAVI.phone, DUTY)))
    at("2026-11-24 09:45")
    at_once(app, [partial(staff_alerts.remind_of_shifts, now=clock.now())] * 4)
    assert [text.kind for text in texts_out()].count(SmsKind.SHIFT_STARTS) == 1


@ONCE
def test_visitors_and_callers_are_told_of_an_alert_only_once_it_was_sent(
    app: Flask, client: Client, new_client: Callable[[], Client], at: Clock, sim: Sim
) -> None:
    token = factories.link(KAVITA)

    def told() -> list[bool]:
        caller = Caller(client, ARJUN.phone).ring().press("1")
        assert "No advisor is available right now." in caller.heard
        visitor = new_client()
        hindi = ALERTED_IN_HINDI in visitor.get(f"/hi/request/{token}").text
        pages = [ALERTED in visitor.get(path).text for path in (f"/request/{token}", "/")]
        return [hindi, *pages, ALERTED in caller.heard]

    minutes_pass(at, 2)
    assert told() == [False] * 4, "nothing has been sent yet"
    work(app)
    [message] = sim.get("/messages")["messages"]
    assert (message["to"], message["body"]) == (ASHA.phone, WORDS)
    assert told() == [True] * 4
    [text] = texts_out()
    assert (text.phone, text.words) == (None, None), "no number is kept once it is sent"
    assert tells(client, text, "undelivered", text.carrier_id or "", 30003) == 204
    assert told() == [False] * 4, "it did not arrive"
    assert daily_budget.spent_cents(db.session(), clock.now()) == 0
    accounts.record_desk_seen(factories.staff(RAVI).id, now=clock.now())
    tick()
    assert ALERTED not in new_client().get(f"/request/{token}").text


@ONCE
def test_an_admin_decides_when_advisors_are_alerted(at: Clock) -> None:
    factories.policy(alert_after_minutes=10)
    factories.callback(KAVITA)
    minutes_pass(at, 9)
    assert alerted() == []
    minutes_pass(at, 1.5)
    assert alerted() == [ASHA.phone]


def test_the_duty_phone_hears_once_of_what_no_supervisor_is_there_to_see(
    app: Flask, new_client: Callable[[], Client], at: Clock
) -> None:
    def phones() -> list[str | None]:
        for _ in range(2):
            at_once(app, [partial(staff_alerts.alert_of_emergencies, now=clock.now())] * 2)
        return [text.phone for text in texts_out() if text.kind == SmsKind.STAFF_NEEDED]

    meera = new_client()
    meera.sign_in(MEERA)
    asha_id, held = factories.staff(ASHA).id, factories.claimed(ASHA)
    advisor_actions.mark_emergency(held.id, asha_id, now=clock.now())
    assert phones() == [], "an admin is signed in"
    at.later(minutes=16)
    help_requests.ask(asha_id, now=clock.now())
    assert phones() == [DUTY]
    [text] = texts_out()
    assert text.words == "A colleague needs you now and no one else is there. Please sign in."
    help_requests.withdraw(asha_id, now=clock.now())
    factories.policy(emergency_texts=False)
    help_requests.ask(asha_id, now=clock.now())
    assert phones() == [DUTY], "an admin turned these alerts off"


@ONCE
def test_advisors_are_reminded_once_before_a_shift_in_opening_hours(app: Flask, at: Clock) -> None:
    wants(ASHA, reminders=True)

    def remind(wall: str) -> list[str | None]:
        at(wall)
        while staff_alerts.remind_of_shifts(now=clock.now()):
            pass
        return [text.words for text in texts_out() if text.kind == SmsKind.SHIFT_STARTS]

    assert remind("2026-11-24 09:29") == []
    words = "Your shift starts on Tue 24 Nov, 10:00 AM."
    assert remind("2026-11-24 09:30") == [words]
    assert remind("2026-11-24 09:59") == [words]
    assert remind("2026-11-24 10:00") == [words]
    at("2026-11-24 11:00")
    factories.policy(shift_reminder_minutes=0)
    assert remind("2026-11-25 09:45") == [words], "an admin turned them off"
    factories.policy(shift_reminder_minutes=60)
    factories.opening_hours()
    assert remind("2026-11-25 09:46") == [words], "the helpline is closed that day"


@ONCE
def test_a_lost_reminder_is_dropped_when_the_shift_begins(app: Flask, at: Clock, sim: Sim) -> None:
    wants(ASHA, reminders=True)
    at("2026-11-24 09:45")
    assert staff_alerts.remind_of_shifts(now=clock.now())
    at("2026-11-24 10:00")
    work(app)
    assert sim.get("/messages")["messages"] == []
    assert not look(app)
    [text] = texts_out()
    assert (text.status, text.phone) == ("not_sent", None)


@ONCE
def test_an_admin_sets_the_duty_phone_which_is_stored_encrypted_and_never_audited(
    client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    client.sign_in(MEERA)
    page = client.get("/admin/alerts")
    assert DUTY in page.text
    wrong = client.submit(page, "/alerts", duty_phone="12", duty_after_minutes="0")
    assert wrong.status_code == 422
    assert 'value="12"' in wrong.text
    assert "Enter a whole number from 1 to 120." in wrong.text
    other = "+919812388888"
    assert client.submit(page, "/alerts", duty_phone=other).status_code == 303
    stale = client.submit(page, "/alerts", duty_phone="", shift_reminder_minutes="15")
    assert stale.status_code == 409
    assert other in stale.text
    raw = db.session.execute(sa.text("SELECT duty_phone FROM service_policy")).scalar_one()
    assert other[3:] not in raw
    db.session.rollback()
    entry = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.deed == "alerts_changed")
    ).one()
    assert other not in str(entry.detail)
    assert "changed" in str(entry.detail)


@ONCE
def test_an_advisor_chooses_what_they_are_texted(client: Client, at: Clock) -> None:
    client.sign_in(RAVI)
    page = client.get("/you")
    client.submit(page, "/you/texts", alerts="yes")
    accounts.set_presence(factories.staff(RAVI).id, PresenceState.AWAY, now=clock.now())
    factories.callback(KAVITA)
    minutes_pass(at, 2)
    assert alerted() == [ASHA.phone, RAVI.phone]
    accounts.set_page_language(factories.staff(RAVI).id, "hi")
    accounts.set_presence(factories.staff(RAVI).id, PresenceState.AVAILABLE, now=clock.now())
    tick()
    accounts.set_presence(factories.staff(RAVI).id, PresenceState.AWAY, now=clock.now())
    minutes_pass(at, 2)
    assert [text.words == WORDS for text in texts_out()][2:] == [True, False], "in their language"
    client.submit(client.get("/you"), "/you/texts", alerts=None)
    db.session.rollback()
    assert not factories.staff(RAVI).alert_texts


@ONCE
def test_a_failed_alert_is_listed_without_a_callback(
    app: Flask, client: Client, new_client: Callable[[], Client], at: Clock, sim: Sim
) -> None:
    factories.callback(KAVITA)
    minutes_pass(at, 2)
    work(app)
    [text] = db.session.scalars(sa.select(OutboundSms))
    tells(client, text, "undelivered", text.carrier_id or "", 30003)
    supervisor = new_client()
    supervisor.sign_in(MEERA)
    page = supervisor.get("/floor/texts").text
    assert "Alert to staff" in page
    assert "callback None" not in page
