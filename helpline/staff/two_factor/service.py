"""Set up, verify and remove second factors."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import insert_or_ignore, transaction, updated_one_row
from helpline.domain.unreadable import if_readable
from helpline.privacy import audit
from helpline.staff.models import Staff
from helpline.staff.sessions import elevation, revocation
from helpline.staff.sessions.models import StaffSession
from helpline.staff.two_factor import codes, failed_codes, passkeys
from helpline.staff.two_factor.errors import InvalidCode, InvalidPasskey, LastFactor
from helpline.staff.two_factor.models import CodeApp, Passkey, RecoveryCode
from helpline.staff.two_factor.passkeys import RelyingParty
from helpline.staff.two_factor.queries import enrolled_factors


@dataclass(frozen=True, slots=True)
class EnrolledFactor:
    """The result of setting up a factor.

    Args:
        key: the session's new key.
        recovery_codes: to be shown once; empty where there are some already.
    """

    key: str
    recovery_codes: list[str]


def start_set_up(session_id: int) -> tuple[str, str]:
    """Return the secret of the app being set up in a session, which is stable until it is done, and
    a new passkey challenge.
    """
    with transaction() as session:
        staff_session = session.get_one(StaffSession, session_id)
        staff_session.app_secret = if_readable(staff_session.app_secret) or codes.new_secret()
        return staff_session.app_secret, _renew_challenge(staff_session)


def challenge(session_id: int) -> str:
    """Return a new passkey challenge (base64url); it replaces the previous one."""
    with transaction() as session:
        return _renew_challenge(session.get_one(StaffSession, session_id))


def _renew_challenge(staff_session: StaffSession) -> str:
    staff_session.challenge = secrets.token_urlsafe(32)
    return staff_session.challenge


def add_app(
    session_id: int, staff_id: int, code: str, *, max_age: timedelta, now: datetime
) -> EnrolledFactor:
    """Set up an authenticator app after a right code; it replaces an existing one.

    Raises:
        InvalidCode: nothing was changed.
    """
    with transaction() as session:
        secret = session.get_one(StaffSession, session_id).app_secret
        counter = secret and codes.matching_counter(code, secret, after=None, now=now)
        if not secret or not counter:
            raise InvalidCode
        session.execute(sa.delete(CodeApp).where(CodeApp.staff_id == staff_id))
        session.add(CodeApp(staff_id=staff_id, secret=secret, last_counter=counter, added_at=now))
        _record(session, staff_id, "second_step_added", now, what="app")
        return _complete_enrollment(session, session_id, staff_id, "app", max_age, now)


def add_passkey(
    session_id: int,
    staff_id: int,
    response: str,
    name: str,
    *,
    relying_party: RelyingParty,
    max_age: timedelta,
    now: datetime,
) -> EnrolledFactor:
    """Register a passkey that answered the session's challenge.

    Args:
        response: the browser's response (JSON).
        name: chosen by its owner.

    Raises:
        InvalidPasskey: nothing was added.
    """
    expected_challenge = _consume_challenge(session_id)
    new = expected_challenge and passkeys.verify_registration(
        relying_party, expected_challenge, response
    )
    if not new:
        raise InvalidPasskey
    with transaction() as session:
        if not insert_or_ignore(
            session,
            Passkey,
            staff_id=staff_id,
            credential_id=new.credential_id,
            public_key=new.public_key,
            sign_count=new.sign_count,
            name=name,
            added_at=now,
        ):
            raise InvalidPasskey
        _record(session, staff_id, "second_step_added", now, what="passkey")
        return _complete_enrollment(session, session_id, staff_id, "passkey", max_age, now)


def verify_code(
    session_id: int, staff_id: int, code: str, *, max_age: timedelta, now: datetime
) -> str:
    """Complete a sign-in by an app code or a recovery code, which is then used up.

    Returns:
        The session's new key.

    Raises:
        InvalidCode: wrong, expired or used, also concurrently elsewhere.
        TooManyInvalidCodes: wrong, and the sign-in has ended.
    """
    failed_codes.count_attempt(session_id, staff_id, now=now)
    with transaction() as session:
        by_recovery_code = False
        is_valid = _use_app_code(session, staff_id, code, now)
        if not is_valid:
            is_valid = by_recovery_code = _use_recovery_code(session, staff_id, code)
        if is_valid:
            if by_recovery_code:
                _record(session, staff_id, "recovery_code_used", now)
            failed_codes.reset(session, session_id, staff_id)
            by = "recovery_code" if by_recovery_code else "app"
            return elevation.elevate(session, session_id, by=by, max_age=max_age, at=now)
    failed_codes.record_failure(session_id, staff_id, now=now)
    raise InvalidCode


def verify_passkey(
    session_id: int,
    staff_id: int,
    response: str,
    *,
    relying_party: RelyingParty,
    max_age: timedelta,
    now: datetime,
) -> str:
    """Complete a sign-in by a passkey.

    Returns:
        The session's new key.

    Raises:
        InvalidPasskey: not theirs, or the response is not to the session's challenge.
    """
    expected_challenge = _consume_challenge(session_id)
    credential = passkeys.credential_id(response)
    with transaction() as session:
        key = session.scalar(
            sa.select(Passkey).where(
                Passkey.credential_id == credential, Passkey.staff_id == staff_id
            )
        )
        if key is None or expected_challenge is None:
            raise InvalidPasskey
        count = passkeys.verify_authentication(relying_party, expected_challenge, response, key)
        if count is None:
            raise InvalidPasskey
        key.sign_count, key.last_used_at = count, now
        failed_codes.reset(session, session_id, staff_id)
        return elevation.elevate(session, session_id, by="passkey", max_age=max_age, at=now)


def new_recovery_codes(staff_id: int, *, now: datetime) -> list[str]:
    """Return new recovery codes, to be shown once; the previous ones are revoked."""
    with transaction() as session:
        _record(session, staff_id, "recovery_codes_made", now)
        return _replace_recovery_codes(session, staff_id)


def remove_app(staff_id: int, *, required: bool, now: datetime) -> None:
    """Remove the authenticator app, if any; raise LastFactor if it is the only one and required."""
    with transaction() as session:
        _require_another_factor(session, staff_id, required)
        if updated_one_row(session, sa.delete(CodeApp).where(CodeApp.staff_id == staff_id)):
            _after_removal(session, staff_id, "app", now)


def remove_passkey(passkey_id: int, staff_id: int, *, required: bool, now: datetime) -> None:
    """Remove a passkey, if it is theirs.

    Raises:
        LastFactor: it is the only factor, and one is required.
    """
    with transaction() as session:
        _require_another_factor(session, staff_id, required)
        deletion = sa.delete(Passkey).where(Passkey.id == passkey_id, Passkey.staff_id == staff_id)
        if updated_one_row(session, deletion):
            _after_removal(session, staff_id, "passkey", now)


def reset(staff_id: int, *, actor: str, now: datetime) -> None:
    """Remove all factors of someone who lost them and end their sessions; the next sign-in sets up
    new ones.

    Args:
        actor: the admin who verified the person's identity.
    """
    with transaction() as session:
        for model in (CodeApp, Passkey, RecoveryCode):
            session.execute(sa.delete(model).where(model.staff_id == staff_id))
        session.execute(sa.update(Staff).where(Staff.id == staff_id).values(wrong_codes=0))
        audit.record(
            session, at=now, actor=actor, action="second_step_reset", subject=f"staff:{staff_id}"
        )
        revocation.revoke_all(session, staff_id, at=now, actor=actor, reason="second_step_reset")


def _consume_challenge(session_id: int) -> str | None:
    with transaction() as session:
        staff_session = session.get_one(StaffSession, session_id)
        used_challenge, staff_session.challenge = staff_session.challenge, None
        return used_challenge


def _use_app_code(session: Session, staff_id: int, code: str, now: datetime) -> bool:
    app = session.get(CodeApp, staff_id)
    counter = app and codes.matching_counter(code, app.secret, after=app.last_counter, now=now)
    return bool(counter) and updated_one_row(
        session,
        sa.update(CodeApp)
        .where(CodeApp.staff_id == staff_id, CodeApp.last_counter < counter)
        .values(last_counter=counter),
    )


def _use_recovery_code(session: Session, staff_id: int, code: str) -> bool:
    return updated_one_row(
        session,
        sa.delete(RecoveryCode).where(
            RecoveryCode.staff_id == staff_id,
            RecoveryCode.code_hash == codes.recovery_hash(staff_id, code),
        ),
    )


def _complete_enrollment(
    session: Session, session_id: int, staff_id: int, by: str, max_age: timedelta, now: datetime
) -> EnrolledFactor:
    session.flush()
    has_codes = enrolled_factors(session, staff_id).codes_left
    new_codes = [] if has_codes else _replace_recovery_codes(session, staff_id)
    return EnrolledFactor(
        elevation.elevate(session, session_id, by=by, max_age=max_age, at=now), new_codes
    )


def _replace_recovery_codes(session: Session, staff_id: int) -> list[str]:
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
    new_codes = codes.new_recovery_codes()
    session.add_all(
        RecoveryCode(staff_id=staff_id, code_hash=codes.recovery_hash(staff_id, code))
        for code in new_codes
    )
    return new_codes


def _require_another_factor(session: Session, staff_id: int, required: bool) -> None:
    if required and enrolled_factors(session, staff_id).count == 1:
        raise LastFactor


def _after_removal(session: Session, staff_id: int, what: str, now: datetime) -> None:
    _record(session, staff_id, "second_step_removed", now, what=what)
    if not enrolled_factors(session, staff_id).ready:
        session.execute(sa.delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))


def _record(session: Session, staff_id: int, action: str, now: datetime, **detail: str) -> None:
    audit.record(
        session,
        at=now,
        actor=f"staff:{staff_id}",
        action=action,
        subject=f"staff:{staff_id}",
        **detail,
    )
