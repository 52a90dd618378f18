"""Taking a turn before a password or a code is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.accounts.sign_in_tries.models import SignInTries
from helpline.db import transaction
from helpline.domain.sign_in_pace import ACCOUNT, ADDRESS, FORGOTTEN_AFTER, OWN
from helpline.privacy import audit
from helpline.privacy.encryption import keyed_hash
from helpline.rows import add_if_absent


@dataclass(frozen=True, slots=True)
class Turn:
    """Who tries what, and from where.

    Args:
        what: "password" or "code".
        account: the address typed, or the id of who is halfway in.
        address: the network address, to the house but not the room (IPv6: the first 64 bits).
        device: the mark of a browser from which this account has come in before.
    """

    what: str
    account: str
    address: str
    device: str | None = None

    @property
    def own(self) -> str:
        """The key of this account from here."""
        origin = f"device {self.device}" if self.device else f"address {self.address}"
        return keyed_hash("tries", f"{self.what} {self.account} {origin}")

    @property
    def all_addresses(self) -> str:
        """The key of this account from anywhere."""
        return keyed_hash("tries", f"{self.what} {self.account}")

    @property
    def all_accounts(self) -> str:
        """The key of this address."""
        return keyed_hash("tries", f"{self.what} from {self.address}")

    @property
    def keys(self) -> list[str]:
        """All that count; of a known browser only its own. In an order that is always the same,
        so that two who take them never wait for one another."""
        if self.device:
            return [self.own]
        return sorted([self.own, self.all_addresses, self.all_accounts])


def take(turn: Turn, *, now: datetime) -> timedelta:
    """Takes a turn, which counts as wrong until it is said that it went well: so a hundred
    tries at once are a hundred tries.

    Returns:
        Nothing (zero) if it was taken; else how long to wait, and nothing was counted.
    """
    with transaction() as session:
        found = {key: _row(session, key, now) for key in turn.keys}
        wait = _wait(turn, found, now)
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
            .where(SignInTries.key.in_(turn.keys), SignInTries.wrong > 0)
            .values(wrong=SignInTries.wrong - 1)
        )


def went_wrong(turn: Turn, staff_id: int | None, *, now: datetime) -> None:
    """It was wrong: said in the audit log, in the same way whether there is such an account."""
    with transaction() as session:
        row = session.get(SignInTries, turn.own)
        audit.record(
            session,
            at=now,
            actor="visitor",
            deed="sign_in_failed",
            subject=f"staff:{staff_id or 'unknown'}",
            what=turn.what,
            slowed=bool(row and OWN.wait(row.wrong)),
        )


def _row(session: Session, key: str, now: datetime) -> SignInTries:
    add_if_absent(session, SignInTries, key=key, wrong=0, last_at=now)
    row = session.get_one(SignInTries, key, with_for_update=True)
    if row.last_at < now - FORGOTTEN_AFTER:
        row.wrong = 0
    row.last_at = min(row.last_at, now)  # Where the clock was put back, nobody waits for it.
    return row


def _wait(turn: Turn, found: dict[str, SignInTries], now: datetime) -> timedelta:
    own = found[turn.own]
    paces = {turn.own: OWN}
    if not turn.device:
        paces[turn.all_accounts] = ADDRESS
        if own.wrong:
            paces[turn.all_addresses] = ACCOUNT
    due = (found[key].last_at + pace.wait(found[key].wrong) - now for key, pace in paces.items())
    return max(timedelta(0), *due)
