"""Queries of the list of websites."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import ONE
from helpline.websites.models import WebsiteListVersion


@dataclass(frozen=True, slots=True)
class Website:
    """A website that may embed the panel.

    Args:
        origin: such as "https://example.org".
        may_tell_page: whether a request may record the page it came from.
    """

    origin: str
    may_tell_page: bool


@dataclass(frozen=True, slots=True)
class WebsiteList:
    version: int
    websites: tuple[Website, ...]

    def of(self, origin: str | None) -> Website | None:
        return next((website for website in self.websites if website.origin == origin), None)


def in_force(session: Session) -> WebsiteList:
    """Return the last saved list; empty if there is none."""
    newest = session.scalar(
        sa.select(WebsiteListVersion).order_by(WebsiteListVersion.version.desc()).limit(ONE)
    )
    if newest is None:
        return WebsiteList(0, ())
    return WebsiteList(newest.version, tuple(Website(**website) for website in newest.websites))
