"""What the tests of dispatch play with: advisors at their desks, the worker, signed webhooks."""

from __future__ import annotations

from functools import partial
from typing import Any

import sqlalchemy as sa
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from helpline import clock
from helpline.callbacks.models import Callback
from helpline.calls import settings as call_settings
from helpline.calls.dispatch import rounds
from helpline.calls.dispatch.offer_jobs import OFFERS
from helpline.calls.models import Offer
from helpline.current import settings
from helpline.db import db
from helpline.messaging.carrier_jobs import CarrierContext, end_next_unwanted, start_next
from helpline.messaging.models import Notice
from helpline.policy import queries as policy_queries
from helpline.policy.models import Dispatch
from helpline.privacy.models import AuditEntry
from helpline.staff import service as accounts
from helpline.staff.models import Presence, PresenceState
from helpline.telephony.adapters import FIRST
from helpline.telephony.carrier_routes import CarrierRoute
from tests import factories
from tests.cast import CARRIER_TOKEN, MEERA, Member
from tests.stateful.rules import broken_rules
from tests.support.web import Client


def decide(**changes: Any) -> int:
    """An admin sets dispatch and its numbers; push, where nothing else is said."""
    told: dict[str, Any] = {
        "dispatch": Dispatch.PUSH,
        "push_ring_at_once": 1,
        "misses_until_away": 3,
        "hand_deadline_minutes": 15,
        "live_calls_per_callback": 0,
    }
    before = policy_queries.current(db.session()).version
    admin = factories.staff(MEERA).id
    caller_ids = changes.pop("caller_ids", {})
    routes = {region: CarrierRoute(FIRST, number) for region, number in caller_ids.items()}
    routes |= changes.pop("routes", {})
    made = call_settings.save(
        told | changes, routes, expected_version=before, admin_id=admin, now=clock.now()
    )
    db.session.rollback()
    return made


def at_desk(*members: Member) -> list[int]:
    """Advisors who are available and whose desks are heard of now; those before are idle longer."""
    found = []
    for member in members:
        staff_id = factories.staff(member).id
        accounts.set_presence(staff_id, PresenceState.AVAILABLE, now=clock.now())
        found.append(staff_id)
    db.session.rollback()
    return found


def idle_since(member: Member, at: Any) -> None:
    """Since when an advisor has had nothing to do."""
    db.session.execute(
        sa.update(Presence).where(Presence.staff_id == factories.staff(member).id).values(since=at)
    )
    db.session.commit()


def stays(*members: Member) -> None:
    """Their desks are heard of once more."""
    for member in members:
        accounts.record_desk_seen(factories.staff(member).id, now=clock.now())
    db.session.rollback()


def offer() -> bool:
    """The worker looks once whether something is to be offered."""
    found = rounds.offer_next(now=clock.now())
    db.session.rollback()
    return found


def work(telephone: CarrierContext) -> None:
    """The worker's rounds of dispatch until there is nothing left to do."""
    ticks = (
        lambda: rounds.offer_next(now=clock.now()),
        partial(start_next, OFFERS, telephone),
        partial(end_next_unwanted, OFFERS, telephone),
    )
    while sum(tick() for tick in ticks):
        pass
    db.session.rollback()


def offers(callback: Callback | None = None) -> list[Offer]:
    """Every offer, oldest first."""
    db.session.rollback()
    wanted = sa.select(Offer).order_by(Offer.id)
    if callback is not None:
        wanted = wanted.where(Offer.callback_id == callback.id)
    return list(db.session.scalars(wanted))


def live_offer(member: Member) -> Offer:
    """The offer with which an advisor's phone rings."""
    mine = factories.staff(member).id
    return next(each for each in offers() if each.advisor_id == mine and each.ended_at is None)


def asked(callback: Callback | None = None) -> list[int]:
    """Whose phones were rung, in order."""
    return [each.advisor_id for each in offers(callback)]


def notices() -> list[tuple[str, str]]:
    """What supervisors and admins are told: kind and subject."""
    db.session.rollback()
    rows = db.session.scalars(
        sa.select(Notice).where(Notice.dismissed_at.is_(None)).order_by(Notice.id)
    )
    return [(str(each.kind), each.subject) for each in rows]


def deeds(deed: str) -> list[AuditEntry]:
    """The entries of one kind in the audit log."""
    db.session.rollback()
    return list(db.session.scalars(sa.select(AuditEntry).where(AuditEntry.deed == deed)))


def fresh(callback: Callback) -> Callback:
    """The callback as it stands now."""
    db.session.rollback()
    return db.session.get_one(Callback, callback.id)


def all_well() -> None:
    """Every rule that must always hold does."""
    db.session.rollback()
    broken = broken_rules(db.session())
    assert not broken, broken


def post(client: Client, path: str, **told: str) -> TestResponse:
    """A webhook, signed as the carrier signs."""
    address = settings().public_url + path
    signature = RequestValidator(CARRIER_TOKEN).compute_signature(address, told)
    return client.post(path, data=told, headers={"X-Twilio-Signature": signature})


def tells(client: Client, found: Offer, status: str, **more: str) -> TestResponse:
    """The carrier tells how an advisor's phone stands."""
    told = {"CallSid": found.call or "", "CallStatus": status, **more}
    return post(client, f"/webhooks/offer/{found.ref}/status", **told)


def answers(client: Client, found: Offer) -> str:
    """An advisor's phone is answered; what it hears comes back."""
    told = {"CallSid": found.call or "", "CallStatus": "in-progress"}
    return post(client, f"/webhooks/offer/{found.ref}/answered", **told).text


def presses(client: Client, found: Offer, digits: str = "1") -> str:
    """An advisor presses a key; what follows comes back."""
    told = {"CallSid": found.call or "", "CallStatus": "in-progress", "Digits": digits}
    return post(client, f"/webhooks/offer/{found.ref}/pressed", **told).text
