"""Import and export of opening hours."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import TextAreaField

from helpline import clock
from helpline.db import db
from helpline.domain import hours_formats, osm_hours, schema_org_hours
from helpline.domain.errors import InvalidHours
from helpline.domain.hours_formats import CannotRead, Timetable
from helpline.domain.hours_plan import DateTaken, ExceptionKind, HoursException, HoursPlan
from helpline.hours import queries
from helpline.web import hours_text
from helpline.web.access import ADMIN, allow
from helpline.web.admin import hours_diff, hours_preview
from helpline.web.admin.blueprint import admin
from helpline.web.admin.hours_save import save
from helpline.web.language import gettext as _
from helpline.web.language import lazy_gettext, site_languages, site_name
from helpline.web.request_context import show_zone


class ImportForm(FlaskForm):  # type: ignore[misc]
    """Hours to import, in either syntax."""

    text = TextAreaField(
        lazy_gettext("Hours to import"),
        description=lazy_gettext(
            "Paste OpenStreetMap opening_hours, for example Mo-Fr 10:00-18:00; PH off, or JSON "
            "with schema.org OpeningHoursSpecification."
        ),
        default="",
    )

    def refuse(self, problem: str, part: str) -> None:
        """Show what is wrong with a part of the text."""
        words = Markup('{} <code dir="ltr">{}</code>').format(problem, part) if part else problem
        self.text.errors = [words]


@admin.get("/hours/exchange")
@allow(ADMIN)
def exchange() -> ResponseReturnValue:
    return _page(ImportForm())


@admin.get("/hours/exchange/<name>")
@allow(ADMIN)
def take_hours(name: str) -> ResponseReturnValue:
    export = {"opening-hours.txt": _osm, "opening-hours.json": _json_ld}.get(name)
    if export is None:
        abort(404)
    plan = queries.plan(db.session()).without_past(clock.now())
    kind = "application/ld+json" if name.endswith("json") else "text/plain"
    return Response(
        export(plan) + "\n",
        content_type=f"{kind}; charset=utf-8",
        headers={"Content-Disposition": f"attachment; filename={name}"},
    )


@admin.post("/hours/exchange")
@allow(ADMIN)
def bring_hours() -> ResponseReturnValue:
    form = ImportForm()
    plan = queries.plan(db.session())
    try:
        timetable = read(form.text.data, _today(plan), plan.zone)
        wanted = _with(plan, timetable, _today(plan))
    except CannotRead as problem:
        form.refuse(_(problem.message_key), problem.part)
        return _page(form), 422
    except InvalidHours as problem:
        form.refuse(_(problem.message_key), "")
        return _page(form), 422
    except DateTaken as problem:
        text_of_exception = hours_text.exception_words(
            problem.other, site_languages()[0], _today(plan)
        )
        form.refuse(_("One of the dates already has an exception."), text_of_exception)
        return _page(form), 422
    if request.form.get("do") != "save":
        return _page(form, timetable=timetable, wanted=wanted)
    return save(
        lambda before: _with(before, timetable, _today(before)),
        action="hours_brought_in",
        back=url_for("admin.hours"),
        message=_("Saved. The new hours apply now."),
    )


def read(text: str, today: date, zone: ZoneInfo) -> Timetable:
    """Read a pasted text in either syntax.

    Raises:
        CannotRead: names the part and the reason.
    """
    if text.lstrip().startswith(("{", "[")):
        return schema_org_hours.from_schema_org(text, today=today, zone=zone)
    return osm_hours.from_osm(text, today=today)


def _with(plan: HoursPlan, timetable: Timetable, today: date) -> HoursPlan:
    """The plan with another week and more exceptions; existing ones stay."""
    changed = replace(plan.with_week(timetable.week, today=today), later=())
    for version in timetable.later:
        if version.effective_from is not None and version.effective_from > today:
            changed = changed.with_later_week(version.week, version.effective_from)
    return changed.with_exception(
        *(
            exception
            for exception in _exceptions(timetable, today)
            if not _is_there(plan, exception)
        )
    )


def _exceptions(timetable: Timetable, today: date) -> list[HoursException]:
    return [
        HoursException(
            ExceptionKind.HOURS if dates.intervals else ExceptionKind.CLOSED,
            dates.first,
            dates.last,
            dates.intervals,
            {site_languages()[0]: dates.reason[:200]} if dates.reason else {},
        )
        for dates in timetable.dates
        if dates.last >= today
    ]


def _is_there(plan: HoursPlan, wanted: HoursException) -> bool:
    return any(
        (exception.kind, exception.first, exception.last, exception.intervals)
        == (wanted.kind, wanted.first, wanted.last, wanted.intervals)
        for exception in plan.exceptions
    )


def _osm(plan: HoursPlan) -> str:
    return osm_hours.to_osm(hours_formats.timetable_of(plan, _today(plan), site_languages()[0]))


def _json_ld(plan: HoursPlan) -> str:
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Organization",
        "name": site_name(),
        "openingHoursSpecification": schema_org_hours.to_schema_org(
            hours_formats.timetable_of(plan, _today(plan), site_languages()[0])
        ),
    }
    return json.dumps(data, indent=2, ensure_ascii=False)


def _today(plan: HoursPlan) -> date:
    return clock.now().astimezone(plan.zone).date()


def _page(
    form: ImportForm,
    *,
    timetable: Timetable | None = None,
    wanted: HoursPlan | None = None,
) -> str:
    now, saved = clock.now(), queries.newest_version(db.session())
    plan = queries.plan_of(saved).without_past(now)
    show_zone(plan.zone)
    return render_template(
        "admin/hours_import_export.html",
        form=form,
        version=saved.version if saved else 0,
        rows=[row for row in hours_diff.side_by_side(plan, wanted) if row.differs]
        if wanted
        else None,
        holidays=timetable is not None and timetable.closed_on_holidays,
        doubts=timetable.doubts if timetable else (),
        preview=hours_preview.preview(wanted or plan, plan, now),
        osm=_osm(plan),
        json_ld=_json_ld(plan),
        later=bool(hours_formats.timetable_of(plan, _today(plan), "en").later),
    )
