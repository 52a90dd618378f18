"""Keep requests from a database that was written with other keys.

With wrong keys nothing stored would be readable, and people who sent STOP would be called. The web
process stays up, as without a database: the crisis page is served
(docs/decisions/0013-crisis-page-needs-no-database).
"""

from __future__ import annotations

import time

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from helpline import clock
from helpline.db import db
from helpline.privacy import key_check
from helpline.privacy.key_check import WrongKeys
from helpline.web import db_bulkhead

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

_RECHECK_SECONDS = 5.0


class KeysRefused(PoolTimeout):
    """The database was written with other keys: treated as if it were down."""


def install(app: Flask) -> None:
    """Check the keys now, if the database answers, and again before a request first uses it."""
    gate = _KeyCheck()
    db_bulkhead.check_first(app, gate.pass_check)
    with app.app_context():
        try:
            with db.engine.connect() as connection:
                key_check.check(connection)
        except WrongKeys as wrong:
            _log(wrong)
        except SQLAlchemyError as error:
            log.warning(
                "keys not checked yet, database is unavailable", problem=type(error).__name__
            )
        finally:
            db.engine.dispose()


class _KeyCheck:
    """The last result in this process."""

    def __init__(self) -> None:
        self._are_right = False
        self._refused_until = 0.0

    def pass_check(self) -> None:
        """Return once the keys are known to be right.

        Raises:
            KeysRefused: they are not.
        """
        if self._are_right:
            return
        if time.monotonic() < self._refused_until:
            raise KeysRefused("database was written with different keys")
        db_bulkhead.without_check()
        try:
            key_check.check_and_record(db.engine, now=clock.now())
        except WrongKeys as wrong:
            self._refused_until = time.monotonic() + _RECHECK_SECONDS
            _log(wrong)
            raise KeysRefused("database was written with different keys") from wrong
        finally:
            db_bulkhead.with_check()
        self._are_right = True


def _log(wrong: WrongKeys) -> None:
    log.error("database was written with different keys", settings=wrong.settings)
