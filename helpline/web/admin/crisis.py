"""The crisis directory, as admins keep it."""

from __future__ import annotations

from collections.abc import Iterable

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from helpline import clock
from helpline.crisis import queries as crisis_queries
from helpline.crisis import service as crisis
from helpline.crisis.models import CrisisLineRow
from helpline.db import db
from helpline.house import settings
from helpline.web.admin.blueprint import admin
from helpline.web.gate import ADMIN, audience
from helpline.web.language import gettext as _
from helpline.web.page import region_names


@admin.get("/crisis-lines")
@audience(ADMIN)
def crisis_lines() -> ResponseReturnValue:
    """The crisis directory: what is known of each line, from where, and when it was last rung."""
    return render_template(
        "admin/crisis_lines.html",
        regions_with_lines=_by_region(crisis_queries.kept_lines(db.session())),
        regions=region_names(),
    )


@admin.post("/crisis-lines/<int:line_id>/confirm")
@audience(ADMIN)
def confirm_line(line_id: int) -> ResponseReturnValue:
    """Somebody rang this line today, and what we say of it is right."""
    try:
        crisis.confirm(line_id, staff_id=int(current_user.id), now=clock.now())
        crisis.publish_if_changed(settings().published_crisis_file)
        flash(_("Noted: you rang this line today."))
    except crisis.NoSuchLine:
        flash(_("This line is no longer in the directory."))
    return redirect(url_for("admin.crisis_lines"), 303)


def _by_region(lines: Iterable[CrisisLineRow]) -> list[tuple[str, list[CrisisLineRow]]]:
    """The lines of each region, those of the deployment's own region first."""
    own = settings().default_region
    found: dict[str, list[CrisisLineRow]] = {}
    for line in lines:
        found.setdefault(line.region, []).append(line)
    return sorted(found.items(), key=lambda each: (each[0] != own, each[0]))
