"""The overview: state of the service, and what needs attention."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.callbacks import dispatch_pause, queue
from helpline.current import services, settings
from helpline.db import db
from helpline.directory.crisis import queries as crisis_queries
from helpline.messaging import service as messages
from helpline.messaging.queries import last_heartbeat
from helpline.preflight import checks
from helpline.preflight import service as preflight
from helpline.preflight.checks import Check, Finding, Level
from helpline.preflight.queries import latest_findings as newest_findings
from helpline.telephony import carrier_routes
from helpline.telephony.port import CarrierError
from helpline.web import formatting, preflight_text
from helpline.web.access import ADMIN, SUPERVISOR, allow
from helpline.web.admin import first_run, holiday_text
from helpline.web.admin.blueprint import admin
from helpline.web.admin.safety_facts import fact_states
from helpline.web.admin.visitor_preview import preview_of
from helpline.web.language import gettext as _
from helpline.web.notices import shown_notices
from helpline.web.request_context import hours_plan
from helpline.web.sessions import current_staff_id
from helpline.web.visitor_context import region_names

_WORKER_IS_SILENT_AFTER = timedelta(seconds=60)


@admin.get("/")
@allow(ADMIN)
def home() -> ResponseReturnValue:
    now, session, plan = clock.now(), db.session(), hours_plan()
    heartbeat = last_heartbeat(session)
    to_do = crisis_queries.to_do(session, now, regions={settings().default_region})
    checked_at, findings = newest_findings(session, exclude=Check.WORKER)
    return render_template(
        "admin/home.html",
        **preview_of(plan, now),
        worker=_worker(heartbeat),
        notices=shown_notices(session),
        pause=dispatch_pause.current(session, now),
        moved=holiday_text.moved(plan, now.astimezone(plan.zone).date()),
        **_findings(heartbeat, checked_at, findings),
        to_do=to_do,
        checklist=first_run.open_checklist(to_do, findings if checked_at else None),
        safety_to_do=_safety_to_do(),
        region_name=dict(region_names()).get,
        carrier_words=_carrier_words(),
        queue={
            "due": queue.due_count(session, now),
            "later": queue.later_count(session, now),
            "in_hand": queue.claimed_count(session),
        },
    )


@admin.post("/notices/<int:notice_id>/dismiss")
@allow(SUPERVISOR, ADMIN)
def dismiss_notice(notice_id: int) -> ResponseReturnValue:
    messages.dismiss_notice(notice_id, staff_id=current_staff_id(), now=clock.now())
    return redirect(url_for("floor.floor" if _from_the_floor() else "admin.home"), 303)


def _from_the_floor() -> bool:
    return request.form.get("back") == "floor"


@admin.post("/preflight")
@allow(ADMIN)
def check_again() -> ResponseReturnValue:
    """Have the worker run all preflight checks."""
    preflight.request_run(now=clock.now())
    flash(_("The checks are running again. Reload this page in a few seconds."))
    return redirect(url_for("admin.home"), 303)


@admin.post("/preflight/addresses")
@allow(ADMIN)
def set_addresses() -> ResponseReturnValue:
    """Set the webhooks of one of our numbers at the carrier."""
    number = request.form.get("number", "")
    name = carrier_routes.numbers_by_carrier(db.session()).get(number, "")
    carrier = services().carriers.get(name)
    if carrier is None:
        abort(404)
    try:
        owned = carrier.fetch_number(number)
        if owned is not None:
            carrier.set_routes(owned.id, checks.expected_routes(settings().public_url))
    except CarrierError:
        flash(
            _(
                "The phone company did not accept the addresses. Try again, or set them in its "
                "console."
            ),
            "error",
        )
        return redirect(url_for("admin.home"), 303)
    if owned is None:
        flash(_("The account does not own %(number)s.", number=number), "error")
        return redirect(url_for("admin.home"), 303)
    preflight.record_webhooks_set(
        number, admin_id=current_staff_id(), before=owned.routes.call.url, now=clock.now()
    )
    flash(_("Calls and text messages to %(number)s now come to this service.", number=number))
    return redirect(url_for("admin.home"), 303)


def _safety_to_do() -> dict[str, int]:
    states = fact_states()
    return {
        "unsigned": sum(state.signature is None for state in states),
        "past_due": sum(state.is_past_due for state in states),
    }


def _findings(
    heartbeat: datetime | None, checked_at: datetime | None, findings: Sequence[Finding]
) -> dict[str, Any]:
    """The worker's last preflight findings; its own heartbeat is checked here."""
    alive = checks.worker(heartbeat, clock.now())
    return {
        "checked_at": checked_at,
        "findings": [preflight_text.finding_text(finding) for finding in (*alive, *findings)],
        "numbers_to_set": list(
            dict.fromkeys(
                finding.about.partition(" ")[0]
                for finding in findings
                if finding.check == Check.ROUTES and finding.level != Level.RIGHT
            )
        ),
    }


def _worker(beat: datetime | None) -> dict[str, Any]:
    if beat is None:
        return {"alive": False, "words": _("The worker has never run. No calls are being made.")}
    if beat < clock.now() - _WORKER_IS_SILENT_AFTER:
        return {
            "alive": False,
            "words": _(
                "The worker has not responded for %(span)s. No calls are being made.",
                span=formatting.since_words(beat),
            ),
        }
    return {"alive": True, "words": _("The worker is running.")}


def _carrier_words() -> str:
    if not services().has_carrier:
        return _("No phone company is set up. Advisors call from their own phones.")
    if settings().uses_real_carrier:
        return _("Calls are made through the phone company.")
    return _("Calls go to a simulated phone network. No real phone rings.")
