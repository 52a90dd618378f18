"""Transactions of the list of websites."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime

from helpline.db import StaleVersion, add_version, transaction
from helpline.domain.web_origins import Origin
from helpline.privacy import audit
from helpline.websites import queries
from helpline.websites.models import WebsiteListVersion
from helpline.websites.queries import Website


def allow(
    origin: Origin,
    *,
    may_tell_page: bool,
    expected_version: int,
    admin_id: int | None,
    now: datetime,
) -> None:
    """Allow a website to embed the panel and use the API, or change how.

    Args:
        may_tell_page: whether a request may record the page it came from.
        admin_id: None: the operator, at set-up.

    Raises:
        StaleVersion: there is a newer list; nothing was saved.
    """
    website = Website(origin.text, may_tell_page)
    _save(
        lambda websites: [*(w for w in websites if w.origin != website.origin), website],
        expected_version=expected_version,
        admin_id=admin_id,
        now=now,
    )


def remove(origin: str, *, expected_version: int, admin_id: int, now: datetime) -> None:
    """Remove a website: it shows the plain link from now on.

    Raises:
        StaleVersion: there is a newer list; nothing was saved.
    """
    _save(
        lambda websites: [w for w in websites if w.origin != origin],
        expected_version=expected_version,
        admin_id=admin_id,
        now=now,
    )


def _save(
    change: Callable[[Sequence[Website]], list[Website]],
    *,
    expected_version: int,
    admin_id: int | None,
    now: datetime,
) -> None:
    with transaction() as session:
        before = queries.in_force(session)
        if before.version != expected_version:
            raise StaleVersion
        after = sorted(change(before.websites), key=lambda website: website.origin)
        if tuple(after) == before.websites:
            return
        add_version(
            session,
            WebsiteListVersion(
                websites=[asdict(website) for website in after], saved_at=now, saved_by=admin_id
            ),
            expected_version=expected_version,
        )
        audit.record(
            session,
            at=now,
            actor="operator" if admin_id is None else f"staff:{admin_id}",
            action="websites_changed",
            subject="websites",
            before=[asdict(website) for website in before.websites],
            after=[asdict(website) for website in after],
        )
