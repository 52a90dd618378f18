"""Single rows; goes as its callers are moved to ``db``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline import db as database
from helpline.db import Base

insert_or_ignore = database.insert_or_ignore


def guarded_update(
    session: Session,
    row: Base,
    where: Mapping[str, Any],
    *guards: sa.ColumnElement[bool],
    fresh: tuple[str, ...] = (),
    **values: Any,
) -> bool:
    return database.guarded_update(session, row, where, *guards, **values)


def insert(session: Session, model: type[Base], **values: Any) -> int:
    row = model(**values)
    session.add(row)
    session.flush()
    [key] = sa.inspect(row).identity or ()
    return int(key)
