"""What people text that is no command: a supervisor reads it, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.db import db, transaction
from helpline.messaging import unread_sms
from helpline.messaging.models import InboundSms
from helpline.privacy import erasure_tables
from helpline.privacy.models import AuditEntry
from helpline.privacy.pii_inventory import VISITOR_GROUPS, Group, columns_of_groups
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, VIKRAM, Member
from tests.messaging.fixtures import hash_of, new_sid, write
from tests.support.clock import Clock
from tests.support.web import Client

BODY = "I can't sleep & <nobody> knows\nनींद नहीं आती"
PAGE = "/floor/texts/unread"


@pytest.fixture
def supervisor(new_client: Callable[[], Client], at: Clock) -> Client:
    """A supervisor who is signed in."""
    at("2026-11-23 11:00")
    factories.staff(SUPERVISOR)
    browser = new_client()
    browser.sign_in(SUPERVISOR)
    return browser


SUPERVISOR: Member = VIKRAM


def words() -> list[str | None]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(InboundSms.words)))


def test_a_text_is_read_once_and_the_audit_log_says_by_whom(
    client: Client, supervisor: Client
) -> None:
    sid = new_sid()
    write(client, BODY, ARJUN, sid=sid)
    assert words() == [BODY]
    assert "1 unread text" in supervisor.get("/floor/").text
    page = supervisor.get(PAGE)
    assert "sleep" not in page.text
    shown = supervisor.submit(page, f"{PAGE}/")
    assert "I can&#39;t sleep &amp; &lt;nobody&gt; knows\nनींद नहीं आती" in shown.text
    assert "no-store" in shown.headers["Cache-Control"]
    assert words() == [None]
    (entry,) = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.deed == "unread_text_shown")
    )
    assert entry.actor == f"staff:{factories.staff(SUPERVISOR).id}"
    assert "sleep" not in entry.subject
    again = supervisor.submit(page, f"{PAGE}/")
    assert (again.status_code, "already been read" in again.text) == (409, True)
    assert "There are no unread text messages." in supervisor.get(PAGE).text


def test_who_waits_for_a_call_is_named_by_the_callback(client: Client, supervisor: Client) -> None:
    callback = factories.callback(KAVITA)
    write(client, BODY, KAVITA)
    shown = supervisor.submit(supervisor.get(PAGE), f"{PAGE}/")
    assert f"callback {callback.id}" in shown.text
    assert KAVITA.phone not in shown.text


def test_an_advisor_reads_none(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    write(client, BODY, ARJUN)
    factories.staff(ASHA)
    client.sign_in(ASHA)
    assert client.get(PAGE).status_code == 403
    with transaction() as session:
        (text,) = unread_sms.list_unread(session)
    assert client.post(f"{PAGE}/{text.carrier_id}").status_code in (400, 403)
    assert words() == [BODY]


def test_a_text_told_twice_is_kept_once(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    sid = new_sid()
    write(client, BODY, ARJUN, sid=sid)
    unread_sms.read_once(sid, staff_id=factories.staff(SUPERVISOR).id, now=clock.now())
    write(client, BODY, ARJUN, sid=sid)
    assert words() == [None]


def test_two_programs_that_answer_each_other_fill_no_page(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    for _ in range(63):
        write(client, BODY, ARJUN)
    assert len([each for each in words() if each]) == 60


def test_a_sender_on_whatsapp_is_answered_and_read(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    for channel in ("whatsapp", "rcs"):
        assert "112" in (write(client, BODY, From=f"{channel}:{ARJUN.phone}") or "")
    assert words() == [BODY, BODY]


@pytest.mark.parametrize("group", [Group.NOTES, Group.CALLER])
def test_what_nobody_read_is_erased_with_whichever_goes_first(
    client: Client, at: Clock, group: Group
) -> None:
    at("2026-11-23 11:00")
    write(client, BODY, ARJUN)
    (columns,) = (each for each in columns_of_groups((group,)) if each.table == "text_in")

    def erase(before: datetime) -> None:
        ids = erasure_tables.find_older(db.session(), columns, before, after=None, limit=10)
        with transaction() as session:
            erasure_tables.erase_older(session, {columns: ids}, before, now=clock.now())

    erase(clock.now() - timedelta(days=1))
    assert words() == [BODY]
    erase(clock.now())
    assert words() == [None]


def test_erasing_a_number_erases_what_it_texted(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    write(client, BODY, ARJUN)
    with transaction() as session:
        erasure_tables.erase_number(session, hash_of(ARJUN), VISITOR_GROUPS, now=clock.now())
    assert words() == [None]
