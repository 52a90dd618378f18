"""Reading the list of websites."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import ONE
from helpline.websites.models import WebsiteListVersion


@dataclass(frozen=True, slots=True)
class Website:
    """A website that may carry our panel.

    Args:
        origin: such as "https://example.org".
        may_tell_page: whether a request may say which of its pages it came from.
    """

    origin: str
    may_tell_page: bool


@dataclass(frozen=True, slots=True)
class WebsiteList:
    """The list in force, and the version of it."""

    version: int
    websites: tuple[Website, ...]

    def of(self, origin: str | None) -> Website | None:
        """The website of this origin; None where it is not let in."""
        return next((each for each in self.websites if each.origin == origin), None)


def in_force(session: Session) -> WebsiteList:
    """The list as last saved; an empty one until then."""
    newest = session.scalar(
        sa.select(WebsiteListVersion).order_by(WebsiteListVersion.version.desc()).limit(ONE)
    )
    if newest is None:
        return WebsiteList(0, ())
    return WebsiteList(newest.version, tuple(Website(**each) for each in newest.websites))
