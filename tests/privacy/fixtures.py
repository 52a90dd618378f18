"""A callback that has been through everything, so that there is something to erase everywhere."""

from __future__ import annotations

import itertools
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from helpline import clock
from helpline.callbacks.models import Callback, Transfer
from helpline.callbacks.phone_limits.models import LimitReason, NumberLimit
from helpline.callbacks.set_aside.models import SetAside
from helpline.calls.inbound.models import (
    Asked,
    InboundCall,
    InboundReply,
    MessageState,
    VoiceMessage,
)
from helpline.calls.models import Attempt, Channel, NoteDraft
from helpline.calls.supervision.models import SupervisorAction, SupervisorEvent
from helpline.db import Base, db
from helpline.directory.referrals.models import Referral, ServiceEntry
from helpline.domain.call_progress import AttemptState
from helpline.domain.intake_answers import Answers
from helpline.domain.sms_commands import Command
from helpline.domain.sms_progress import SmsKind, SmsStatus
from helpline.messaging.models import InboundSms, Kind, OutboundSms, OutboxRow, OutboxState, SmsHint
from helpline.privacy.encryption import keyed_hash, request_hash
from helpline.privacy.models import AuditEntry
from helpline.privacy.pii_inventory import VISITOR_GROUPS, columns_of_groups
from tests import factories
from tests.cast import ASHA, RAVI

_numbers = itertools.count(1)


def sid(kind: str) -> str:
    """A carrier's id of this kind."""
    return f"{kind}{next(_numbers):030x}"


def been_through_everything(
    callback: Callback,
    *,
    text: SmsStatus = SmsStatus.WAITING,
    message: MessageState = MessageState.KEPT,
) -> None:
    """Fill every column in which something of this visitor may be stored."""
    now, session = clock.now(), db.session()
    callback = session.get_one(Callback, callback.id)
    asha, ravi = factories.staff(ASHA).id, factories.staff(RAVI).id
    told = {"callback_id": callback.id}
    session.add(
        Attempt(
            ref=sid("R"),
            advisor_id=asha,
            channel=Channel.OWN_PHONE,
            state=AttemptState.ENDED,
            created_at=now,
            heard_at=now,
            ended_at=now,
            notes="what was said",
            risk_note="alone",
            **told,
        )
    )
    session.add(
        NoteDraft(
            advisor_id=asha, notes="half a note", risk_note="alone", version=1, saved_at=now, **told
        )
    )
    session.add(Transfer(from_staff=asha, to_staff=ravi, note="for the next", at=now, **told))
    _fill_callback(callback)
    _add_reasons_and_referral(callback.id, asha, now)
    written = OutboundSms(
        ref=sid("T"),
        kind=SmsKind.CRISIS,
        once="",
        phone_hash=callback.phone_hash,
        phone=callback.phone,
        words="numbers",
        status=text,
        created_at=now,
        good_until=now,
        asked_at=now,
        looked_at=now,
        **told,
    )
    call = InboundCall(
        sid=sid("CA"),
        phone=callback.phone,
        phone_hash=callback.phone_hash,
        region="IN",
        asked=Asked.NOTHING,
        typed_phone=callback.phone,
        began_at=now,
        heard_at=now,
        ended_at=now,
        rung=[],
        **told,
    )
    session.add_all((written, call))
    session.flush()
    session.add(InboundReply(call_id=call.id, turn=0, reply=callback.phone, at=now))
    left = VoiceMessage(
        recording=sid("RE"),
        call_id=call.id,
        left_at=now,
        seconds=8,
        state=message,
        sound=b"a voice" if message == MessageState.KEPT else None,
        **told,
    )
    session.add(left)
    session.flush()
    _effect(Kind.SEND_TEXT, written.id, OutboxState.PENDING, now)
    fetched = OutboxState.DONE if message == MessageState.KEPT else OutboxState.GIVEN_UP
    _effect(Kind.FETCH_RECORDING, left.id, fetched, now)
    session.commit()


def _fill_callback(callback: Callback) -> None:
    """Fill what a request of the shortest form leaves empty."""
    callback.phone_extension = "12"
    callback.located_in = "IN-MH"
    callback.phone_as_typed = f"{callback.phone} ext 12"
    callback.answers = Answers(code_word="blue door", safe_times="after nine").to_text()
    callback.source_title = "Leaving safely"
    callback.request_hash = callback.request_hash or request_hash(f"request {callback.id}")
    for width in ("network_hash", "network_56_hash", "network_48_hash"):
        setattr(callback, width, keyed_hash("network", f"{width} {callback.id}"))


def _add_reasons_and_referral(callback_id: int, supervisor_id: int, now: datetime) -> None:
    """Add what supervisors wrote about a callback, and a place that the visitor was told of."""
    place = ServiceEntry(
        region="IN",
        position=next(_numbers),
        name="A clinic",
        kind="clinic",
        languages=["en"],
        notes_by_language={},
        sources=[],
        version=1,
    )
    db.session.add(place)
    db.session.flush()
    db.session.add_all(
        (
            SupervisorEvent(
                callback_id=callback_id,
                deed=SupervisorAction.FIRST,
                at=now,
                by_staff=supervisor_id,
                reason="why it is first",
            ),
            NumberLimit(
                why=LimitReason.BLOCKED,
                since=now,
                until=now,
                callback_id=callback_id,
                by_staff=supervisor_id,
                reason="why it is blocked",
            ),
            SetAside(
                at=now,
                by_staff=supervisor_id,
                example_id=callback_id,
                alike=["network"],
                since=now,
                until=now,
                reason="why it is set aside",
            ),
            Referral(callback_id=callback_id, place_id=place.id, at=now, by_staff=supervisor_id),
        )
    )


def _effect(kind: Kind, subject_id: int, state: OutboxState, now: datetime) -> None:
    db.session.add(
        OutboxRow(
            kind=kind,
            subject_id=subject_id,
            state=state,
            created_at=now,
            not_before=now,
            tries=1,
        )
    )


def texted_and_rang(callback: Callback) -> None:
    """The same number texted us and rang us, without any callback coming of it."""
    now = clock.now()
    db.session.add_all(
        (
            InboundSms(
                carrier_id=sid("SM"),
                phone_hash=callback.phone_hash,
                command=Command.HELP,
                received_at=now,
                answer="numbers",
                words="help me please",
            ),
            SmsHint(phone_hash=callback.phone_hash, at=now),
            InboundCall(
                sid=sid("CA"),
                phone=callback.phone,
                phone_hash=callback.phone_hash,
                region="IN",
                asked=Asked.NOTHING,
                began_at=now,
                heard_at=now,
                ended_at=now,
                rung=[],
            ),
        )
    )
    db.session.commit()


def left_of(*callbacks: int) -> list[str]:
    """What the database still says of the visitors of these callbacks (of all, where none is
    named), as "table.column"."""
    db.session.rollback()
    found = []
    for each in columns_of_groups(VISITOR_GROUPS):
        table = Base.metadata.tables[each.table]
        query: sa.Select[Any] = sa.select(table)
        if callbacks and each.callback:
            query = query.where(table.c[each.callback].in_(callbacks))
        elif callbacks:
            continue
        for row in db.session.execute(query).mappings():
            found += [f"{each.table}.{name}" for name in each.columns if row[name] is not None]
            found += [] if each.columns else [each.table]
    return sorted(set(found))


def deeds(name: str) -> list[AuditEntry]:
    """What the audit log says of a deed, oldest first."""
    db.session.rollback()
    found = sa.select(AuditEntry).where(AuditEntry.deed == name).order_by(AuditEntry.id)
    return list(db.session.scalars(found))
