"""Where 'Exit this page' leads, and what our pages call themselves: as an admin set it.

It is published as a file, as the crisis directory is, since the way out must work while the
database is down.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from helpline.crisis.models import SafetySave
from helpline.db import ONE
from helpline.files import put_in_place

logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


class Icon(StrEnum):
    """What stands before the title in a browser's tab."""

    DOT = "dot"
    SHEET = "sheet"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Safety:
    """What somebody who looks over a shoulder may see.

    Args:
        neutral_site: where the way out leads, with its scheme.
        page_title: the title of every visitor page; empty: each page has its own.
        page_icon: see Icon.
    """

    neutral_site: str
    page_title: str = ""
    page_icon: Icon = Icon.DOT


def beside(crisis_file: Path) -> Path:
    """Where it is published: next to the crisis directory of this machine."""
    return crisis_file.with_name("safety.json")


def load(path: Path, default_site: str) -> Safety:
    """As last published on this machine, else the default. Never fails.

    Args:
        default_site: the operator's neutral site, until an admin sets one.
    """
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return Safety(told["neutral_site"], told["page_title"], Icon(told["page_icon"]))
    except FileNotFoundError:
        pass
    except Exception:  # Whatever is wrong with it, there must be a way out.
        logger.exception("published safety settings could not be read")
    return Safety(default_site)


def publish(path: Path, safety: Safety) -> None:
    """Puts it where every web process reads it, whole or not at all."""
    put_in_place(path, json.dumps(asdict(safety), ensure_ascii=False) + "\n")


def newest(session: Session) -> SafetySave | None:
    """What was saved last; None until an admin saves it first."""
    return session.scalar(sa.select(SafetySave).order_by(SafetySave.version.desc()).limit(ONE))


def of_save(saved: SafetySave) -> Safety:
    """A save as what it says."""
    return Safety(saved.neutral_site, saved.page_title, Icon(saved.page_icon))
