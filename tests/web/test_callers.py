"""What staff do for somebody who calls in: who may, what they see, what is on record."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import claims
from helpline.callbacks.models import Callback, Channel
from helpline.callbacks.phone_limits import checks
from helpline.db import db
from helpline.domain.lifecycle import Status
from helpline.domain.references import shown
from helpline.privacy.models import AuditEntry
from helpline.staff import service as staff_service
from helpline.staff.models import PresenceState
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, MEERA, VIKRAM, Member
from tests.support.clock import Clock
from tests.support.web import Client, form_of
from tests.web.page import Page

OPEN = "2026-11-23 12:00"

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


def sign_in(client: Client, member: Member = ASHA) -> int:
    """Sign somebody in, an advisor with their desk open."""
    staff_id = factories.staff(member).id
    client.sign_in(member)
    if "advisor" in member.roles:
        staff_service.set_presence(staff_id, PresenceState.AVAILABLE, now=clock.now())
    return staff_id


def look_up(client: Client, who: str, purpose: str = "cancel") -> str:
    """Look somebody up; the page that comes back."""
    return client.submit(client.get("/callers/"), "/callers/", who=who, purpose=purpose).text


def act(client: Client, page: str, **fields: str) -> Page:
    """Send the form of a request; the page to which it leads."""
    form = form_of(type("Shown", (), {"text": page})(), "/request/act")  # type: ignore[arg-type]
    return Page(client.submit(form, follow=True, **fields).text)


def entries(action: str) -> list[tuple[str, str, dict[str, object]]]:
    """The audit entries of an action: by whom, on what, in detail."""
    rows = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.deed == action))
    return [(row.actor, row.subject, row.detail) for row in rows]


@pytest.mark.parametrize("member", [ASHA, VIKRAM], ids=["advisor", "supervisor"])
def test_a_request_is_found_by_reference_and_cancelled_on_record(
    app: Flask, client: Client, at: Clock, member: Member
) -> None:
    at(OPEN)
    token = factories.link(KAVITA)
    asked = factories.by_token(token)
    staff_id = sign_in(client, member)
    page = look_up(client, shown(asked.reference or "").lower())
    text = Page(page).text
    assert shown(asked.reference or "") in text
    assert "Waiting" in text
    assert not [
        secret for secret in (KAVITA.name, KAVITA.note, KAVITA.phone[-5:]) if secret in page
    ]
    assert entries("request_looked_up") == [
        (f"staff:{staff_id}", f"callback:{asked.id}", {"by": "reference", "what": "cancel"})
    ]
    assert "Request cancelled" in act(client, page, action="cancel").text
    assert factories.by_token(token).status == Status.CANCELLED
    assert [entry[:2] for entry in entries("cancelled_for_caller")] == [
        (f"staff:{staff_id}", f"callback:{asked.id}")
    ]
    over = Page(look_up(client, asked.reference or ""))
    assert [each.attrs["value"] for each in over.all("input", name="action")] == ["unsafe"]


def test_all_requests_of_a_number_are_found_and_the_number_is_on_no_record(
    client: Client, at: Clock
) -> None:
    at(OPEN)
    first, second = factories.callback(KAVITA), factories.callback(KAVITA)
    factories.callback(ARJUN)
    sign_in(client)
    answer = client.submit(
        client.get("/callers/"), "/callers/", who="98765 00001", purpose="question"
    )
    page = Page(answer.text)
    assert page.text.count("Open request") == 2
    assert {each[1] for each in entries("request_looked_up")} == {
        f"callback:{first.id}",
        f"callback:{second.id}",
    }
    forms = [form for form in page.all("form") if form.attrs["action"] == "/callers/request"]
    assert len(forms) == 2
    unknown = client.submit(
        client.get("/callers/"), "/callers/", who="98765 09999", purpose="unsafe"
    )
    assert (unknown.status_code, "No request was found" in unknown.text) == (422, True)
    assert entries("request_looked_up")[-1][1:] == ("number", {"by": "number", "what": "unsafe"})
    assert "09999" not in str(entries("request_looked_up"))


def test_only_supervisors_and_advisors_on_duty_may(
    client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    at(OPEN)
    staff_id = sign_in(client)
    assert client.get("/callers/").status_code == client.get("/callers/new").status_code == 200
    page = client.get("/callers/")
    staff_service.set_presence(staff_id, PresenceState.OFFLINE, now=clock.now())
    assert client.get("/callers/").status_code == 403
    assert client.submit(page, "/callers/", who="98765 00001", purpose="cancel").status_code == 403
    assert entries("request_looked_up") == []
    admin = new_client()
    sign_in(admin, MEERA)
    assert admin.get("/callers/").status_code == 403, "an admin takes no calls"


def test_a_request_opens_only_for_who_looked_it_up_a_moment_ago(client: Client, at: Clock) -> None:
    at(OPEN)
    token = factories.link(KAVITA)
    sign_in(client)
    page = look_up(client, factories.by_token(token).reference or "")
    made_up = act(client, page, action="cancel", found="made up")
    at.later(minutes=31)
    staff_service.set_presence(factories.staff(ASHA).id, PresenceState.AVAILABLE, now=clock.now())
    late = act(client, page, action="cancel")
    assert "Look the request up again" in made_up.text
    assert "Look the request up again" in late.text
    assert factories.by_token(token).status == Status.WAITING


def test_a_number_that_is_not_safe_is_called_for_no_request_any_more(
    client: Client, at: Clock
) -> None:
    at(OPEN)
    first, second = factories.callback(KAVITA), factories.callback(KAVITA)
    asha = sign_in(client)
    page = look_up(client, second.reference or "", "unsafe")
    assert Page(page).the("input", name="action", value="unsafe").attrs["checked"] == ""
    assert "cancelled" in act(client, page, action="unsafe", days="30").text
    statuses = db.session.scalars(sa.select(Callback.status)).all()
    assert set(statuses) == {Status.CANCELLED}
    assert checks.is_blocked(db.session(), first.phone_hash, clock.now())
    factories.callback(KAVITA)
    with pytest.raises(claims.QueueEmpty):
        claims.claim_next(asha, now=clock.now())
    at.later(minutes=60 * 24 * 31)
    assert not checks.is_blocked(db.session(), first.phone_hash, clock.now())


def test_rescheduling_keeps_to_the_slots_and_the_visitor_sees_their_own_wish(
    client: Client, at: Clock
) -> None:
    at(OPEN)
    factories.policy(slot_capacity=1)
    token = factories.link(KAVITA)
    sign_in(client)
    page = look_up(client, factories.by_token(token).reference or "", "reschedule")
    taken, free = factories.slot("15:00"), factories.slot("16:00")
    factories.link(ARJUN, slot_at=taken)
    refused = act(client, page, action="reschedule", when=taken.isoformat())
    assert "That time is no longer free" in refused.text
    done = act(client, page, action="reschedule", when=free.isoformat())
    assert "Tell the caller when we will call: today at 4:00" in done.text
    assert factories.by_token(token).slot_at == free
    assert "We cannot call you then" not in client.get(f"/request/{token}").text


def test_a_request_is_made_for_a_caller_by_the_rules_of_the_visitors_form(
    client: Client, at: Clock
) -> None:
    at(OPEN)
    staff_id = sign_in(client)
    page = client.get("/callers/new")
    assert "We encrypt the number" in page.text
    assert "हम" in page.text, "to be read aloud in Hindi too"
    typed = {"phone": "98765 00001", "name": "Kavita", "language": "hi", "note": "After lunch"}
    refused = client.submit(page, "/new", **typed)
    assert refused.status_code == 422
    kept = form_of(refused, "/new").fields
    assert {name: kept[name][0].strip() for name in typed} == typed
    assert Page(refused.text).the("input", id="consent").attrs["aria-invalid"] == "true"
    own_number = client.submit(page, "/new", **typed | {"phone": ASHA.phone or ""}, consent="yes")
    assert own_number.status_code == 422
    made = client.submit(refused, "/new", follow=True, consent="yes")
    asked = db.session.scalars(sa.select(Callback)).one()
    assert (asked.channel, asked.language, asked.reads) == (Channel.STAFF, "hi", None)
    assert (asked.network_hash, asked.may_say_who, asked.note) == (None, False, "After lunch")
    assert shown(asked.reference or "") in Page(made.text).text
    assert [entry[:2] for entry in entries("booked_for_caller")] == [
        (f"staff:{staff_id}", f"callback:{asked.id}")
    ]
    client.submit(refused, "/new", consent="yes")
    assert db.session.scalar(sa.select(sa.func.count(Callback.id))) == 1, "sent twice"
    client.submit(client.get("/callers/new"), "/new", **typed, consent="yes")
    assert db.session.scalars(sa.select(Callback.status)).all() == ["waiting", "joined"]


@pytest.mark.settings(limit_look_ups_of_account="2/hour")
def test_one_account_looks_up_few_requests_and_a_refusal_is_on_record(
    app: Flask, client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    at(OPEN)
    asha_id = sign_in(client)
    callback = factories.callback(KAVITA)
    for _ in range(2):
        assert "No request was found." in look_up(client, "+91 98765 43219")
    refused = client.submit(
        client.get("/callers/"), "/callers/", who=KAVITA.phone, purpose="cancel"
    )
    assert refused.status_code == 429
    assert "You have looked up many requests." in refused.text
    assert KAVITA.phone in refused.text, "what was typed stays"
    assert entries("look_up_refused") == [(f"staff:{asha_id}", f"staff:{asha_id}", {})]
    assert f"callback:{callback.id}" not in str(entries("request_looked_up"))
    other = new_client()
    sign_in(other, VIKRAM)
    assert "No request was found." not in look_up(other, KAVITA.phone)
