"""What each outcome does: to the callback, the number, the visitor's page, texts and reports."""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import claims, queue, requests, restore_hold
from helpline.callbacks import service as callbacks
from helpline.callbacks.models import Callback, Channel
from helpline.callbacks.phone_limits import checks
from helpline.callbacks.phone_limits import service as phone_limits
from helpline.callbacks.phone_limits.models import LimitReason, NumberLimit
from helpline.calls import drafts, outcome_list
from helpline.calls import service as calls
from helpline.calls.models import Attempt, NoteDraft
from helpline.db import db, transaction
from helpline.domain.lifecycle import Status
from helpline.domain.outcomes import DEFAULT_OUTCOMES, Outcome, Required
from helpline.domain.phone_numbers import PhoneNumber
from helpline.domain.retries import Disposition
from helpline.erasure import restored_backup
from helpline.erasure import service as erasure
from helpline.messaging.models import OutboundSms
from helpline.privacy.models import Tombstone, TombstoneKind
from helpline.privacy.tombstones import TombstoneRecord
from helpline.reports.daily_counts import Measure, count
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, RAVI, VIKRAM
from tests.support.clock import Clock
from tests.support.web import Client, form_of
from tests.web.page import Page

CLOSED = "Saved. This request is closed."
AGAIN = "Saved. Next attempt today at 11:15 AM."
SPOKE, MISSED = "We spoke with you", "We called and did not reach you"
OURS, THEIRS = "reached", "not_reached"


@dataclass(frozen=True)
class Case:
    """An outcome, and all that follows from it.

    Args:
        page: the heading of the visitor's page.
        counted: how reports count the request, and the first attempt.
    """

    outcome: str
    status: Status
    line: str
    page: str
    counted: tuple[str | None, str]
    may_ring_back: bool = False
    texted: bool = False


CASES = [
    Case("reached", Status.REACHED, CLOSED, SPOKE, ("reached", OURS)),
    Case("referred", Status.REACHED, CLOSED, SPOKE, ("reached", OURS)),
    Case("emergency", Status.REACHED, CLOSED, SPOKE, ("reached", OURS)),
    Case("declined", Status.REACHED, CLOSED, SPOKE, ("reached", OURS)),
    Case("no_answer", Status.WAITING, AGAIN, MISSED, (None, THEIRS), texted=True),
    Case("busy", Status.WAITING, AGAIN, MISSED, (None, THEIRS), texted=True),
    Case("voicemail", Status.WAITING, AGAIN, MISSED, (None, THEIRS), texted=True),
    Case("someone_else", Status.WAITING, AGAIN, MISSED, (None, THEIRS)),
    Case(
        "wrong_number",
        Status.UNREACHED,
        "Saved. The number is wrong, so they are not called again.",
        "The number may be wrong",
        ("unreached", THEIRS),
    ),
    Case(
        "unsafe",
        Status.WAITING,
        "Saved. They are not called until they choose a time or a supervisor releases the request.",
        "We will not call you for now",
        (None, THEIRS),
    ),
    Case(
        "do_not_call",
        Status.REACHED,
        "Saved. This number is blocked: no one calls it or sends it text messages.",
        "We will not call this number again",
        ("reached", OURS),
    ),
    Case(
        "dropped",
        Status.REACHED,
        "Saved. They asked not to be called back, so this request is closed.",
        "Our call was cut off",
        ("reached", OURS),
    ),
    Case(
        "dropped",
        Status.WAITING,
        "Saved. They agreed to be called back at once: claim the next callback.",
        "Our call was cut off",
        (None, OURS),
        may_ring_back=True,
    ),
    Case("duplicate", Status.UNREACHED, CLOSED, "This request is closed", ("closed", "unknown")),
    Case("hoax", Status.UNREACHED, CLOSED, "This request is closed", ("closed", "unknown")),
]
HELD, BLOCKED, CALLED_NEXT = {"unsafe"}, {"do_not_call"}, {"dropped"}


@pytest.fixture(autouse=True)
def morning(at: Clock, app: Flask) -> None:
    at("2026-11-23 11:00")


def save(client: Client, outcome: str, **fields: Any) -> Any:
    form = form_of(client.get("/desk/"), "/disposition")
    return client.submit(form, disposition=outcome, follow=True, **fields)


def wrapping_up(**wish: Any) -> str:
    """A call that Asha is to wrap up; the token of its request."""
    token = factories.link(KAVITA, **wish)
    asha = factories.staff(ASHA).id
    held = claims.claim_next(asha, now=clock.now())
    assert held is not None
    calls.start_own_phone_call(held, asha, now=clock.now(), longest_minutes=60)
    return token


def found(token: str) -> Callback:
    db.session.rollback()
    return factories.by_token(token)


def is_blocked(token: str) -> bool:
    return checks.is_blocked(db.session(), found(token).phone_hash, clock.now())


def offer(*changed: Outcome) -> None:
    """Save the list with these outcomes changed."""
    of = {outcome.disposition: outcome for outcome in changed}
    outcomes = [of.get(each.disposition, each) for each in DEFAULT_OUTCOMES]
    _before, version = outcome_list.outcomes_and_version(db.session())
    outcome_list.save(outcomes, expected_version=version, admin_id=1, now=clock.now())


def test_every_outcome_is_tried() -> None:
    assert {case.outcome for case in CASES} == set(Disposition)


@pytest.mark.settings(texts_enabled=True)
@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.outcome}-{case.may_ring_back}")
def test_an_outcome_does_what_it_means(asha: Client, case: Case, at: Clock) -> None:
    token = wrapping_up(may_text=True, may_ring_back=case.may_ring_back)
    page = save(asha, case.outcome, notes="Ambulance called at 11:03.")
    assert case.line in page.text
    assert "Undo" in page.text
    callback = found(token)
    assert (callback.status, callback.disposition) == (case.status, case.outcome)
    assert is_blocked(token) is (case.outcome in BLOCKED)
    assert (callback.held_at is not None) is (case.outcome in HELD)
    assert ("tried" in db.session.scalars(sa.select(OutboundSms.kind)).all()) is case.texted
    at.later(minutes=1)
    waiting = [each.id for each in queue.waiting_list(db.session(), clock.now())]
    assert (callback.id in waiting) is (case.may_ring_back and case.outcome in CALLED_NEXT)
    heading = Page(asha.get(f"/request/{token}").text).the("h1").text
    assert heading == case.page
    today = clock.now().date()
    counts = count(db.session(), today, clock.now().tzinfo, clock.now())  # type: ignore[arg-type]
    ended, first = case.counted
    assert counts[Measure.DISPOSITIONS, case.outcome] == 1
    assert {part for measure, part in counts if measure == Measure.FIRST} == {first}
    assert [part for measure, part in counts if measure == Measure.OUTCOMES] == (
        [ended] if ended else []
    )


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize("outcome", ["unsafe", "do_not_call", "dropped", "hoax", "wrong_number"])
def test_the_visitor_reads_of_it_in_hindi_and_without_blame(asha: Client, outcome: str) -> None:
    token = wrapping_up()
    save(asha, outcome)
    english = Page(asha.get(f"/request/{token}").text).the("div", id="standing").text
    for word in ("hoax", "unsafe", "blocked", "duplicate"):
        assert word not in english.casefold()
    assert "We will call you" not in english
    page = Page(asha.get(f"/hi/request/{token}").text)
    hindi = page.the("h1").text + page.the("p", cls="lead").text
    assert not set(hindi) & set(string.ascii_lowercase)


def test_whoever_was_not_safe_to_call_chooses_a_time_themselves(asha: Client) -> None:
    token = wrapping_up()
    save(asha, "unsafe")
    asha.submit(asha.get("/desk/"), "/desk/next")
    assert found(token).status == Status.WAITING
    callbacks.reschedule(token, None, now=clock.now())
    assert (found(token).held_at, found(token).disposition) == (None, None)
    asha.submit(asha.get("/desk/"), "/desk/next")
    assert found(token).status == Status.CLAIMED


def test_a_supervisor_releases_whom_it_was_not_safe_to_call(
    asha: Client, new_client: type[Client]
) -> None:
    token = wrapping_up()
    save(asha, "unsafe")
    factories.staff(VIKRAM)
    vikram = new_client()
    vikram.sign_in(VIKRAM)
    page = vikram.get("/floor/held")
    assert "not safe to call" in page.text
    assert KAVITA.name not in page.text
    vikram.submit(page, "held", callback=str(found(token).id), decision="release")
    assert (found(token).held_at, found(token).disposition) == (None, None)
    assert restore_hold.held_count(db.session()) == 0


def test_a_request_on_hold_expires_so_that_it_is_erased(asha: Client, at: Clock) -> None:
    token = wrapping_up()
    save(asha, "unsafe")
    assert not callbacks.expire_one(now=clock.now())
    at.later(days=9)
    assert callbacks.expire_one(now=clock.now())
    assert found(token).status == Status.EXPIRED


def test_a_number_that_asked_stays_blocked_after_erasure_and_a_restore(
    asha: Client, at: Clock
) -> None:
    token = wrapping_up()
    save(asha, "do_not_call")
    erasure.erase_everything(token, now=clock.now())
    again = factories.link(KAVITA)
    assert is_blocked(again)
    asha.submit(asha.get("/desk/"), "/desk/next")
    assert found(again).status == Status.JOINED, "as for every blocked number"
    assert "blocked" in db.session.scalars(sa.select(Tombstone.kind)).all()
    at.later(days=4000)
    assert is_blocked(again)


@pytest.mark.parametrize("outcome", ["unsafe", "do_not_call"])
def test_a_call_from_that_phone_ends_hold_and_block(asha: Client, outcome: str) -> None:
    token = wrapping_up()
    save(asha, outcome)
    request = callbacks.CallbackRequest(phone=PhoneNumber(KAVITA.phone), language="hi")
    with transaction() as session:
        waiting = requests.get_open_or_create(session, request, "t" * 64, clock.now())
        assert waiting is not None
        callback_id = waiting.id
    assert not is_blocked(token)
    asha.submit(asha.get("/desk/"), "/desk/next")
    db.session.rollback()
    assert db.session.get_one(Callback, callback_id).status == Status.CLAIMED


@pytest.mark.parametrize("channel", Channel)
def test_only_the_phone_itself_ends_its_block(asha: Client, channel: Channel) -> None:
    token = wrapping_up()
    save(asha, "do_not_call")
    again = factories.link(KAVITA, channel=channel)
    assert is_blocked(token) is (channel != Channel.TEXT)
    assert found(again).status == (Status.WAITING if channel == Channel.TEXT else Status.JOINED)


def test_a_supervisor_sees_that_they_asked_and_unblocks(
    asha: Client, new_client: type[Client]
) -> None:
    token = wrapping_up()
    save(asha, "do_not_call")
    factories.staff(VIKRAM)
    vikram = new_client()
    vikram.sign_in(VIKRAM)
    page = vikram.get("/floor/blocks")
    assert "They asked not to be called again." in page.text
    vikram.submit(page, "/lift")
    assert not is_blocked(token)


@pytest.mark.parametrize(
    ("wrong", "right", "status"),
    [
        ("do_not_call", "no_answer", Status.REACHED),
        ("unsafe", "no_answer", Status.WAITING),
        ("unsafe", "reached", Status.REACHED),
        ("no_answer", "unsafe", Status.WAITING),
        ("no_answer", "do_not_call", Status.REACHED),
        ("hoax", "busy", Status.UNREACHED),
        ("hoax", "reached", Status.UNREACHED),
    ],
)
def test_a_corrected_outcome_takes_block_and_hold_with_it(
    asha: Client, wrong: str, right: str, status: Status
) -> None:
    token = wrapping_up()
    page = asha.submit(save(asha, wrong), "/disposition/undo", follow=True)
    asha.submit(page, "/desk/unfinished", disposition=right)
    callback = found(token)
    assert (callback.status, callback.disposition) == (status, right)
    assert is_blocked(token) is (right == "do_not_call")
    assert restore_hold.held_count(db.session()) == (right == "unsafe")
    again = db.session.scalars(sa.select(Callback).where(Callback.again_of == callback.id)).all()
    called_after_all = wrong in ("do_not_call", "hoax") and right in ("no_answer", "busy")
    assert [each.status for each in again] == [Status.WAITING] * called_after_all
    if right == "reached":
        assert SPOKE in asha.get(f"/request/{token}").text


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_dropped_call_is_the_next_of_its_advisor(asha: Client, at: Clock) -> None:
    token = wrapping_up(may_ring_back=True)
    at.later(minutes=2)
    factories.link(ARJUN)
    save(asha, "dropped", then="next")
    assert found(token).status == Status.CLAIMED


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize(
    ("required", "typed", "error"),
    [
        (Required.NOTES, {"notes": "No."}, "“Declined” needs notes."),
        (Required.RISK_NOTE, {"risk_note": "None seen"}, "“Declined” needs a risk note."),
        (Required.REFERRAL, None, "“Declined” needs a referral."),
    ],
)
def test_what_an_admin_requires_is_asked_for_and_nothing_is_lost(
    asha: Client, required: Required, typed: dict[str, str] | None, error: str
) -> None:
    offer(Outcome(Disposition.DECLINED, required=frozenset({required})))
    factories.staff(RAVI)
    token = wrapping_up()
    refused = save(asha, "declined", hand_note="For Ravi")
    assert refused.status_code == 422
    assert error in Page(refused.text).the("div", cls="error-summary").text
    form = form_of(refused, "/disposition")
    assert form.fields["disposition"] == ["declined"]
    assert form.fields["hand_note"][0].strip() == "For Ravi"
    assert found(token).status == Status.CALLING
    if typed:
        assert asha.submit(form, **typed).status_code == 303
        assert found(token).status == Status.REACHED


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_an_emergency_says_what_was_done(asha: Client) -> None:
    token = wrapping_up()
    refused = save(asha, "emergency")
    assert refused.status_code == 422
    assert "Write in the notes what was done" in refused.text
    asha.submit(form_of(refused, "/disposition"), notes="Ambulance called at 11:03.")
    assert found(token).status == Status.REACHED


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_next_advisor_reads_the_risk_note_and_it_is_erased_with_the_notes(
    asha: Client, at: Clock
) -> None:
    offer(Outcome(Disposition.NO_ANSWER, required=frozenset({Required.RISK_NOTE})))
    token = wrapping_up()
    address = f"/desk/{found(token).id}/draft"
    form = form_of(asha.get("/desk/"), "/disposition").fill(risk_note="Alone at night")
    asha.post(address, data=form.fields)
    assert form_of(asha.get("/desk/"), "/disposition").fields["risk_note"] == ["Alone at night"]
    save(asha, "no_answer")
    at.later(minutes=20)
    asha.submit(asha.get("/desk/"), "/desk/next")
    assert (
        "Risk note: Alone at night" in Page(asha.get("/desk/").text).the("ol", cls="attempts").text
    )
    erasure.erase_everything(token, now=clock.now())
    assert db.session.scalars(sa.select(Attempt.risk_note)).all() == [None]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_an_outcome_that_is_not_shown_cannot_be_chosen(asha: Client) -> None:
    offer(Outcome(Disposition.HOAX, shown=False))
    token = wrapping_up()
    refused = save(asha, "hoax")
    assert refused.status_code == 422
    assert "Choose the outcome of the call." in refused.text
    assert found(token).status == Status.CALLING


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_draft_of_a_new_outcome_is_read_by_the_release_before(asha: Client, at: Clock) -> None:
    token = wrapping_up()
    address = f"/desk/{found(token).id}/draft"
    form = form_of(asha.get("/desk/"), "/disposition").fill(disposition="unsafe")
    asha.post(address, data=form.fields)
    stored = db.session.execute(sa.select(NoteDraft.disposition, NoteDraft.outcome)).one()
    assert tuple(stored) == (None, "unsafe")
    draft = drafts.draft_of(db.session(), found(token).id, factories.staff(ASHA).id)
    assert draft.disposition == Disposition.UNSAFE
    at.later(hours=2)
    assert calls.close_one_wrap_up(now=clock.now())
    assert found(token).held_at is not None


def test_a_restored_backup_lifts_a_block_that_was_lifted_since(asha: Client) -> None:
    token = wrapping_up()
    save(asha, "do_not_call")
    mark = found(token).phone_hash
    lifted = TombstoneRecord("a" * 32, clock.now(), TombstoneKind.UNBLOCKED, mark)
    restored_backup.apply_tombstones([lifted], now=clock.now())
    assert not is_blocked(token)


def test_a_restored_backup_keeps_why_a_number_was_blocked_and_lifts_no_other_block(
    asha: Client,
) -> None:
    token = wrapping_up()
    save(asha, "do_not_call")
    session, supervisor = db.session(), factories.staff(VIKRAM).id
    phone_limits.block(
        found(token).id, days=30, reason="pestered", supervisor_id=supervisor, now=clock.now()
    )
    asked = session.scalars(sa.select(NumberLimit).filter_by(why=LimitReason.ASKED)).one()
    phone_limits.unblock(asked.id, supervisor_id=supervisor, now=clock.now())
    stones = [
        TombstoneRecord(row.ref, row.at, row.kind, row.mark, row.status, row.until)
        for row in session.scalars(sa.select(Tombstone).order_by(Tombstone.id))
        if row.kind in (TombstoneKind.BLOCKED, TombstoneKind.UNBLOCKED)
    ]
    for table in (NumberLimit, Tombstone):
        session.execute(sa.delete(table))
    session.commit()
    for until, left in ((2, {LimitReason.ASKED, LimitReason.BLOCKED}), (3, {LimitReason.BLOCKED})):
        restored_backup.apply_tombstones(stones[:until], now=clock.now())
        assert {limit.why for limit in checks.blocks(session, clock.now())} == left
