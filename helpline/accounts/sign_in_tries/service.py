"""Taking a turn before a password is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.accounts.sign_in_tries.models import SignInTries
from helpline.db import transaction
from helpline.domain.sign_in_pace import (
    ACCOUNT,
    FORGOTTEN_AFTER,
    NETWORK,
    OWN,
    WIDE_NETWORK,
    Pace,
)
from helpline.messages import notices
from helpline.messages.models import NoticeKind
from helpline.privacy import audit
from helpline.privacy.encryption import keyed_hash
from helpline.rows import add_if_absent


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose password is tried, and from where.

    Args:
        account: the e-mail address that was typed.
        networks: the networks it comes from, the narrowest first (IPv6: /64, /56 and /48).
        device: the mark of a browser from which this account has come in before.
    """

    account: str
    networks: tuple[str, ...]
    device: str | None = None

    @property
    def own(self) -> str:
        """The key of this account from here."""
        origin = f"device {self.device}" if self.device else f"address {self.networks[0]}"
        return keyed_hash("tries", f"password {self.account} {origin}")

    @property
    def all_addresses(self) -> str:
        """The key of this account from anywhere."""
        return keyed_hash("tries", f"password {self.account}")

    @property
    def paces(self) -> dict[str, Pace]:
        """Every count that this turn belongs to, by its key, and how fast it may go; of a known
        browser only its own. In an order that is always the same, so that two who take them never
        wait for one another."""
        paces = {self.own: OWN}
        if not self.device:
            paces[self.all_addresses] = ACCOUNT
            for width, network in enumerate(self.networks):
                key = keyed_hash("tries", f"password from {network}")
                paces[key] = WIDE_NETWORK if width > 1 else NETWORK
        return dict(sorted(paces.items()))


def take(turn: Turn, *, now: datetime) -> timedelta:
    """Takes a turn, which counts as wrong until it is said that it went well: so a hundred
    tries at once are a hundred tries.

    Returns:
        Nothing (zero) if it was taken; else how long to wait, and nothing was counted.
    """
    with transaction() as session:
        paces = turn.paces
        found = {key: _row(session, key, now) for key in paces}
        due = (found[key].last_at + paces[key].wait(found[key].wrong) - now for key in paces)
        wait = max(timedelta(0), *due)
        if not wait:
            for row in found.values():
                row.wrong, row.last_at = row.wrong + 1, now
        return wait


def went_well(turn: Turn, *, now: datetime) -> None:
    """It was right: the account's count from here begins anew, the others lose this turn."""
    with transaction() as session:
        session.execute(
            sa.delete(SignInTries).where(
                sa.or_(SignInTries.key == turn.own, SignInTries.last_at < now - FORGOTTEN_AFTER)
            )
        )
        session.execute(
            sa.update(SignInTries)
            .where(SignInTries.key.in_(list(turn.paces)), SignInTries.wrong > 0)
            .values(wrong=SignInTries.wrong - 1)
        )


def went_wrong(turn: Turn, staff_id: int | None, *, now: datetime) -> None:
    """It was wrong: said in the audit log, in the same way whether there is such an account. When
    guesses at an account are held up from everywhere, supervisors and admins get a notice."""
    with transaction() as session:
        row = session.get(SignInTries, turn.own)
        everywhere = session.get(SignInTries, turn.all_addresses)
        if staff_id and not turn.device and everywhere and ACCOUNT.wait(everywhere.wrong):
            notices.tell(session, NoticeKind.GUESSING, f"staff:{staff_id}", now=now)
        audit.record(
            session,
            at=now,
            actor="visitor",
            deed="sign_in_failed",
            subject=f"staff:{staff_id or 'unknown'}",
            what="password",
            slowed=bool(row and OWN.wait(row.wrong)),
        )


def _row(session: Session, key: str, now: datetime) -> SignInTries:
    row = None
    while row is None:  # The worker may erase an old one in between.
        add_if_absent(session, SignInTries, key=key, wrong=0, last_at=now)
        row = session.get(SignInTries, key, with_for_update=True)
    if row.last_at < now - FORGOTTEN_AFTER:
        row.wrong = 0
    row.last_at = min(row.last_at, now)  # Where the clock was put back, nobody waits for it.
    return row
