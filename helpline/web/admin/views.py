"""The admin's views."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import available_timezones

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from helpline import clock
from helpline.accounts.models import Staff
from helpline.calls import pace
from helpline.calls import settings as call_settings
from helpline.crisis import queries as crisis_queries
from helpline.crisis import service as crisis
from helpline.crisis.models import CrisisLineRow
from helpline.db import db
from helpline.domain.errors import InvalidHours
from helpline.domain.opening_hours import Interval, OpeningHours, Week
from helpline.hours import queries as hours_queries
from helpline.hours import service as hours_service
from helpline.hours.models import WeekSave
from helpline.house import house, settings
from helpline.messages import service as messages
from helpline.messages.queries import last_beat
from helpline.preflight import checks
from helpline.preflight import service as preflight
from helpline.preflight.checks import Check, Finding, Level, Said
from helpline.preflight.queries import newest as newest_findings
from helpline.queue import queries as queue
from helpline.telephony import allowance
from helpline.telephony.models import RefusedRegion
from helpline.web import preflight_words, words
from helpline.web.admin.calls_form import CallsForm
from helpline.web.admin.notices import shown_notices
from helpline.web.admin.week_form import DAYS, MOST_INTERVALS, WeekForm
from helpline.web.gate import ADMIN, audience
from helpline.web.here import opening_hours
from helpline.web.language import gettext as _
from helpline.web.language import locale
from helpline.web.page import region_names

admin = Blueprint("admin", __name__, url_prefix="/admin")

_WORKER_IS_SILENT_AFTER = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class ShownDay:
    """A day of the week editor."""

    key: str
    name: str
    intervals: list[dict[str, Any]]


@admin.get("/")
@audience(ADMIN)
def home() -> ResponseReturnValue:
    """How the service stands, and what waits for the admin."""
    now, session = clock.now(), db.session()
    found = opening_hours(now)
    return render_template(
        "admin/home.html",
        **_preview(found),
        worker=_worker(),
        notices=shown_notices(session),
        **_findings(),
        unchecked_lines=crisis_queries.unchecked_count(session),
        carrier_words=_carrier_words(),
        queue={
            "due": queue.due_count(session, now),
            "later": queue.later_count(session, now),
            "in_hand": queue.in_hand_count(session),
        },
    )


@admin.post("/notices/<int:notice_id>/dismiss")
@audience(ADMIN)
def dismiss_notice(notice_id: int) -> ResponseReturnValue:
    """Somebody has seen to it."""
    messages.dismiss_notice(notice_id, staff_id=int(current_user.id), now=clock.now())
    return redirect(url_for("admin.home"), 303)


@admin.post("/preflight")
@audience(ADMIN)
def check_again() -> ResponseReturnValue:
    """Has the worker try everything that calls need."""
    preflight.ask_again(now=clock.now())
    flash(_("The worker tries everything again now. Look here in a few seconds."))
    return redirect(url_for("admin.home"), 303)


@admin.get("/calls")
@audience(ADMIN)
def calls() -> ResponseReturnValue:
    """Who gets callbacks, the deadlines, and the number of each region, to be changed."""
    policy = hours_queries.policy(db.session())
    own = allowance.caller_ids(db.session())
    form = CallsForm.of(policy, own, settings().allowed_regions)
    return _calls_page(form, policy.version)


@admin.post("/calls")
@audience(ADMIN)
def save_calls() -> ResponseReturnValue:
    """Puts them in force. On an error everything typed is kept."""
    form = CallsForm.read(request.form)
    version = request.form.get("version", 0, type=int)
    wanted = form.settings()
    if wanted is None:
        return _calls_page(form, version), 422
    try:
        call_settings.save(wanted, based_on=version, admin_id=int(current_user.id), now=clock.now())
    except hours_service.SavedMeanwhile:
        newest = hours_queries.policy(db.session()).version
        return _calls_page(form, newest, conflict=True), 409
    flash(_("Saved. It is in force now."))
    return redirect(url_for("admin.calls"), 303)


@admin.post("/calls/regions/<region>/right")
@audience(ADMIN)
def region_set_right(region: str) -> ResponseReturnValue:
    """The carrier may ring this region now."""
    pace.region_set_right(region, admin_id=int(current_user.id), now=clock.now())
    return redirect(url_for("admin.calls"), 303)


@admin.get("/hours")
@audience(ADMIN)
def hours() -> ResponseReturnValue:
    """The weekly hours, to be changed."""
    saved = _saved()
    return _editor(WeekForm.of(Week.from_data(saved.week)), saved.time_zone, saved.version)


@admin.post("/hours")
@audience(ADMIN)
def save_hours() -> ResponseReturnValue:
    """Puts new weekly hours in force. On an error everything typed is kept."""
    form = WeekForm.read(request.form)
    zone = request.form.get("zone", "")
    version = request.form.get("version", 0, type=int)
    week = form.week()
    if week is None:
        return _editor(form, zone, version), 422
    try:
        hours_service.save_week(
            week, zone, based_on=version, admin_id=int(current_user.id), now=clock.now()
        )
    except hours_service.UnknownTimeZone:
        form.errors["zone"] = _("Choose one of the time zones of the list.")
        return _editor(form, zone, version), 422
    except hours_service.SavedMeanwhile:
        saved = _saved()
        return _editor(form, zone, saved.version, conflict=saved), 409
    flash(_("Saved. The new hours are in force now."))
    return redirect(url_for("admin.hours"), 303)


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


def _saved() -> WeekSave:
    saved = hours_queries.newest_save(db.session())
    return saved if saved is not None else hours_queries.default_save()


def _editor(form: WeekForm, zone: str, version: int, conflict: WeekSave | None = None) -> str:
    return render_template(
        "admin/hours.html",
        week=_shown_week(form),
        zone=zone,
        zones=sorted(available_timezones()),
        rows=MOST_INTERVALS,
        version=version,
        errors=form.errors,
        preview=_preview(opening_hours()),
        conflict=_conflict(conflict) if conflict else None,
    )


def _shown_week(form: WeekForm) -> list[ShownDay]:
    names = locale().days["stand-alone"]["wide"]
    return [ShownDay(key, names[number], _bars(form, key)) for number, key in enumerate(DAYS)]


def _bars(form: WeekForm, key: str) -> list[dict[str, Any]]:
    """Each interval as typed, and where it lies on the ruler if that can be read."""
    bars: list[dict[str, Any]] = []
    for opens, closes in form.typed[key]:
        bar: dict[str, Any] = {"opens": opens, "closes": closes, "start": None, "end": None}
        try:
            interval = Interval.parse(opens, closes)
            bar |= {"start": interval.start, "end": interval.end}
        except InvalidHours:
            pass
        bars.append(bar)
    return bars


def _preview(found: OpeningHours) -> dict[str, Any]:
    now = clock.now()
    return {
        "is_open": found.is_open(now),
        "closes_at": found.closes_at(now),
        "opens_at": found.next_opening(now),
        "week_words": words.week_words(Week.from_data(_saved().week)),
        "zone_words": words.zone_words(),
    }


def _conflict(saved: WeekSave) -> dict[str, Any]:
    who = db.session().get(Staff, saved.saved_by) if saved.saved_by else None
    return {
        "by": who.name if who else _("the set-up"),
        "at": saved.saved_at,
        "week": _shown_week(WeekForm.of(Week.from_data(saved.week))),
        "zone": saved.time_zone,
    }


def _calls_page(form: CallsForm, version: int, *, conflict: bool = False) -> str:
    return render_template(
        "admin/calls.html",
        form=form,
        version=version,
        conflict=conflict,
        has_carrier=house().carrier is not None,
        usual_number=words.shown_number(settings().caller_id or settings().helpline_number),
        region_name=preflight_words.region_name,
        refused=[_refused(each) for each in allowance.refused_regions(db.session())],
    )


def _refused(each: RefusedRegion) -> dict[str, Any]:
    found = Finding(Check.REGIONS, Level.WRONG, Said.REGION_REFUSED, each.region)
    return {
        "region": each.region,
        "name": preflight_words.region_name(each.region),
        "code": each.code,
        "refused_at": each.refused_at,
        "todo": preflight_words.told(found).todo,
    }


def _findings() -> dict[str, Any]:
    """What the worker found when it last tried everything; whether it lives is seen here."""
    found_at, findings = newest_findings(db.session(), but=Check.WORKER)
    alive = checks.worker(last_beat(db.session()), clock.now())
    return {
        "checked_at": found_at,
        "findings": [preflight_words.told(each) for each in (*alive, *findings)],
    }


def _worker() -> dict[str, Any]:
    beat = last_beat(db.session())
    if beat is None:
        return {"alive": False, "words": _("The worker has never run. Calls are not being made.")}
    if beat < clock.now() - _WORKER_IS_SILENT_AFTER:
        return {
            "alive": False,
            "words": _(
                "Nothing was heard of the worker for %(span)s. Calls are not being made.",
                span=words.since_words(beat),
            ),
        }
    return {"alive": True, "words": _("The worker is running.")}


def _carrier_words() -> str:
    if house().carrier is None:
        return _("No phone company is set up: advisors ring from their own phones.")
    if settings().uses_real_carrier:
        return _("Calls are made by the phone company.")
    return _("Calls go to the simulated phone network. No real phone rings.")
