"""Proof of consent, for complaints about calls, apart from all else that is known of a visitor.

A phone company in India asks for it within five business days of a complaint: that the person
asked, when, and in which words (docs/privacy.md). It
holds a keyed hash of the number and no name, leads to no request, and outlives an erasure until its
own retention period ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks.models import Channel, ConsentProof
from helpline.db import transaction
from helpline.privacy import audit
from helpline.privacy.encryption import consent_hash, phone_hash


@dataclass(frozen=True, slots=True)
class Consent:
    """What a visitor agreed to.

    Args:
        words: what they read or heard, in ``language``.
    """

    words: str
    language: str


def record(
    session: Session,
    consent: Consent,
    number_hash: str,
    *,
    channel: Channel,
    texts: bool,
    voicemail: bool,
    now: datetime,
) -> None:
    """Store a proof; never commits.

    Args:
        number_hash: the hash by which requests name the number.
        texts: whether text messages were agreed to as well; ``voicemail`` likewise.
    """
    session.add(
        ConsentProof(
            number_hash=consent_hash(number_hash),
            at=now.replace(second=0, microsecond=0),
            channel=channel,
            language=consent.language,
            words=consent.words,
            texts=texts,
            voicemail=voicemail,
        )
    )


def proofs_of(
    e164: str, *, staff_id: int, now: datetime, exported: bool = False
) -> Sequence[ConsentProof]:
    """Return the proofs of a number, newest first, and add an audit entry without the number."""
    with transaction() as session:
        proofs = session.scalars(
            sa.select(ConsentProof)
            .where(ConsentProof.number_hash == consent_hash(phone_hash(e164)))
            .order_by(ConsentProof.at.desc(), ConsentProof.id.desc())
        ).all()
        audit.record(
            session,
            at=now,
            actor=f"staff:{staff_id}",
            action="consent_exported" if exported else "consent_shown",
            subject="number",
            rows={"consent_proof": len(proofs)},
        )
        return proofs
