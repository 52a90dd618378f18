"""What the service is called and speaks, as an admin set it; the settings until then.

Published as a file, as the crisis directory is: pages that need no database show the name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from helpline.atomic_files import write_atomic
from helpline.db import ONE, add_version, transaction
from helpline.policy.models import ServiceProfileVersion
from helpline.privacy import audit

logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ServiceProfile:
    """What visitors see of the service.

    Args:
        names: of the service, by language; empty for those of the settings.
        phone_shows_name: what phones may show for calls from the service; empty for no name.
        spoken_languages: those that a visitor can choose to speak; the first is the default.
        sends_texts: whether text messages are on; None for as in the settings.
    """

    names: Mapping[str, str]
    phone_shows_name: str
    spoken_languages: tuple[str, ...]
    sends_texts: bool | None = None


def published_path(crisis_file: Path) -> Path:
    """Return the path of the published file, next to the directory's."""
    return crisis_file.with_name("service.json")


def load(path: Path) -> ServiceProfile | None:
    """Return what is published; None where nothing is, or it cannot be read."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return ServiceProfile(
            dict(data["names"]),
            str(data["phone_shows_name"]),
            tuple(data["spoken_languages"]),
            data.get("sends_texts"),
        )
    except FileNotFoundError:
        return None
    except Exception:  # Whatever is wrong with it, pages must be shown.
        logger.exception("published service profile could not be read")
        return None


def publish(path: Path, profile: ServiceProfile) -> None:
    """Write the file atomically for all web processes."""
    write_atomic(path, json.dumps(asdict(profile), ensure_ascii=False) + "\n")


def newest(session: Session) -> ServiceProfileVersion | None:
    """Return the newest version, or None."""
    return session.scalar(
        sa.select(ServiceProfileVersion).order_by(ServiceProfileVersion.version.desc()).limit(ONE)
    )


def from_version(saved: ServiceProfileVersion) -> ServiceProfile:
    return ServiceProfile(
        saved.names, saved.phone_shows_name, tuple(saved.spoken_languages), saved.sends_texts
    )


def sends_texts(session: Session) -> bool | None:
    """Return whether text messages are on; None where no admin has decided it."""
    decided = sa.select(ServiceProfileVersion.sends_texts)
    return session.scalar(decided.order_by(ServiceProfileVersion.version.desc()).limit(ONE))


def save(
    profile: ServiceProfile,
    *,
    before: ServiceProfile,
    expected_version: int,
    admin_id: int,
    now: datetime,
) -> None:
    """Save what visitors see of the service.

    Args:
        before: what was in force, for the audit log.
        expected_version: the version that the admin edited; 0 before the first.

    Raises:
        StaleVersion: a newer version exists; nothing was saved.
    """
    values = {**asdict(profile), "spoken_languages": list(profile.spoken_languages)}
    with transaction() as session:
        add_version(
            session,
            ServiceProfileVersion(**values, saved_at=now, saved_by=admin_id),
            expected_version=expected_version,
        )
        audit.record(
            session,
            at=now,
            actor=f"staff:{admin_id}",
            action="service_profile_changed",
            subject="service",
            before={**asdict(before), "spoken_languages": list(before.spoken_languages)},
            after=values,
        )
