"""The first-run checklist of the overview: what a new helpline needs before it can call anyone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.calls.models import Attempt
from helpline.current import services
from helpline.db import ONE, db
from helpline.directory.crisis import queries as crisis_queries
from helpline.directory.crisis.queries import ToDo
from helpline.domain.call_progress import AttemptResult
from helpline.hours import queries as hours
from helpline.policy import queries as policy_queries
from helpline.policy import service as policy_service
from helpline.preflight.checks import Finding, Level
from helpline.staff import queries as staff
from helpline.web.access import ADMIN, allow
from helpline.web.admin.blueprint import admin
from helpline.web.language import gettext as _
from helpline.web.sessions import current_staff_id

_NEWEST_CALLS = 100
"""Calls among which one with a talk is looked for; there is no index of all."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the checklist, with the page where it is done."""

    title: str
    hint: str
    url: str
    is_done: bool


def open_checklist(crisis: ToDo, findings: Sequence[Finding] | None) -> list[Step]:
    """Return the steps; none once all are done or an admin has dismissed the checklist.

    Args:
        crisis: what there is to do in the crisis directory.
        findings: of the last preflight run; None before the first.
    """
    session = db.session()
    if policy_queries.current(session).checklist_dismissed_at is not None:
        return []
    is_carrier_right = findings is not None and all(
        finding.level != Level.WRONG for finding in findings
    )
    newest = sa.select(Attempt.result).order_by(Attempt.id.desc()).limit(_NEWEST_CALLS).subquery()
    talked = sa.select(newest).where(newest.c.result == AttemptResult.TALKED).limit(ONE)
    steps = [
        Step(
            _("Set the opening hours"),
            _("Visitors can book only within them."),
            url_for("admin.hours"),
            hours.newest_version(session) is not None,
        ),
        Step(
            _("Verify the crisis numbers"),
            _("Call each one and confirm that it is correct."),
            url_for("admin.check_lines"),
            bool(crisis_queries.active_lines(session)) and not crisis.never_verified,
        ),
        Step(
            _("Connect the phone company"),
            _("All checks of the account, the numbers and their addresses must pass."),
            url_for("admin.home", _anchor="preflight"),
            services().has_carrier and is_carrier_right,
        ),
        Step(
            _("Invite an advisor"),
            _("At least one advisor must have an account."),
            url_for("admin.staff"),
            bool(staff.advisors(session)),
        ),
        Step(
            _("Make a test call"),
            _("Request a call to your own phone here, and have an advisor call you."),
            url_for("visitor.home"),
            session.scalar(talked) is not None,
        ),
    ]
    return [] if all(step.is_done for step in steps) else steps


@admin.post("/checklist/dismiss")
@allow(ADMIN)
def dismiss_checklist() -> ResponseReturnValue:
    policy_service.dismiss_checklist(admin_id=current_staff_id(), now=clock.now())
    flash(_("The checklist is no longer shown."))
    return redirect(url_for("admin.home"), 303)
