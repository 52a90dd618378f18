"""Jobs that chain the audit log and verify it daily."""

from __future__ import annotations

import time

import structlog

from helpline import clock
from helpline.db import read_snapshot, transaction
from helpline.messaging import staff_notices
from helpline.messaging.models import NoticeKind
from helpline.privacy import audit_chain
from helpline.privacy.audit_chain import ChainRefused, Finding, KnownEnd

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

_NOTIFY_EVERY_SECONDS = 3600.0


class Sealer:
    """Chain new audit entries; notify supervisors and admins when that is refused.

    Args:
        known_end: the last end of the chain recorded on this machine.
    """

    def __init__(self, known_end: KnownEnd) -> None:
        self._known = known_end
        self._tell_after = 0.0

    def seal(self) -> bool:
        """Chain some entries; return whether there may be more."""
        try:
            return audit_chain.seal_batch(self._known)
        except ChainRefused as refused:
            if time.monotonic() >= self._tell_after:
                self._tell_after = time.monotonic() + _NOTIFY_EVERY_SECONDS
                log.error("audit chain stopped", problem=refused.why)  # noqa: TRY400
                _notify_staff(NoticeKind.AUDIT_REFUSED)
            return False


def verify_if_due(known_end: KnownEnd) -> bool:
    """Verify the whole log when due, in one worker at a time.

    Args:
        known_end: the last end of the chain recorded on this machine; it must be in the log.
    """
    if not audit_chain.reserve_check(now=clock.now()):
        return False
    findings = 0
    try:
        end = known_end.read()
    except ChainRefused:
        end, findings = None, 1
    with read_snapshot() as session:
        until = audit_chain.head_of(session)
        noted = [end] if end else []
        for item in audit_chain.verify(session, until, recorded_ends=noted):
            if isinstance(item, Finding):
                findings += 1
                log.error(
                    "audit log verification failed",
                    problem=item.flaw,
                    seq=item.seq,
                    entry=item.entry_id,
                )
    audit_chain.record_check(findings, now=clock.now())
    if findings:
        _notify_staff(NoticeKind.AUDIT_FLAWED)
    return False


def _notify_staff(kind: NoticeKind) -> None:
    with transaction() as session:
        staff_notices.notify_staff(session, kind, "audit", now=clock.now())
