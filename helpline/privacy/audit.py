"""Write the audit log, in the transaction of the audited action."""

from __future__ import annotations

import hmac
import json
import secrets
from datetime import UTC, datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.privacy.encryption import audit_key
from helpline.privacy.models import AuditEntry

INSERT_ENTRY = sa.insert(cast(sa.Table, AuditEntry.__table__)).inline()


def record(
    session: Session, *, at: datetime, actor: str, action: str, subject: str, **detail: Any
) -> None:
    """Add an entry with its MAC: only a process with the key can add one that verifies.

    Args:
        actor: "staff:7", "visitor", "carrier" or "worker"; never a name.
        action: as an event: "number_shown", "hours_changed".
        subject: its object: "callback:12".
        detail: before and after, or why; never a name, a number or a note.
    """
    session.add(
        AuditEntry(**new_entry(at=at, actor=actor, action=action, subject=subject, **detail))
    )


def new_entry(
    *, at: datetime, actor: str, action: str, subject: str, **detail: Any
) -> dict[str, Any]:
    """Return the values of an entry as ``record`` adds it, for ``INSERT_ENTRY``."""
    uid = secrets.token_hex(16)
    stored: dict[str, Any] = json.loads(json.dumps(detail))
    return {
        "at": at,
        "actor": actor,
        "deed": action,
        "subject": subject,
        "detail": stored,
        "uid": uid,
        "mac": entry_mac(uid, at, actor, action, subject, stored),
    }


def entry_mac(
    uid: str, at: datetime, actor: str, action: str, subject: str, detail: dict[str, Any]
) -> str:
    """Return the MAC of an entry, independent of its position: HMAC-SHA-256, hex."""
    instant = at.astimezone(UTC).isoformat(timespec="microseconds")
    values = ["entry", uid, instant, actor, action, subject, detail]
    return hmac.new(audit_key(), canonical(values), "sha256").hexdigest()


def is_genuine(entry: AuditEntry) -> bool:
    """Return whether an entry has the right MAC."""
    if entry.mac is None or entry.uid is None:
        return False
    expected = entry_mac(entry.uid, entry.at, entry.actor, entry.deed, entry.subject, entry.detail)
    return hmac.compare_digest(expected, entry.mac)


def canonical(value: Any) -> bytes:
    """Return the canonical bytes of a value that is authenticated."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
