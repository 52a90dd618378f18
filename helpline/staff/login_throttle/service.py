"""Count an attempt before the password, or a request's reference, is checked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import insert_or_ignore, transaction
from helpline.domain.login_backoff import (
    ACCOUNT,
    ACCOUNT_AND_ADDRESS,
    NETWORK,
    RESET_AFTER,
    WIDE_NETWORK,
    Backoff,
)
from helpline.messaging import staff_notices
from helpline.messaging.models import NoticeKind
from helpline.privacy import audit
from helpline.privacy.encryption import keyed_hash
from helpline.staff.login_throttle.models import LoginAttempts


@dataclass(frozen=True, slots=True)
class LoginAttempt:
    """One attempt to sign in.

    Args:
        account: the e-mail address typed.
        networks: its networks, the narrowest first (IPv6: /64, /56 and /48).
        device: the device cookie of a browser known to this account.
    """

    account: str
    networks: tuple[str, ...]
    device: str | None = None

    @property
    def own_key(self) -> str:
        """Key of this account from this address or device."""
        origin = f"device {self.device}" if self.device else f"address {self.networks[0]}"
        return keyed_hash("tries", f"password {self.account} {origin}")

    @property
    def account_key(self) -> str:
        """Key of this account from anywhere."""
        return keyed_hash("tries", f"password {self.account}")

    @property
    def backoffs(self) -> dict[str, Backoff]:
        """Every count of this attempt and its back-off, by key; a known browser has only its own.

        Always in the same order, so that two attempts never deadlock.
        """
        backoffs = {self.own_key: ACCOUNT_AND_ADDRESS}
        if not self.device:
            backoffs[self.account_key] = ACCOUNT
            for width, network in enumerate(self.networks):
                key = keyed_hash("tries", f"password from {network}")
                backoffs[key] = WIDE_NETWORK if width > 1 else NETWORK
        return dict(sorted(backoffs.items()))


def begin_attempt(attempt: LoginAttempt, *, now: datetime) -> timedelta:
    """Count an attempt to sign in: see ``count``."""
    with transaction() as session:
        return count(session, attempt.backoffs, now=now)


def count(session: Session, backoffs: Mapping[str, Backoff], *, now: datetime) -> timedelta:
    """Count an attempt as wrong until it proves right, so that concurrent guesses all count.

    Args:
        backoffs: by key, always in the same order.

    Returns:
        Zero if it may be checked; else how long to wait, and nothing was counted.
    """
    rows = {key: _lock_row(session, key, now) for key in backoffs}
    waits = (rows[key].last_at + backoffs[key].wait(rows[key].wrong) - now for key in backoffs)
    wait = max(timedelta(0), *waits)
    if not wait:
        for row in rows.values():
            row.wrong, row.last_at = row.wrong + 1, now
    return wait


def take_back(session: Session, backoffs: Collection[str]) -> None:
    """Take an attempt that proved right off its counts."""
    session.execute(
        sa.update(LoginAttempts)
        .where(LoginAttempts.key.in_(list(backoffs)), LoginAttempts.wrong > 0)
        .values(wrong=LoginAttempts.wrong - 1)
    )


def record_success(attempt: LoginAttempt, *, now: datetime) -> None:
    """Reset the account's own count, and take this attempt off the others."""
    with transaction() as session:
        session.execute(
            sa.delete(LoginAttempts).where(
                sa.or_(
                    LoginAttempts.key == attempt.own_key, LoginAttempts.last_at < now - RESET_AFTER
                )
            )
        )
        take_back(session, attempt.backoffs)


def record_failure(attempt: LoginAttempt, staff_id: int | None, *, now: datetime) -> None:
    """Record a failed sign-in in the audit log, the same for unknown accounts.

    When an account is throttled from everywhere, supervisors and admins are notified.
    """
    with transaction() as session:
        row = session.get(LoginAttempts, attempt.own_key)
        everywhere = session.get(LoginAttempts, attempt.account_key)
        if staff_id and not attempt.device and everywhere and ACCOUNT.wait(everywhere.wrong):
            staff_notices.notify_staff(session, NoticeKind.GUESSING, f"staff:{staff_id}", now=now)
        audit.record(
            session,
            at=now,
            actor="visitor",
            action="sign_in_failed",
            subject=f"staff:{staff_id or 'unknown'}",
            what="password",
            slowed=bool(row and ACCOUNT_AND_ADDRESS.wait(row.wrong)),
        )


def _lock_row(session: Session, key: str, now: datetime) -> LoginAttempts:
    row = None
    while row is None:  # The worker may erase an old one in between.
        insert_or_ignore(session, LoginAttempts, key=key, wrong=0, last_at=now)
        row = session.get(LoginAttempts, key, with_for_update=True)
    if row.last_at < now - RESET_AFTER:
        row.wrong = 0
    row.last_at = min(row.last_at, now)  # Where the clock was put back, nobody waits for it.
    return row
