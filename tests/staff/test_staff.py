"""Staff come in by a link that works once, are changed with care, and leave nobody stranded."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import claims, queue
from helpline.callbacks.claims import QueueEmpty
from helpline.callbacks.models import Callback
from helpline.calls import deactivation
from helpline.calls import service as calls
from helpline.db import StaleVersion, db, transaction
from helpline.domain.lifecycle import Status
from helpline.erasure import service as erasure
from helpline.privacy.models import AuditEntry
from helpline.staff import advisor_line
from helpline.staff import service as accounts
from helpline.staff.errors import EmailTaken, InvitationInvalid, LastAdmin, PhoneTaken
from helpline.staff.invitations import service as inviting
from helpline.staff.invitations.models import Invitation
from helpline.staff.members import Profile
from helpline.staff.models import PresenceState, Staff
from tests import factories
from tests.cast import ASHA, MEERA, RAVI, VIKRAM
from tests.invariants.together import at_once
from tests.staff import fixtures
from tests.stateful.rules import broken_rules
from tests.support.clock import Clock
from tests.support.web import Client, forms_of
from tests.web.page import Page

ONCE = pytest.mark.parametrize("database_kind", ["sqlite"])


@pytest.fixture(autouse=True)
def _noon(app: Flask, at: Clock) -> None:
    at("2026-11-23 12:00")


def audit(deed: str) -> list[AuditEntry]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(AuditEntry).where(AuditEntry.deed == deed)))


def fresh(staff: Staff) -> Staff:
    db.session.rollback()
    return db.session.get_one(Staff, staff.id, populate_existing=True)


def version(staff: Staff) -> int:
    return fresh(staff).version


def leave(staff: Staff, admin: Staff) -> None:
    deactivation.deactivate(
        staff.id, expected_version=version(staff), admin_id=admin.id, now=clock.now()
    )


# Invitations


@ONCE
def test_an_invitation_is_made_shown_once_and_used_once(
    app: Flask, client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    factories.staff(MEERA)
    client.sign_in(MEERA)
    form = client.get("/admin/staff/invite")
    wrong = client.submit(form, "/staff/invite", email="nobody", roles=[])
    assert wrong.status_code == 422
    assert Page(wrong.text).the("input", id="email").attrs["value"] == "nobody"
    told = client.submit(
        form, "/staff/invite", email="Nila@Example.org", roles=["advisor", "supervisor"]
    )
    link = str(Page(told.text).the("input", id="link").attrs["value"])
    token = link.rpartition("/")[2]
    assert len(token) >= 22, "128 bits"
    kept = db.session.scalars(sa.select(Invitation)).one()
    assert token not in kept.token_hash
    assert link not in client.get("/admin/staff").text
    assert "nila@example.org" in client.get("/admin/staff").text

    invited = new_client()
    page = invited.get(f"/invitation/{token}")
    # Other sites are told nothing; ours must be, or the form is refused over TLS.
    assert page.headers["Referrer-Policy"] == "same-origin"
    said = {"name": "Nila", "phone": "98123 00009", "password": "four words of mine"}
    short = invited.submit(page, "", **said | {"password": "short"}, again="short")
    assert short.status_code == 422
    fields = Page(short.text)
    assert fields.the("input", id="name").attrs["value"] == "Nila"
    assert fields.the("input", id="password").attrs.get("value", "") == ""
    for other in ({"again": "other words of mine"}, {"again": said["password"], "phone": "12"}):
        assert invited.submit(page, "", **said | other).status_code == 422
    done = invited.submit(page, "", **said, again=said["password"])
    assert done.location.endswith("/login")

    nila = db.session.scalars(sa.select(Staff).where(Staff.email == "nila@example.org")).one()
    assert (nila.name, nila.phone) == ("Nila", "+919812300009")
    assert {role.name for role in nila.roles} == {"advisor", "supervisor"}
    assert db.session.scalars(sa.select(Invitation.email)).one() is None
    for again in (invited.get(f"/invitation/{token}"), invited.submit(page, "", **said)):
        assert again.status_code in (410, 422)
    over = invited.submit(page, "", **said, again=said["password"])
    assert over.status_code == 410
    assert "This link no longer works" in over.text
    [entry] = audit("invitation_used")
    assert "Nila" not in str(entry.detail)


def test_of_two_who_use_one_link_at_once_one_comes_in(app: Flask) -> None:
    meera = factories.staff(MEERA)
    token = inviting.invite("a@b.example", ["advisor"], ["en"], admin_id=meera.id, now=clock.now())

    def accept(name: str) -> int:
        return inviting.accept(token, name=name, phone=None, password_hash="x", now=clock.now())

    found = at_once(app, [partial(accept, name) for name in ("One", "Two", "Three")])
    assert sum(isinstance(each, int) for each in found) == 1
    assert sum(isinstance(each, InvitationInvalid) for each in found) == 2


@ONCE
def test_an_invitation_runs_out_is_taken_back_and_is_for_nobody_who_is_here(
    app: Flask, at: Clock
) -> None:
    meera = factories.staff(MEERA)
    make = partial(inviting.invite, roles=["advisor"], languages=["en"], admin_id=meera.id)
    accept = partial(inviting.accept, name="N", phone=None, password_hash="x")
    with pytest.raises(EmailTaken):
        make(MEERA.email.upper(), now=clock.now())
    first, second, third = (make(f"{n}@b.example", now=clock.now()) for n in "abc")
    row = db.session.scalars(sa.select(Invitation).order_by(Invitation.id)).first()
    assert row and inviting.revoke(row.id, admin_id=meera.id, now=clock.now())
    assert not inviting.revoke(row.id, admin_id=meera.id, now=clock.now())
    factories.staff(RAVI, email="b@b.example")
    for token, problem in ((first, InvitationInvalid), (second, EmailTaken)):
        with pytest.raises(problem):
            accept(token, now=clock.now())
    at.later(hours=72)
    for token in (third, "made-up"):
        with pytest.raises(InvitationInvalid):
            accept(token, now=clock.now())


@ONCE
def test_who_is_no_admin_any_more_has_left_no_door_open(app: Flask, at: Clock) -> None:
    meera = factories.staff(MEERA)
    make = partial(inviting.invite, languages=["en"], now=clock.now())
    for index, put_out in enumerate((leave, demote)):
        other = factories.staff(RAVI, email=f"{index}@b.example", roles=("admin", "advisor"))
        kept = make(f"kept{index}@b.example", roles=["advisor"], admin_id=meera.id)
        back_door = make(f"me-again{index}@b.example", roles=["admin"], admin_id=other.id)
        put_out(other, meera)
        with pytest.raises(InvitationInvalid):
            inviting.accept(back_door, name="N", phone=None, password_hash="x", now=clock.now())
        inviting.accept(kept, name="N", phone=None, password_hash="x", now=clock.now())
    assert [entry.actor for entry in audit("invitation_taken_back")] == [f"staff:{meera.id}"] * 2


def demote(staff: Staff, admin: Staff) -> None:
    plain = Profile(staff.name, ("advisor",), ("en",), None)
    deactivation.change_profile(
        staff.id, plain, expected_version=version(staff), admin_id=admin.id, now=clock.now()
    )


@ONCE
def test_nobody_remembers_who_was_invited_and_never_came(app: Flask, at: Clock) -> None:
    meera = factories.staff(MEERA)
    make = partial(inviting.invite, roles=["advisor"], languages=["en"], admin_id=meera.id)
    make("old@b.example", now=clock.now())
    at.later(hours=71)
    make("new@b.example", now=clock.now())
    at.later(hours=1)
    erasure.erase_due(now=clock.now())
    rows = db.session.scalars(sa.select(Invitation).order_by(Invitation.id)).all()
    assert [(row.email, row.over_at == row.expires_at) for row in rows] == [
        (None, True),
        ("new@b.example", False),
    ]


# Leaving


@ONCE
def test_who_is_no_advisor_any_more_is_available_for_no_call(app: Flask) -> None:
    asha, meera = factories.staff(ASHA), factories.staff(MEERA)
    accounts.set_presence(asha.id, PresenceState.AVAILABLE, now=clock.now())
    assert queue.advisors_online(db.session(), clock.now()) == 1
    deactivation.change_profile(
        asha.id,
        Profile(asha.name, ("supervisor",), ("en",), asha.phone),
        expected_version=version(asha),
        admin_id=meera.id,
        now=clock.now(),
    )
    assert queue.advisors_online(db.session(), clock.now()) == 0


def test_who_leaves_leaves_nobody_stranded(app: Flask, client: Client) -> None:
    asha, meera = factories.staff(ASHA), factories.staff(MEERA)
    held = factories.claimed(ASHA)
    due_at = held.due_at
    client.sign_in(ASHA)
    assert client.get("/desk/").status_code == 200
    leave(asha, meera)
    held = db.session.get_one(Callback, held.id, populate_existing=True)
    assert (held.status, held.claimed_by, held.due_at) == (Status.WAITING, None, due_at)
    assert client.get("/desk/").status_code == 302, "signed out at once"
    with pytest.raises(QueueEmpty):
        claims.claim_next(asha.id, now=clock.now())
    [entry] = audit("staff_deactivated")
    assert (entry.actor, entry.detail) == (f"staff:{meera.id}", {"returned": 1})
    assert broken_rules(db.session()) == []
    deactivation.reactivate(
        asha.id, expected_version=version(asha), admin_id=meera.id, now=clock.now()
    )
    assert claims.claim_next(asha.id, now=clock.now()) == held.id


def test_a_call_nobody_asked_for_yet_is_taken_back_and_one_under_way_goes_on(app: Flask) -> None:
    meera = factories.staff(MEERA)
    queued = factories.calling(ASHA)
    leave(factories.staff(ASHA), meera)
    waiting = db.session.get_one(Callback, queued.callback_id, populate_existing=True)
    assert waiting.status == Status.WAITING

    got = claims.claim_next(factories.staff(RAVI).id, now=clock.now())
    calls.start_own_phone_call(got, factories.staff(RAVI).id, now=clock.now(), longest_minutes=60)
    leave(factories.staff(RAVI), meera)
    on = db.session.get_one(Callback, got, populate_existing=True)
    assert on.status == Status.CALLING
    assert broken_rules(db.session()) == []


def test_of_two_admins_who_put_each_other_out_one_stays(app: Flask) -> None:
    meera = factories.staff(MEERA)
    second = factories.staff(RAVI, roles=("admin", "advisor"))
    pairs = ((meera, second), (second, meera))
    deeds = [
        partial(
            deactivation.deactivate,
            one.id,
            expected_version=version(one),
            admin_id=other.id,
            now=clock.now(),
        )
        for one, other in pairs
    ]
    found = at_once(app, deeds)
    assert sum(isinstance(each, LastAdmin) for each in found) == 1
    left = second if fresh(second).active else meera
    plain = Profile(left.name, ("advisor",), ("en",), None)
    with pytest.raises(LastAdmin):
        deactivation.change_profile(
            left.id, plain, expected_version=version(left), admin_id=left.id, now=clock.now()
        )
    assert fresh(left).has_role("admin")


# Changes


def test_a_save_over_a_newer_save_is_refused(app: Flask) -> None:
    meera, ravi = factories.staff(MEERA), factories.staff(RAVI)
    seen = version(ravi)
    save = partial(
        deactivation.change_profile,
        ravi.id,
        expected_version=seen,
        admin_id=meera.id,
        now=clock.now(),
    )
    wanted = [Profile(f"Ravi {n}", ("advisor",), ("en",), None) for n in range(3)]
    found = at_once(app, [partial(save, each) for each in wanted])
    assert sum(isinstance(each, StaleVersion) for each in found) == 2
    assert version(ravi) == seen + 1


@ONCE
def test_a_member_is_changed_and_the_audit_names_neither_name_nor_number(
    app: Flask, client: Client
) -> None:
    factories.staff(MEERA)
    asha = factories.staff(ASHA)
    factories.claimed(ASHA)
    client.sign_in(MEERA)
    overview = client.get("/admin/staff")
    assert "9812300001" not in overview.text
    assert "… 001" in Page(overview.text).text
    address = f"/admin/staff/{asha.id}"
    page = next(each for each in forms_of(client.get(address)) if each.action == address)
    wrong = client.submit(page, name="", phone="12", languages=["xx"])
    assert wrong.status_code == 422
    assert Page(wrong.text).the("input", id="phone").attrs["value"] == "12"
    assert {"name", "phone", "languages"} <= set(re.findall(r'href="#(\w+)"', wrong.text))
    saved = client.submit(page, name="Asha K", phone="98123 00055", roles=["supervisor"])
    assert saved.status_code == 303
    asha = fresh(asha)
    assert (asha.name, asha.phone) == ("Asha K", "+919812300055")
    [entry] = audit("staff_changed")
    assert entry.detail == {
        "name": "changed",
        "phone": "changed",
        "roles": {"before": ["advisor"], "after": ["supervisor"]},
        "returned": 1,
    }
    late = client.submit(page, name="Other")
    assert late.status_code == 409
    assert "Someone else changed this member of staff" in late.text
    assert "Asha K" in late.text
    assert client.get("/admin/staff/999").status_code == 404


@ONCE
def test_buttons_of_an_account_say_what_came_of_them(app: Flask, client: Client) -> None:
    meera = factories.staff(MEERA)
    vikram = factories.staff(VIKRAM)
    client.sign_in(MEERA)
    deeds: list[tuple[Staff, str, str]] = [
        (vikram, "deactivate", "They can no longer sign in."),
        (vikram, "reactivate", "They can sign in again."),
        (meera, "deactivate", "This is the only admin."),
    ]
    for staff, deed, words in deeds:
        page: Any = client.get(f"/admin/staff/{staff.id}")
        answer = client.submit(page, deed, follow=True)
        assert words in Page(answer.text).text
    assert "Deactivated" not in client.get("/admin/staff").text
    stale = client.submit(client.get(f"/admin/staff/{vikram.id}"), "deactivate", version="1")
    assert "Someone else changed this member of staff" in client.get(stale.location).text


@ONCE
def test_advisors_see_what_we_know_of_them(app: Flask, client: Client) -> None:
    asha = fixtures.shift(ASHA, days=(0, 2))
    fixtures.off(asha, fixtures.MONDAY)
    client.sign_in(ASHA)
    words = Page(client.get("/desk/shifts").text).text
    assert "Monday 23 November time off" in words
    assert "Wednesday 25 November 10:00-18:00" in words
    assert "+91 98123 00001" in words
    assert "Hindi, English" in words


def test_of_two_who_enter_one_phone_at_once_one_has_it(app: Flask) -> None:
    """Each would be called for the other's callbacks. A deactivated colleague's phone is free."""
    meera, asha, ravi = (factories.staff(each) for each in (MEERA, ASHA, RAVI))
    phone, admin = "+919812300077", meera.id

    def save(staff: int, seen: int) -> None:
        wanted = Profile("N", ("advisor",), ("en",), phone)
        deactivation.change_profile(
            staff, wanted, expected_version=seen, admin_id=admin, now=clock.now()
        )

    ids = {each.id: version(each) for each in (asha, ravi)}
    found = at_once(app, [partial(save, staff, seen) for staff, seen in ids.items()])
    assert sum(isinstance(each, PhoneTaken) for each in found) == 1
    holder, other = (asha, ravi) if fresh(asha).phone == phone else (ravi, asha)
    assert fresh(other).phone != phone
    with pytest.raises(PhoneTaken):
        accounts.add_staff(
            name="N",
            email="n@b.example",
            password_hash="x",
            roles=["advisor"],
            phone=phone,
            languages=["en"],
            now=clock.now(),
            actor="operator",
        )
    assert advisor_line.staff_with_phone(db.session(), phone)
    leave(holder, meera)
    db.session.rollback()
    assert not advisor_line.staff_with_phone(db.session(), phone)
    save(other.id, version(other))
    with pytest.raises(PhoneTaken):
        deactivation.reactivate(
            holder.id, expected_version=version(holder), admin_id=meera.id, now=clock.now()
        )
    assert not fresh(holder).active


def test_phones_shared_before_they_had_to_be_unique_are_told_and_change_nothing(
    app: Flask, client: Client
) -> None:
    meera, asha, ravi = (factories.staff(each) for each in (MEERA, ASHA, RAVI))
    with transaction() as session:
        session.execute(sa.update(Staff).values(phone_hash=None))
        session.execute(sa.update(Staff).where(Staff.id == ravi.id).values(phone=ASHA.phone))
    assert accounts.index_phones() == [ravi.id]
    assert accounts.index_phones() == [ravi.id]
    assert fresh(asha).phone_hash is not None
    assert (fresh(ravi).phone, fresh(ravi).phone_hash) == (ASHA.phone, None)
    client.sign_in(MEERA)
    assert client.get("/admin/staff").text.count("same number as a colleague") == 1
    # Whoever shares one can be changed in other ways, and given a phone of their own.
    for phone in (ASHA.phone, RAVI.phone):
        wanted = Profile("Ravi K", ("advisor",), ("en",), phone)
        deactivation.change_profile(
            ravi.id, wanted, expected_version=version(ravi), admin_id=meera.id, now=clock.now()
        )
    assert accounts.index_phones() == []
    assert fresh(ravi).phone_hash is not None


@ONCE
def test_the_forms_name_the_phone_that_a_colleague_has(
    app: Flask, client: Client, new_client: Callable[[], Client]
) -> None:
    meera = factories.staff(MEERA)
    factories.staff(ASHA)
    ravi = factories.staff(RAVI)
    client.sign_in(MEERA)
    address = f"/admin/staff/{ravi.id}"
    page = next(each for each in forms_of(client.get(address)) if each.action == address)
    taken = client.submit(page, name="Ravi K", phone="98123 00001")
    assert taken.status_code == 409
    assert "A colleague already uses this phone number." in taken.text
    assert 'href="#phone"' in taken.text
    assert Page(taken.text).the("input", id="phone").attrs["value"] == "98123 00001"
    assert Page(taken.text).the("input", id="name").attrs["value"] == "Ravi K"
    token = inviting.invite("n@b.example", ["advisor"], ["en"], admin_id=meera.id, now=clock.now())
    invited = new_client()
    words = "four words of mine"
    form = invited.get(f"/invitation/{token}")
    said = {"name": "Nila", "password": words, "again": words}
    taken = invited.submit(form, "", **said, phone="98123 00001")
    assert taken.status_code == 409
    assert 'href="#phone"' in taken.text
    assert Page(taken.text).the("input", id="name").attrs["value"] == "Nila"
    # The link still works with another phone.
    assert invited.submit(form, "", **said, phone="98123 00009").status_code == 303
