"""Made-up requests that would take every slot, and what supervisors do about them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import claims, queries, queue
from helpline.callbacks import service as callbacks
from helpline.callbacks.errors import SlotUnavailable, TooManyBookings
from helpline.callbacks.models import Callback, Slot
from helpline.callbacks.networks import Origin
from helpline.callbacks.set_aside import service as set_aside
from helpline.callbacks.set_aside.models import SetAsideMember
from helpline.callbacks.set_aside.service import MatchAttribute, Pattern
from helpline.db import db
from helpline.domain.lifecycle import Status
from helpline.domain.phone_numbers import PhoneNumber
from helpline.domain.slots import reserved_capacity
from helpline.erasure import service as erasure
from helpline.messaging.models import Notice, NoticeKind
from helpline.policy import queries as policy_queries
from helpline.privacy.models import AuditEntry
from helpline.web import rate_limits
from helpline.web.request_context import opening_hours
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, VIKRAM
from tests.invariants.together import at_once
from tests.support.clock import Clock
from tests.support.web import Client, form_of, forms_of

OPEN = "2026-11-23 12:00"
NETWORK = Origin(("a" * 64,), most_an_hour=10, kept_percent=25)


@pytest.fixture(autouse=True)
def _open_now(app: Flask, at: Clock) -> None:
    at(OPEN)
    factories.opening_hours(("10:00", "18:00"))


def free_slots() -> list[str]:
    """The starts that can still be chosen, as the form sends them."""
    session = db.session()
    with_places = queries.offered_slots(session, opening_hours(clock.now()), clock.now())
    return [each.starts_at.isoformat() for each in with_places if not each.full]


def booked() -> int:
    """How many slots are held."""
    return db.session.scalar(sa.select(sa.func.sum(Slot.booked))) or 0


def book(browser: Client, number: int, slot: str, address: str) -> int:
    """Asks for a slot by the form."""
    browser.environ_base["REMOTE_ADDR"] = address
    typed = {"phone": f"98765 {number:05}", "consent": "yes", "when": slot}
    return browser.post("/", data=typed).status_code


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_two_hundred_made_up_requests_from_four_addresses_leave_slots_for_others(
    app: Flask, client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    slots, networks = free_slots(), []
    for n in range(4):
        with app.test_request_context(environ_base={"REMOTE_ADDR": f"198.51.100.{n}"}):
            networks.append(rate_limits.origin())
    codes = [book(client, n, slots[n % len(slots)], f"198.51.100.{n % 4}") for n in range(204)]
    assert codes.count(303) <= 40, "ten an hour for each address"
    assert booked() == codes.count(303)
    notice = db.session.scalars(sa.select(Notice)).one()
    assert notice.kind == NoticeKind.BOOKINGS_BOUNDED
    # As soon as possible can be asked for all the same, and what was typed is kept.
    page = client.post("/", data={"phone": "98765 00900", "consent": "yes", "when": slots[-1]})
    assert page.status_code == 429
    assert form_of(page, "/?").fields["phone"] == ["98765 00900"]
    assert client.submit(form_of(page, "/?"), when="asap").status_code == 303
    # They go on, hour by hour: what is kept for others stays free.
    number = 300
    for _hour in range(8):
        at.later(hours=1)
        for n, slot in enumerate(free_slots()[:48]):
            number += 1
            made_up = callbacks.CallbackRequest(
                PhoneNumber(f"+9198765{number:05}"),
                datetime.fromisoformat(slot),
                origin=networks[n % 4],
            )
            with suppress(SlotUnavailable, TooManyBookings):
                callbacks.request_callback(made_up, request_key=f"later-{number}", now=clock.now())
    left = free_slots()
    assert len(left) >= len(slots) // 8
    assert book(new_client(), 900, left[0], "203.0.113.9") == 303


def test_of_many_bookings_at_once_no_more_pass_than_may(app: Flask, at: Clock) -> None:
    slots = free_slots()
    rules = Origin(("b" * 64,), most_an_hour=3, kept_percent=0)

    def ask(n: int) -> Callable[[], object]:
        wish = callbacks.CallbackRequest(
            PhoneNumber(f"+9198765100{n:02}"), datetime.fromisoformat(slots[n]), origin=rules
        )
        return lambda: callbacks.request_callback(wish, request_key=f"attack-{n}", now=clock.now())

    db.session.rollback()
    done = at_once(app, [ask(n) for n in range(8)])
    assert sum(isinstance(each, TooManyBookings) for each in done) == 5
    assert booked() == 3


def test_a_share_of_the_slots_is_kept_for_networks_that_hold_none(at: Clock) -> None:
    slots = [datetime.fromisoformat(each) for each in free_slots()]
    kept = [each for each in slots if reserved_capacity(each, 1, 25)]
    assert len(slots) // 5 <= len(kept) <= len(slots) // 3, "a quarter, spread over all days"
    assert [reserved_capacity(slots[0], 8, 25)] == [2] or reserved_capacity(slots[0], 8, 25) == 3
    free = next(each for each in slots if each not in kept)
    factories.link(KAVITA, slot_at=free, origin=NETWORK)
    capacity = hours_capacity()
    again = callbacks.CallbackRequest(PhoneNumber("+919876510001"), kept[0], origin=NETWORK)
    for _taken in range(capacity - 1):
        other = callbacks.CallbackRequest(PhoneNumber(f"+9198765101{_taken:02}"), kept[0])
        callbacks.request_callback(other, request_key=f"other-{_taken}", now=clock.now())
    with pytest.raises(SlotUnavailable) as gone:
        callbacks.request_callback(again, request_key="again", now=clock.now())
    assert kept[0] not in gone.value.nearest
    elsewhere = callbacks.CallbackRequest(
        PhoneNumber("+919876510002"), kept[0], origin=Origin(("c" * 64,), 10, 25)
    )
    callbacks.request_callback(elsewhere, request_key="elsewhere", now=clock.now())
    # Whoever holds a slot may still move it: they hold no other.
    token = factories.link(
        KAVITA, request_key="mover", origin=Origin(("d" * 64,), 1, 25), slot_at=free
    )
    assert token


def hours_capacity() -> int:
    """How many may be booked on one slot."""
    return policy_queries.current(db.session()).slot_capacity


def test_moving_to_a_slot_counts_as_booking_it(at: Clock) -> None:
    rules = Origin(("e" * 64,), most_an_hour=1, kept_percent=0)
    slots = [datetime.fromisoformat(each) for each in free_slots()]
    tokens = [
        callbacks.request_callback(
            callbacks.CallbackRequest(PhoneNumber(f"+91987652000{n}"), origin=rules),
            request_key=f"asap-{n}",
            now=clock.now(),
        )
        for n in range(2)
    ]
    other = Origin(("f" * 64,), most_an_hour=1, kept_percent=0)
    callbacks.reschedule(tokens[0], slots[0], now=clock.now(), origin=rules)
    with pytest.raises(TooManyBookings):
        callbacks.reschedule(tokens[1], slots[-1], now=clock.now(), origin=other)
    # Moving what is booked already makes no more of them.
    callbacks.reschedule(tokens[0], slots[2], now=clock.now(), origin=rules)
    at.later(hours=2)
    callbacks.reschedule(tokens[1], slots[-1], now=clock.now(), origin=rules)
    assert booked() == 2


def pattern(example: Callback, *alike: MatchAttribute) -> Pattern:
    """Everything of the last hour that is like this."""
    now = clock.now()
    return Pattern(example.id, alike, now - timedelta(hours=1), now + timedelta(minutes=1))


def asked(number: int, origin: Origin | None = NETWORK, **wish: object) -> Callback:
    """A request from a network."""
    return factories.by_token(
        callbacks.request_callback(
            callbacks.CallbackRequest(PhoneNumber(f"+919876530{number:03}"), origin=origin, **wish),  # type: ignore[arg-type]
            request_key=f"asked-{number}",
            now=clock.now(),
        )
    )


def test_what_is_set_aside_is_not_called_and_is_brought_back_as_it_was(at: Clock) -> None:
    vikram = factories.staff(VIKRAM).id
    slots = [datetime.fromisoformat(each) for each in free_slots()]
    free = [each for each in slots if not reserved_capacity(each, 1, 25)]
    made_up = [asked(n, slot_at=free[n] if n < 2 else None).id for n in range(6)]
    honest = asked(50, origin=Origin(("9" * 64,), 10, 25)).id
    stranger = asked(51, origin=Origin(("9" * 64,), 10, 25)).id
    held = claims.claim_next(factories.staff(ASHA).id, now=clock.now())
    assert held in made_up, "an advisor has one in hand"
    # Somebody really asks for one of the numbers: they stood behind, and take its place.
    behind = factories.by_token(
        callbacks.request_callback(
            callbacks.CallbackRequest(
                PhoneNumber("+919876530003"), origin=Origin(("8" * 64,), 10, 25)
            ),
            request_key="behind",
            now=clock.now(),
        )
    ).id
    assert db.session.get_one(Callback, behind).status == Status.JOINED

    example = db.session.get_one(Callback, made_up[5])
    seen = set_aside.preview(db.session(), pattern(example, MatchAttribute.NETWORK))
    assert ([each.id for each in seen.requests], seen.slots) == (made_up, 2)
    assert db.session.get_one(Callback, made_up[0]).status == Status.WAITING, "only previewed"
    wanted = pattern(example, MatchAttribute.NETWORK)
    db.session.rollback()
    deed = set_aside.set_aside(wanted, reason="a flood", supervisor_id=vikram, now=clock.now())

    assert booked() == 0
    assert {each.id for each in queue.waiting_list(db.session(), clock.now())} == {
        honest,
        stranger,
        behind,
    }
    db.session.rollback()
    for _advisor_asks in range(3):
        got = claims.claim_next(factories.staff(ASHA).id, now=clock.now())
        assert got not in made_up
    at.later(days=1)
    while callbacks.end_one_follower(now=clock.now()):
        pass
    states = {db.session.get_one(Callback, each).status for each in made_up}
    assert states == {Status.JOINED}
    entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.deed == "set_aside")).one()
    assert (entry.detail["count"], entry.detail["alike"]) == (6, ["network"])
    assert "a" * 64 not in str(entry.detail)

    db.session.rollback()
    assert set_aside.undo_set_aside(
        deed, callback_id=made_up[4], supervisor_id=vikram, now=clock.now()
    )
    assert db.session.get_one(Callback, made_up[4]).status == Status.WAITING
    db.session.rollback()
    assert set_aside.undo_set_aside(deed, supervisor_id=vikram, now=clock.now()) == 5
    assert set_aside.undo_set_aside(deed, supervisor_id=vikram, now=clock.now()) == 0
    states = [db.session.get_one(Callback, each).status for each in made_up]
    assert states[3] == Status.JOINED, "its number is open elsewhere"
    assert set(states[:3] + states[4:]) == {Status.WAITING}
    assert not db.session.scalars(sa.select(SetAsideMember)).all()


def test_a_booked_time_is_had_again_where_it_is_free(at: Clock) -> None:
    vikram = factories.staff(VIKRAM).id
    slot = datetime.fromisoformat(free_slots()[-1])
    made_up = asked(1, slot_at=slot)
    wanted, callback_id = pattern(made_up, MatchAttribute.NETWORK), made_up.id
    db.session.rollback()
    deed = set_aside.set_aside(wanted, reason="a flood", supervisor_id=vikram, now=clock.now())
    assert booked() == 0
    set_aside.undo_set_aside(deed, supervisor_id=vikram, now=clock.now())
    back = db.session.get_one(Callback, callback_id)
    assert (back.status, back.slot_at, booked()) == (Status.WAITING, slot, 1)


def test_what_is_never_brought_back_ends_and_networks_are_erased(at: Clock) -> None:
    vikram = factories.staff(VIKRAM).id
    token = factories.link(KAVITA, origin=NETWORK)
    made_up = factories.by_token(token)
    wanted, callback_id = pattern(made_up, MatchAttribute.NETWORK, MatchAttribute.WORDS), made_up.id
    db.session.rollback()
    set_aside.set_aside(wanted, reason="a flood", supervisor_id=vikram, now=clock.now())
    assert not set_aside.expire_one(now=clock.now())
    at.later(days=60)
    assert set_aside.expire_one(now=clock.now())
    db.session.rollback()
    assert db.session.get_one(Callback, callback_id).status == Status.EXPIRED
    db.session.rollback()
    erasure.erase_everything(token, now=clock.now())
    assert db.session.get_one(Callback, callback_id).network_hash is None


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_supervisor_previews_sets_aside_and_brings_back_by_the_page(
    client: Client, at: Clock
) -> None:
    factories.staff(VIKRAM)
    visitors = [client.application.test_client() for _ in range(6)]
    for n, visitor in enumerate(visitors):
        assert book(visitor, n, "asap", "198.51.100.7") == 303
    client.sign_in(VIKRAM)
    page = client.get("/floor/set-aside")
    assert "6 open requests" in page.text
    assert "198.51.100.7" not in page.text
    wrong = client.submit(page, "/floor/set-aside", callback="", reason="", since="soon")
    assert wrong.status_code == 422
    example = db.session.scalars(sa.select(Callback.id)).first()
    form = form_of(client.get(f"/floor/set-aside?callback={example}"), "/floor/set-aside")
    for edge in ("0001-01-01T00:00", "9999-12-31T23:59"):
        assert client.submit(form, reason="a flood", since=edge, until=edge).status_code == 422
    nothing = client.submit(form, alike=["page"], reason="a flood")
    assert "cannot be compared by: Same source page. Untick this" in nothing.text
    preview = client.submit(form, reason="a flood")
    assert "6 requests would be set aside" in preview.text
    assert queue.due_count(db.session(), clock.now()) == 6
    confirm = next(
        each for each in forms_of(preview) if "since" in each.fields and len(each.fields) == 6
    )
    done = client.submit(confirm, step="confirm", follow=True)
    assert "No calls are made for them" in done.text
    assert queue.due_count(db.session(), clock.now()) == 0
    assert "This request is set aside" in client.get(f"/floor/callbacks/{example}").text
    one = client.post(
        done.request.path + "/bring-back",
        data={"csrf_token": form.fields["csrf_token"][0], "callback": example},
        follow_redirects=True,
    )
    assert "1 request brought back." in one.text
    back = client.post(
        done.request.path + "/bring-back",
        data={"csrf_token": form.fields["csrf_token"][0]},
        follow_redirects=True,
    )
    assert "5 requests brought back." in back.text
    assert queue.due_count(db.session(), clock.now()) == 6


def test_what_its_visitor_ends_is_no_longer_set_aside(client: Client, at: Clock) -> None:
    tokens = [factories.link(visitor, origin=NETWORK) for visitor in (ARJUN, KAVITA)]
    by_network = Pattern(
        factories.by_token(tokens[0]).id,
        (MatchAttribute.NETWORK,),
        clock.now() - timedelta(hours=1),
        clock.now(),
    )
    supervisor = factories.staff(VIKRAM).id
    action = set_aside.set_aside(
        by_network, reason="Bot", supervisor_id=supervisor, now=clock.now()
    )
    client.sign_in(VIKRAM)
    left = []
    for token in tokens:
        client.post(f"/request/{token}/cancel")
        page = client.get(f"/floor/set-aside/{action}").text
        left.append((len(set_aside.open_set_asides(db.session())), "set aside any more" in page))
    assert left == [(1, False), (0, True)]
