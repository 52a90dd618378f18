"""For machines that watch: is this process alive, and can it serve?"""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint
from flask.typing import ResponseReturnValue

from helpline.db import db
from helpline.web.gate import ANYONE, audience

health = Blueprint("health", __name__)


@health.get("/healthz")
@audience(ANYONE)
def alive() -> ResponseReturnValue:
    """This process answers."""
    return {"alive": True}


@health.get("/readyz")
@audience(ANYONE)
def ready() -> ResponseReturnValue:
    """The database answers too; 503 when it does not."""
    db.session.execute(sa.text("SELECT 1"))
    return {"ready": True}
