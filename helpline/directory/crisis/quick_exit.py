"""Quick exit target and page titles, as an admin set them.

Published as a file, as the directory is, since quick exit must work without a database.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from helpline.atomic_files import write_atomic
from helpline.db import ONE
from helpline.directory.crisis.models import SafetyVersion

logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


class Icon(StrEnum):
    """The icon of a browser tab."""

    DOT = "dot"
    SHEET = "sheet"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Safety:
    """What someone looking over a shoulder may see.

    Args:
        neutral_site: target of quick exit, with its scheme.
        page_title: title of every visitor page; empty for each page's own.
    """

    neutral_site: str
    page_title: str = ""
    page_icon: Icon = Icon.DOT


def published_path(crisis_file: Path) -> Path:
    """Return the path of the published file, next to the directory's."""
    return crisis_file.with_name("safety.json")


def load(path: Path, default_site: str) -> Safety:
    """Return the published values, else the defaults. Never fails.

    Args:
        default_site: the operator's neutral site.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Safety(data["neutral_site"], data["page_title"], Icon(data["page_icon"]))
    except FileNotFoundError:
        pass
    except Exception:  # Whatever is wrong with it, there must be a way out.
        logger.exception("published safety settings could not be read")
    return Safety(default_site)


def publish(path: Path, safety: Safety) -> None:
    """Write the file atomically for all web processes."""
    write_atomic(path, json.dumps(asdict(safety), ensure_ascii=False) + "\n")


def newest(session: Session) -> SafetyVersion | None:
    """Return the newest version, or None."""
    return session.scalar(
        sa.select(SafetyVersion).order_by(SafetyVersion.version.desc()).limit(ONE)
    )


def from_version(saved: SafetyVersion) -> Safety:
    return Safety(saved.neutral_site, saved.page_title, Icon(saved.page_icon))
