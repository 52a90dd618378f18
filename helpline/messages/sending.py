"""The verbs by which a text is sent: what the worker does, and what the carrier tells.

Sending has no idempotency key. So a text is taken, committed, and only then asked for; when the
answer is not heard it is looked for at the carrier, and never asked for again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import ONE, changed_one, transaction
from helpline.domain.job_limits import JobLimits, pause_before_next_look
from helpline.domain.text_progress import TextKind, TextStatus, before
from helpline.domain.unreadable import CannotBeRead, is_unreadable
from helpline.messages import failures, outbox, texts, undelivered
from helpline.messages.models import Kind, TextOut
from helpline.telephony.text_words import TextProblem, text_problem_of

_FIRST_PAUSE = timedelta(seconds=2)
_LONGEST_PAUSE = timedelta(minutes=2)
_UNHEARD_OF = timedelta(minutes=10)
_PAST_CARING = timedelta(days=1)


class NoSuchText(LookupError):
    """The carrier speaks of a text that we do not know."""


@dataclass(frozen=True, slots=True)
class Sending:
    """A text that is to be sent now, or that may have been."""

    text_id: int
    ref: str
    number: str
    words: str
    asked_at: datetime


def take_next(*, now: datetime, spent: bool = False) -> Sending | bool:
    """Takes the next text, so that no other worker sends it too. STOP is looked at once more.

    Args:
        spent: what a day may cost is reached; only crisis numbers are still sent.

    Returns:
        The text; True when one was dealt with without sending it; False when there is none.

    Raises:
        CannotBeRead: no key opens its number or its words. It stays as it is.
    """
    with transaction() as session:
        row = outbox.take_next(session, Kind.SEND_TEXT, now=now)
        if row is None:
            return False
        text = session.get_one(TextOut, row.subject_id, populate_existing=True)
        if texts.has_stopped(session, text.phone_hash):
            texts.end_unsent(session, text, TextProblem.STOPPED, now=now)
        elif spent and text.kind != TextKind.CRISIS:
            texts.end_unsent(session, text, TextProblem.SPENT, now=now)
        elif text.good_until <= now or text.phone is None or text.words is None:
            texts.end_unsent(session, text, TextProblem.TOO_LATE, now=now)
        elif is_unreadable(text.phone) or is_unreadable(text.words):
            raise CannotBeRead
        elif changed_one(
            session,
            sa.update(TextOut)
            .where(TextOut.id == text.id, TextOut.status == TextStatus.WAITING)
            .values(status=TextStatus.ASKED, asked_at=now, looked_at=now),
        ):
            return Sending(text.id, text.ref, text.phone, text.words, now)
        return True


def accepted(
    text_id: int, carrier_id: str, *, now: datetime, status: TextStatus = TextStatus.ACCEPTED
) -> None:
    """The carrier has the text."""
    with transaction() as session:
        text = session.get_one(TextOut, text_id, with_for_update=True, populate_existing=True)
        _goes_on(session, text, carrier_id, status, None, now)


def not_now(text_id: int, problem: str, *, now: datetime) -> None:
    """The text was surely not sent, but may be asked for again: after a pause that doubles."""
    with transaction() as session:
        if changed_one(
            session,
            sa.update(TextOut)
            .where(TextOut.id == text_id, TextOut.status == TextStatus.ASKED)
            .values(status=TextStatus.WAITING, problem=problem),
        ):
            tries = outbox.tries_of(session, Kind.SEND_TEXT, text_id)
            pause = min(_FIRST_PAUSE * 2 ** (tries - 1), _LONGEST_PAUSE)
            outbox.put_back(
                session, Kind.SEND_TEXT, text_id, not_before=now + pause, problem=problem
            )


def refused(text_id: int, problem: str, code: int | None, *, now: datetime) -> None:
    """The carrier will not send this text. If that is since the number said STOP to the carrier,
    we keep to it too."""
    with transaction() as session:
        text = session.get_one(TextOut, text_id, with_for_update=True, populate_existing=True)
        text.error_code = code
        texts.end_unsent(session, text, problem, now=now)
        if problem == TextProblem.STOPPED and text.phone_hash is not None:
            texts.stop(session, text.phone_hash, now=now)


def heard(
    ref: str,
    carrier_id: str,
    status: TextStatus,
    *,
    error_code: int | None,
    problem: str | None,
    now: datetime,
) -> None:
    """The carrier tells how far a text came. Twice, late or out of order makes no difference.

    Raises:
        NoSuchText: unknown reference.
    """
    with transaction() as session:
        text = session.scalar(sa.select(TextOut).where(TextOut.ref == ref).with_for_update())
        if text is None:
            raise NoSuchText
        if text.carrier_id not in (None, carrier_id):
            return
        _goes_on(session, text, carrier_id, status, error_code, now)
        if problem == TextProblem.STOPPED and text.phone_hash is not None:
            texts.stop(session, text.phone_hash, now=now)


def take_unsure(*, now: datetime, silent_after: timedelta) -> Sending | None:
    """Takes one text of which we do not know whether it was sent, to look for it at the carrier;
    it is not taken again before a pause that doubles each time, up to ``silent_after``."""
    with transaction() as session:
        text = session.scalar(
            sa.select(TextOut)
            .where(
                TextOut.status == TextStatus.ASKED,
                sa.or_(TextOut.looked_at <= now - silent_after, TextOut.look_at <= now),
                failures.may_run(failures.Job.LOOK_UP_TEXT, TextOut.id, now),
            )
            .order_by(TextOut.looked_at)
            .limit(ONE)
            .with_for_update(skip_locked=True)
        )
        if text is None or not changed_one(
            session,
            sa.update(TextOut)
            .where(TextOut.id == text.id, TextOut.looked_at == text.looked_at)
            .values(
                looked_at=now,
                look_at=now + pause_before_next_look(now - (text.asked_at or now), silent_after),
            ),
        ):
            return None
        failures.begin(failures.Job.LOOK_UP_TEXT, text.id)
        assert text.phone is not None
        assert text.words is not None
        if is_unreadable(text.phone) or is_unreadable(text.words):
            raise CannotBeRead
        assert text.asked_at is not None
        return Sending(text.id, text.ref, text.phone, text.words, text.asked_at)


def unsure(text_id: int, *, now: datetime) -> None:
    """It is not known whether the carrier has the text: it is to be looked up at once."""
    with transaction() as session:
        session.execute(
            sa.update(TextOut)
            .where(TextOut.id == text_id, TextOut.status == TextStatus.ASKED)
            .values(look_at=now)
        )


def end_one_overdue(*, now: datetime, limits: JobLimits) -> bool:
    """Ends one text that can no longer be sent, or of which it can no longer be found out whether
    it was, whether or not the carrier can be asked.

    Returns:
        Whether there was one.
    """
    with transaction() as session:
        text = session.scalar(
            sa.select(TextOut)
            .where(
                sa.or_(
                    sa.and_(
                        TextOut.status == TextStatus.WAITING,
                        TextOut.good_until <= now - limits.queued,
                    ),
                    sa.and_(
                        TextOut.status == TextStatus.ASKED,
                        TextOut.asked_at <= now - limits.unconfirmed,
                    ),
                ),
                failures.may_run(failures.Job.END_OVERDUE_TEXT, TextOut.id, now),
            )
            .order_by(TextOut.id)
            .limit(ONE)
            .with_for_update(skip_locked=True)
        )
        if text is None:
            return False
        failures.begin(failures.Job.END_OVERDUE_TEXT, text.id)
        waiting = text.status == TextStatus.WAITING
        problem = TextProblem.TOO_LATE if waiting else TextProblem.LOST
        texts.end_unsent(session, text, problem, now=now)
        return True


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A text that the carrier has, and of which we heard nothing for long."""

    text_id: int
    carrier_id: str


def take_unheard_of(*, now: datetime) -> UnderWay | None:
    """Takes one text whose end the carrier has not told for ten minutes, to ask about it: once
    after each word of the carrier, so that one that says no more is not asked for ever."""
    with transaction() as session:
        text = session.scalar(
            sa.select(TextOut)
            .where(
                TextOut.status.in_((TextStatus.ACCEPTED, TextStatus.SENT)),
                TextOut.heard_at.between(now - _PAST_CARING, now - _UNHEARD_OF),
                TextOut.looked_at <= TextOut.heard_at,
            )
            .order_by(TextOut.heard_at)
            .limit(ONE)
            .with_for_update(skip_locked=True)
        )
        if text is None or text.carrier_id is None:
            return None
        text.looked_at = now
        return UnderWay(text.id, text.carrier_id)


def seen(
    text_id: int, carrier_id: str, status: TextStatus, error_code: int | None, *, now: datetime
) -> None:
    """What the carrier said of a text when asked."""
    with transaction() as session:
        text = session.get_one(TextOut, text_id, with_for_update=True, populate_existing=True)
        _goes_on(session, text, carrier_id, status, error_code, now)


def unclaimed(carrier_ids: list[str]) -> list[str]:
    """Of these carrier ids, those that belong to no text yet."""
    with transaction() as session:
        known = set(
            session.scalars(
                sa.select(TextOut.carrier_id).where(TextOut.carrier_id.in_(carrier_ids))
            )
        )
        return [each for each in carrier_ids if each not in known]


def not_found(text_id: int, *, now: datetime, lost_after: timedelta) -> None:
    """The carrier knows no such text. Once that can no longer be a delay it is given up."""
    with transaction() as session:
        text = session.get_one(TextOut, text_id, with_for_update=True, populate_existing=True)
        if text.asked_at is not None and text.asked_at + lost_after <= now:
            texts.end_unsent(session, text, TextProblem.LOST, now=now)


def _goes_on(
    session: Session,
    text: TextOut,
    carrier_id: str,
    status: TextStatus,
    error_code: int | None,
    now: datetime,
) -> None:
    """Forward only. The number and the words are no longer needed here."""
    in_vain = status in (TextStatus.FAILED, TextStatus.UNDELIVERED)
    problem = (
        (text_problem_of(error_code) if error_code else TextProblem.UNDELIVERED)
        if in_vain
        else None
    )
    if changed_one(
        session,
        sa.update(TextOut)
        .where(TextOut.id == text.id, TextOut.status.in_(before(status)))
        .values(
            status=status,
            carrier_id=carrier_id,
            error_code=error_code,
            heard_at=now,
            problem=problem,
            phone=None,
            words=None,
        ),
    ):
        outbox.done(session, Kind.SEND_TEXT, text.id, now=now)
        if problem is not None:
            undelivered.tell(session, text, problem, now=now)
