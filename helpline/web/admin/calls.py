"""Call policy: dispatch, deadlines and caller ids."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.calls import rate_control
from helpline.calls import settings as call_settings
from helpline.calls.inbound import wait_statistics
from helpline.current import carrier_labels, services, settings
from helpline.db import StaleVersion, db
from helpline.policy import queries as policy_queries
from helpline.preflight.checks import Check, Finding, FindingCode, Level
from helpline.telephony import carrier_limits, carrier_routes
from helpline.telephony.adapters import FIRST
from helpline.telephony.carrier_routes import REST, CarrierRoute
from helpline.telephony.models import RefusedRegion
from helpline.web import formatting, preflight_text
from helpline.web.access import ADMIN, allow
from helpline.web.admin.blueprint import admin
from helpline.web.admin.policy_forms import CallsForm
from helpline.web.forms import conflict_page
from helpline.web.language import gettext as _
from helpline.web.sessions import current_staff_id


@admin.get("/calls")
@allow(ADMIN)
def calls() -> ResponseReturnValue:
    return _calls_page(_saved_form())


@admin.post("/calls")
@allow(ADMIN)
def save_calls() -> ResponseReturnValue:
    form = CallsForm.for_regions(_regions(_saved_routes()), carrier_labels())()
    if not form.validate():
        return _calls_page(form), 422
    try:
        call_settings.save(
            form.values(),
            form.routes(),
            expected_version=form.version.data,
            admin_id=current_staff_id(),
            now=clock.now(),
        )
    except StaleVersion:
        return conflict_page(form, _saved_form(), _calls_page)
    flash(_("Saved. Your changes apply now."))
    return redirect(url_for("admin.calls"), 303)


@admin.post("/calls/regions/<region>/right")
@allow(ADMIN)
def region_set_right(region: str) -> ResponseReturnValue:
    carrier = request.form.get("carrier", FIRST)
    rate_control.resolve_region(carrier, region, admin_id=current_staff_id(), now=clock.now())
    return redirect(url_for("admin.calls"), 303)


def _saved_routes() -> dict[str, CarrierRoute]:
    return carrier_routes.saved_routes(db.session())


def _regions(saved: Iterable[str]) -> list[str]:
    """Those that are called, and any other with a route."""
    return [each for each in dict.fromkeys((*settings().allowed_regions, *saved)) if each != REST]


def _saved_form() -> CallsForm:
    saved = _saved_routes()
    return CallsForm.of_routes(
        policy_queries.current(db.session()), _regions(saved), carrier_labels(), saved
    )


def _calls_page(form: CallsForm) -> str:
    return render_template(
        "admin/calls.html",
        form=form,
        has_carrier=services().has_carrier,
        default_numbers=[
            (label, formatting.international_words(services().carriers[name].caller_id))
            for name, label in carrier_labels().items()
        ],
        waits=_waits(),
        refused=[_refused(each) for each in carrier_limits.rejected_regions(db.session())],
    )


def _waits() -> list[str]:
    waits = wait_statistics.last_week(db.session(), clock.now())
    live, callbacks = waits.live_callers, waits.callbacks
    return [
        _(
            "Inbound calls answered by an advisor: %(count)s. Median wait %(median)s s, "
            "90th percentile %(high)s s.",
            count=live.count,
            median=live.median_seconds,
            high=live.percentile_90_seconds,
        )
        if live.count
        else _("No inbound calls answered by an advisor."),
        _(
            "Callbacks claimed: %(count)s. Median %(median)s min after they were due, 90th "
            "percentile %(high)s min.",
            count=callbacks.count,
            median=callbacks.median_seconds // 60,
            high=callbacks.percentile_90_seconds // 60,
        )
        if callbacks.count
        else _("No callbacks claimed."),
    ]


def _refused(rejected: RefusedRegion) -> dict[str, Any]:
    finding = Finding(Check.REGIONS, Level.WRONG, FindingCode.REGION_REFUSED, rejected.region)
    return {
        "region": rejected.region,
        "name": preflight_text.region_name(rejected.region),
        "carrier": rejected.carrier,
        "label": carrier_labels().get(rejected.carrier) if len(carrier_labels()) > 1 else None,
        "code": rejected.code,
        "refused_at": rejected.refused_at,
        "todo": preflight_text.finding_text(finding).todo,
    }
