"""Reports for a range of days, without personal data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from flask import (
    Response,
    abort,
    flash,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user

from helpline import clock
from helpline.db import StaleVersion, db
from helpline.policy import queries as policy_queries
from helpline.policy import service as policy_service
from helpline.policy.numbers import TARGET
from helpline.reports import figures as found
from helpline.reports import service as reports
from helpline.reports import staffing, tables
from helpline.reports.daily_counts import Measure
from helpline.reports.figures import Day, Days, Share, Target
from helpline.reports.tables import CALLBACKS, TABLES, Source
from helpline.web.access import ADMIN, SUPERVISOR, allow
from helpline.web.admin import report_downloads as files
from helpline.web.admin import report_text as say
from helpline.web.admin.blueprint import admin
from helpline.web.admin.policy_forms import AssumptionsForm, TargetForm
from helpline.web.admin.report_range import (
    RangeForm,
    day_words,
    days_words,
    month_words,
    preset_words,
    short_day,
)
from helpline.web.formatting import zone_words
from helpline.web.forms import conflict_page
from helpline.web.language import gettext as _
from helpline.web.request_context import opening_hours
from helpline.web.sessions import current_staff_id

_MANY_DAYS = 62
_HOURS = 24
_MOST_PAGES = 20
STAFFING = "staffing"


@admin.get("/measures")
@allow(SUPERVISOR, ADMIN)
def measures() -> ResponseReturnValue:
    return _page("overview", ("summary", "channels", "pages"), _overview)


@admin.get("/measures/calls")
@allow(SUPERVISOR, ADMIN)
def measures_calls() -> ResponseReturnValue:
    return _page("calls", _OF_CALLS, lambda source: {"shown": _simple(source, *_OF_CALLS[2:])})


_OF_CALLS = (
    "waits",
    "tries",
    "outcomes",
    "dispositions",
    "left",
    "not_rung",
    "calls_in",
    "referrals",
)


@admin.get("/measures/advisors")
@allow(SUPERVISOR, ADMIN)
def measures_advisors() -> ResponseReturnValue:
    return _page("advisors", ("advisors",), lambda source: {"advisors": source.workloads})


@admin.get("/measures/when")
@allow(SUPERVISOR, ADMIN)
def measures_when() -> ResponseReturnValue:
    return _page("when", ("hours",), _when)


@admin.get("/measures/staffing")
@allow(SUPERVISOR, ADMIN)
def measures_staffing() -> ResponseReturnValue:
    return _page("staffing", ("hours",), _staffing)


@admin.get("/measures/target")
@allow(ADMIN)
def measures_target() -> ResponseReturnValue:
    return _target_page(TargetForm.of(policy_queries.current(db.session())))


@admin.post("/measures/target")
@allow(ADMIN)
def save_measures_target() -> ResponseReturnValue:
    form = TargetForm()
    if not form.validate():
        return _target_page(form), 422
    try:
        policy_service.save(
            TARGET,
            form.values(),
            expected_version=form.version.data,
            admin_id=current_staff_id(),
            now=clock.now(),
        )
    except StaleVersion:
        newest = TargetForm.of(policy_queries.current(db.session()))
        return conflict_page(form, newest, _target_page)
    flash(_("Saved. All reports now use this target, including for past days."))
    return redirect(url_for("admin.measures"), 303)


@admin.post("/measures/take-out/<table>.<any(csv, json):form>")
@allow(SUPERVISOR, ADMIN)
def take_out(table: str, form: str) -> ResponseReturnValue:
    """Download a table; audited first."""
    session, now = db.session(), clock.now()
    zone = opening_hours(now).zone
    days = RangeForm(request.form).days(now.astimezone(zone).date(), zone)
    outside = request.form.get("for") == "outside"
    if days is None or (table not in TABLES and table not in (CALLBACKS, STAFFING)):
        abort(404)
    if outside and (table not in TABLES or not TABLES[table].outside):
        return _not_for_outside(), 422
    columns, rows = _rows(table, days, outside=outside)
    reports.record_export(
        table,
        first=days.first,
        last=days.last,
        form=form,
        outside=outside,
        staff_id=current_staff_id(),
        now=now,
    )
    about = {
        "table": table,
        "first": days.first.isoformat(),
        "last": days.last.isoformat(),
        "time_zone": days.zone.key,
        "for": "outside" if outside else "staff",
    }
    name = f"measures-{table}-{days.first}-{days.last}.{form}"
    session.rollback()
    return Response(
        stream_with_context(files.written(form, columns, rows, about)),
        content_type=files.TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _rows(
    table: str, days: Days, *, outside: bool
) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
    session = db.session()
    if table == CALLBACKS:
        return tables.CALLBACK_COLUMNS, tables.callbacks(session, days)
    if table == STAFFING:
        sums = found.load_sums(session, days, staffing.FORECAST_MEASURES)
        measured = staffing.measured_minutes(sums).assumptions
        assumed = AssumptionsForm(request.form, measured).assumptions()
        hours = staffing.forecast(session, sums, assumed, days, clock.now())
        return staffing.COLUMNS, [staffing.export_row(each) for each in hours]
    built = TABLES[table].build(tables.load_source(session, days, _target(), table))
    told = built.for_outsiders() if outside else built
    return [each.name for each in told.columns], told.rows


def _not_for_outside() -> str:
    return render_template("admin/report_not_outside.html")


def _page(tab: str, names: Sequence[str], more: Any) -> ResponseReturnValue:
    session, now = db.session(), clock.now()
    zone = opening_hours(now).zone
    today = now.astimezone(zone).date()
    form = RangeForm(request.args)
    days = form.days(today, zone)
    target = _target()
    shown: dict[str, Any] = {
        "tab": tab,
        "form": form,
        "presets": preset_words(),
        "zone_words": zone_words(),
        "target": target,
        "say": say,
        "query": form.query() if days else {"range": "today"},
        "days": days,
        "may_set": current_user.has_role(ADMIN),
    }
    if days is None:
        return render_template(f"admin/measures_{tab}.html", **shown), 422
    counted = found.counting_state(session, days, today)
    source = tables.load_source(session, days, target, *names)
    return render_template(
        f"admin/measures_{tab}.html",
        **shown,
        days_words=days_words(days),
        counted=counted,
        tables={name: source.table(name) for name in names},
        **more(source),
    )


def _overview(source: Source) -> dict[str, Any]:
    summary = found.summarize(source.sums, source.target)
    by_day = _days_passed(found.by_day(source.session, source.days, source.target), source.days)
    return {
        "figures": say.big_figures(summary, source.target.within_minutes, source.target.percent),
        "still_waiting": say.waiting_words(summary, source.target.within_minutes),
        "summary": summary,
        "steps": _hour_steps(source) if source.days.number == 1 else _steps(by_day),
        "by": say.by_words(source.days.number, _MANY_DAYS),
        "slots": _HOURS if source.days.number == 1 else None,
        "shown": _simple(source, "channels", "pages"),
        "most_pages": _MOST_PAGES,
    }


def _days_passed(by_day: Sequence[Day], days: Days) -> Sequence[Day]:
    today = clock.now().astimezone(days.zone).date()
    return [day for day in by_day if day.day <= today]


def _hour_steps(source: Source) -> list[dict[str, Any]]:
    """Chart columns of a single day: its past hours."""
    names = (
        Measure.ASKED,
        Measure.FIRST_CALLS_BY_HOUR,
        Measure.FIRST_CALL_WAIT_SECONDS,
        Measure.OPEN,
    )
    sums = found.load_sums(source.session, source.days, names)
    steps = []
    for key in sorted(source.passed):
        asked, called, seconds, opened = (sums.of(measure).get(key, 0) for measure in names)
        steps.append(
            {
                "slot": int(key[1:]),
                "name": say.hour_words(int(key[1:])),
                "short": say.hour_words(int(key[1:])),
                "requests": asked,
                "rung": called,
                "average_wait": seconds / 60 / called if called else None,
                "is_row": bool(asked or called or opened),
            }
        )
    return steps


def _steps(by_day: Sequence[Day]) -> list[dict[str, Any]]:
    """Chart columns: days, or months for long ranges."""
    if len(by_day) <= _MANY_DAYS:
        steps = [_step(day_words(day.day), short_day(day.day), [day]) for day in by_day]
    else:
        months = groupby(by_day, key=lambda each: each.day.replace(day=1))
        steps = [
            _step(month_words(first), month_words(first), list(some)) for first, some in months
        ]
    return [{**step, "slot": number} for number, step in enumerate(steps)]


def _step(name: str, short: str, some: Sequence[Day]) -> dict[str, Any]:
    rung = sum(day.rung for day in some)
    wait = sum(day.wait_seconds for day in some) / 60 / rung if rung else None
    return {
        "name": name,
        "short": short,
        "requests": sum(day.requests for day in some),
        "rung": rung,
        "left": sum(day.left for day in some),
        "reached": sum(day.reached for day in some),
        "average_wait": wait,
        "service_level": Share(
            sum(day.service_level.part for day in some),
            sum(day.service_level.whole for day in some),
        ),
    }


def _simple(source: Source, *names: str) -> dict[str, list[dict[str, Any]]]:
    """Tables of one number a row, with the share of the longest bar."""
    shown = {}
    for name in names:
        rows = source.table(name).rows
        most = max((number for _part, number in rows), default=0)
        shown[name] = [
            {"name": say.part_words(name, part), "number": number, "bar": 100 * number / most}
            for part, number in rows
        ]
    return shown


def _when(source: Source) -> dict[str, Any]:
    numbers = {measure: dict(source.sums.of(measure)) for measure in (Measure.ASKED, Measure.OPEN)}
    closed = Share(
        source.sums.all_of(Measure.REQUESTS_WHILE_CLOSED), source.sums.all_of(Measure.ASKED)
    )
    return {"heat": say.heat(numbers, source.passed), "asked_closed": closed}


def _staffing(source: Source) -> dict[str, Any]:
    sums = found.load_sums(source.session, source.days, staffing.FORECAST_MEASURES)
    measured = staffing.measured_minutes(sums)
    form = AssumptionsForm(request.args, measured.assumptions)
    rows = staffing.forecast(source.session, sums, form.assumptions(), source.days, clock.now())
    return {"assumed": form, "rows": rows, "measured": measured}


def _target_page(form: TargetForm) -> str:
    return render_template("admin/measures_target.html", form=form)


def _target() -> Target:
    policy = policy_queries.current(db.session())
    return Target(policy.service_level_minutes, policy.service_level_percent)
