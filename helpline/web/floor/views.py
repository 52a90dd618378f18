"""The floor's views."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from helpline.db import db
from helpline.web.gate import ADMIN, SUPERVISOR, audience
from helpline.web.notices import shown_notices

floor = Blueprint("floor", __name__, url_prefix="/floor")


@floor.get("/", endpoint="floor")
@audience(SUPERVISOR, ADMIN)
def the_floor() -> ResponseReturnValue:
    """The whole floor."""
    return render_template("floor/floor.html", notices=shown_notices(db.session()))
