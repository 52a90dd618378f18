"""The page of a request: its status and what the visitor can do about it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.callbacks import follow_up, queries, visitor_retry
from helpline.callbacks import service as callback_service
from helpline.callbacks.errors import NoSuchCallback, SlotUnavailable, StateChanged, TooManyBookings
from helpline.callbacks.models import Callback
from helpline.db import db
from helpline.directory.referrals import queries as referral_queries
from helpline.domain import references, safe_times
from helpline.domain.intake_answers import Answers, ForWhom, Urgent, WhosePhone
from helpline.domain.lifecycle import ENDED, Status
from helpline.domain.opening_hours import OpeningHours
from helpline.domain.phone_numbers import PhoneNumber
from helpline.domain.queue_order import Priority
from helpline.domain.safe_times import IfMissed
from helpline.domain.unreadable import is_unreadable
from helpline.domain.visitor_state import (
    QUEUED_WITH_ADVISORS,
    Outlook,
    VisitorState,
    visitor_state,
)
from helpline.erasure import service as erasure_service
from helpline.policy import queries as policy_queries
from helpline.policy.models import SalesHours
from helpline.policy.queries import CallRules
from helpline.reports.page_data import CallbackView, RequestPageData, load_request_page
from helpline.telephony import regions
from helpline.web import formatting, rate_limits
from helpline.web.access import ANYONE, allow
from helpline.web.caller_text import OWN_PHONE, shown_caller
from helpline.web.errors import error_page
from helpline.web.language import gettext as _
from helpline.web.language import public_address
from helpline.web.page_cache import cached_response
from helpline.web.reference_text import spelled
from helpline.web.request_context import opening_hours, show_zone
from helpline.web.state_text import state_words
from helpline.web.visitor.blueprint import visitor
from helpline.web.visitor.cache_key import cache_key
from helpline.web.visitor.calendar import MAX_TITLE_LENGTH, appointment
from helpline.web.visitor.call_first import NumbersToCallFirst, numbers_to_call_first
from helpline.web.visitor.forms import ASAP, WhenForm, strip_control_characters
from helpline.web.visitor.timeline import timeline
from helpline.web.visitor.times import (
    report_slot_unavailable,
    slot_context,
    too_many_bookings_words,
)
from helpline.web.visitor_context import visitor_page

_ONE_WEEK = timedelta(days=7)
_MAX_LINK_LENGTH = 300
_TOKEN_IN_LINK = re.compile(r"(?:^|/request/)(?P<token>[A-Za-z0-9_-]{22})(?:[/?#]|$)")
_CALL_MADE = (VisitorState.TALKING, VisitorState.CALL_ENDED)


@visitor.get("/request/<token>")
@allow(ANYONE)
def status(token: str) -> ResponseReturnValue:
    now = clock.now()
    session = db.session()
    callback, page_data = load_request_page(session, token, now)
    if callback.phone is None:
        return _erased_page(token)
    show_zone(page_data.hours.plan.zone)
    own_values = {
        "token": token,
        "masked": _masked_number(callback.phone, callback.phone_extension),
        "reference": references.shown(callback.reference) if callback.reference else "",
        "spelled": spelled(callback.reference or ""),
    }
    outlook = replace(
        visitor_state(callback, callback.attempt, page_data.hours, page_data.wait_minutes, now),
        staff_alerted=page_data.is_staff_alerted,
    )
    if (
        callback.has_history
        or callback.has_referrals
        or callback.has_retry
        or callback.follow_up_due_at
    ):
        return _status_page(own_values, callback, page_data, outlook, now)
    # Everything but personal data. A page that stays open polls itself.
    without_personal_data = replace(
        callback, id=0, reference=None, phone=None, phone_extension=None, answers=None
    )
    urgent = Answers.from_text(callback.answers).urgent
    request_state = (
        without_personal_data,
        urgent,
        _other_persons_phone(callback),
        callback.due_at <= now,
        _is_outside_calling_hours(callback, page_data, now),
        page_data.ahead,
        outlook,
    )
    return cached_response(
        (cache_key(page_data, now), request_state, callback.reference is None),
        lambda placeholders: _status_page(placeholders, callback, page_data, outlook, now),
        own_values,
    )


def _is_outside_calling_hours(
    callback: CallbackView, page_data: RequestPageData, now: datetime
) -> bool:
    """Return whether the law of their country allows no call when a visitor waits for one, now or
    at a time booked before an admin decided to keep to it.
    """
    sales_hours, at = page_data.rules.sales_hours == SalesHours.KEEP, max(now, callback.due_at)
    return (
        queries.shown_status(callback) == Status.WAITING
        and callback.priority != Priority.URGENT
        and not regions.facts(callback.phone_region).may_call(at, sales_hours=sales_hours)
    )


def _status_page(
    own_values: Mapping[str, str],
    callback: CallbackView,
    page_data: RequestPageData,
    outlook: Outlook,
    now: datetime,
) -> str:
    session = db.session()
    hours = page_data.hours.hours
    status = queries.shown_status(callback)
    waits = status == Status.WAITING
    has_position = outlook.state in QUEUED_WITH_ADVISORS and callback.held_at is None
    own_phone = outlook.state == VisitorState.CALLING_OWN_PHONE
    on_hold = outlook.state == VisitorState.ON_HOLD
    events = queries.events_of(session, callback.id) if callback.has_history else ()
    return render_template(
        "visitor/status.html",
        **visitor_page(),
        call_first=numbers_to_call_first(Answers.from_text(callback.answers).urgent),
        told_of_other=_other_persons_phone(callback),
        token=own_values["token"],
        reference=own_values["reference"] if callback.reference else None,
        spelled=own_values["spelled"],
        find_address=public_address(url_for("visitor.find")),
        status=status,
        state=state_words(outlook, attempts_used=callback.attempts_used),
        timeline=timeline(callback, events, outlook.state),
        position=page_data.ahead if has_position else None,
        wait_words=formatting.wait_words(page_data.wait_minutes) if has_position else None,
        slot_at=callback.slot_at,
        moved_from=queries.time_before_reschedule(events),
        outside_calling_hours=not on_hold and _is_outside_calling_hours(callback, page_data, now),
        late=waits and not on_hold and _is_late(hours, callback.due_at, now, page_data.rules),
        call_to_come=not on_hold and status not in ENDED and outlook.state not in _CALL_MADE,
        caller=OWN_PHONE if own_phone else shown_caller(page_data.route, callback.phone_region),
        phone_masked=own_values["masked"],
        further=_follow_up(callback),
        again_token=visitor_retry.token_of(callback.id) if callback.has_retry else None,
        may_ask_again=outlook.state != VisitorState.DO_NOT_CALL,
        may_try_again=visitor_retry.can_retry(callback, now) and not callback.has_retry,
        keeps_appointment=_has_appointment(callback, now),
        had_appointment=_had_appointment(callback, now),
        max_attempts=page_data.rules.max_attempts,
        calls_left=_calls_left(callback, page_data.rules),
        call_until=_call_until(callback, hours, now),
        calls_a_day=page_data.rules.most_rings_a_day,
        places=referral_queries.referred_services(session, callback.id)
        if callback.has_referrals
        else (),
        can_move=waits and callback.status in (Status.WAITING, Status.JOINED),
        can_cancel=status in (Status.WAITING, Status.CLAIMED, Status.CALLING),
    )


def _masked_number(phone: str, extension: str | None) -> str:
    if is_unreadable(phone):
        return "•••"
    number = PhoneNumber(phone).masked
    return formatting.with_extension(number, "••") if extension else number


def _erased_page(token: str, *, link: str = "", error: str = "") -> str:
    return render_template(
        "visitor/erased.html",
        **visitor_page(),
        # Why they asked is erased too: it may have been urgent.
        call_first=numbers_to_call_first(Urgent.DANGER),
        token=token,
        link_typed=link,
        link_error=error,
    )


def _other_persons_phone(callback: CallbackView) -> WhosePhone | None:
    """None where the visitor asked for themselves."""
    answers = Answers.from_text(callback.answers)
    if answers.for_whom != ForWhom.OTHER:
        return None
    return answers.whose_phone or WhosePhone.MINE


def _calls_left(callback: CallbackView, rules: CallRules) -> int:
    if callback.if_missed == IfMissed.NEVER:
        return min(1, rules.max_attempts - callback.attempts_used)
    return max(rules.max_attempts - callback.attempts_used, 0)


def _call_until(callback: CallbackView, hours: OpeningHours, now: datetime) -> datetime | None:
    latest = safe_times.latest_call(
        callback.if_missed,
        slot_at=callback.slot_at,
        call_until=callback.call_until,
        ended_at=max(now, callback.due_at),
        zone=hours.zone,
    )
    return None if callback.if_missed == IfMissed.NEVER else latest


def _is_late(hours: OpeningHours, due_at: datetime, now: datetime, rules: CallRules) -> bool:
    """Whether we have been open for longer than the admin's deadline since it was due.

    The same for every request, so that it reveals nothing about another one for the number.
    """
    deadline = timedelta(minutes=rules.hand_deadline_minutes)
    open_for = (period.length for period in hours.periods(max(due_at, now - _ONE_WEEK), now))
    return due_at < now and hours.is_open(now) and sum(open_for, timedelta()) > deadline


def _follow_up(callback: CallbackView) -> dict[str, Any] | None:
    if callback.follow_up_due_at is None:
        return None
    return {"at": callback.follow_up_due_at, "token": follow_up.token_of(callback.id)}


def _has_appointment(callback: Callback | CallbackView, now: datetime) -> bool:
    waits = callback.status in (Status.WAITING, Status.JOINED)
    return waits and callback.slot_at is not None and callback.slot_at > now


def _had_appointment(callback: Callback | CallbackView, now: datetime) -> bool:
    is_over = callback.status == Status.CANCELLED and not getattr(callback, "erased_at", None)
    return is_over and callback.slot_at is not None and callback.slot_at > now


@visitor.get("/request/<token>/number")
@allow(ANYONE)
def number(token: str) -> ResponseReturnValue:
    """Show the number on a page of its own, since others may see the page that stays open."""
    callback = queries.by_link(db.session(), token)
    if callback.erased_at:
        return _redirect_to_status(token)
    extension = callback.phone_extension
    if any(is_unreadable(e) for e in (callback.phone, callback.phone_as_typed, extension)):
        typed = _("We cannot show your number at the moment.")
    else:
        full = formatting.with_extension(PhoneNumber(callback.phone).international, extension)
        typed = callback.phone_as_typed or full
    return render_template(
        "visitor/number.html",
        **visitor_page(),
        call_first=_call_first(callback),
        token=token,
        number=typed,
        has_extension=extension is not None,
    )


def _call_first(callback: Callback) -> NumbersToCallFirst | None:
    return numbers_to_call_first(Answers.from_text(callback.answers).urgent)


@visitor.post("/request/<token>/calendar")
@allow(ANYONE)
def calendar(token: str) -> ResponseReturnValue:
    """Download the calendar file under a title of their choice; after a cancellation, the file that
    removes the entry.
    """
    now = clock.now()
    session = db.session()
    callback = queries.by_link(session, token)
    is_cancelled = _had_appointment(callback, now)
    if callback.slot_at is None or not (is_cancelled or _has_appointment(callback, now)):
        return _redirect_to_status(token)
    title = " ".join((strip_control_characters(request.form.get("title")) or "").split())[
        :MAX_TITLE_LENGTH
    ]
    file = appointment(
        title=title or _("Appointment"),
        starts_at=callback.slot_at,
        minutes=policy_queries.current(session).slot_minutes,
        token_hash=callback.token_hash,
        sequence=queries.reschedule_count(session, callback.id) + is_cancelled,
        now=now,
        is_cancelled=is_cancelled,
    )
    response = make_response(file)
    response.headers["Content-Type"] = "text/calendar; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return response


@visitor.post("/request/<token>/again")
@allow(ANYONE)
def try_again(token: str) -> ResponseReturnValue:
    try:
        return _redirect_to_status(callback_service.retry(token, now=clock.now()))
    except StateChanged:  # A call is in progress or it is too late: the page says which.
        return _redirect_to_status(token)


@visitor.route("/request/<token>/move", methods=["GET", "POST"])
@allow(ANYONE)
def move(token: str) -> ResponseReturnValue:
    now = clock.now()
    form = WhenForm(request.form if request.method == "POST" else None)
    nearest: Sequence[datetime] = ()
    if form.validate_on_submit() and form.is_callable_then(
        queries.by_link(db.session(), token).phone_region
    ):
        try:
            callback_service.reschedule(
                token,
                form.slot_at,
                now=now,
                origin=rate_limits.origin(),
                if_no_answer=form.if_no_answer if "if_missed" in request.form else None,
            )
            return _redirect_to_status(token)
        except TooManyBookings:
            form.when.errors = [too_many_bookings_words()]
        except StateChanged:
            return _redirect_to_status(token)
        except SlotUnavailable as problem:
            report_slot_unavailable(form, problem)
            nearest = problem.nearest
    callback = queries.by_link(db.session(), token)
    if callback.status not in (Status.WAITING, Status.JOINED):
        return _redirect_to_status(token)
    hours = opening_hours(now)
    offered = queries.offered_slots(db.session(), hours, now, callback.language)
    if not form.is_submitted():
        form.when.data = callback.slot_at.isoformat() if callback.slot_at else ASAP
        form.show_if_missed(callback.if_missed, callback.call_until)
    page = render_template(
        "visitor/reschedule.html",
        **visitor_page(),
        **slot_context(form, offered, nearest),
        call_first=_call_first(callback),
        token=token,
        form=form,
        slot_at=callback.slot_at,
        is_open=hours.is_open(now),
        opens_at=hours.next_opening(now),
        zone_words=formatting.zone_words(),
    )
    return page, 422 if form.errors else 200


@visitor.post("/request/<token>/cancel")
@allow(ANYONE)
def cancel(token: str) -> ResponseReturnValue:
    with suppress(StateChanged):  # Closed a moment before: its page says how.
        callback_service.cancel(token, now=clock.now())
    return _redirect_to_status(token)


@visitor.post("/request/<token>/erase")
@allow(ANYONE)
def erase(token: str) -> ResponseReturnValue:
    erasure_service.erase_everything(token, now=clock.now())
    return _redirect_to_status(token)


@visitor.post("/request/<token>/erase-other")
@allow(ANYONE)
def erase_other(token: str) -> ResponseReturnValue:
    """Erase another request of the same visitor, by its link: only who has it may erase it."""
    callback = queries.by_link(db.session(), token)
    if callback.erased_at is None:
        return _redirect_to_status(token)
    typed = (strip_control_characters(request.form.get("link")) or "")[:_MAX_LINK_LENGTH]
    match = _TOKEN_IN_LINK.search(typed)
    try:
        if match is None:
            raise NoSuchCallback
        erasure_service.erase_everything(match["token"], now=clock.now())
    except NoSuchCallback:
        if rate_limits.seconds_to_wait(rate_limits.wrong_link()) is not None:
            raise
        message = _("We cannot find a request with this link. Please copy the whole link.")
        return _erased_page(token, link=typed, error=message), 422
    return _redirect_to_status(match["token"])


@visitor.errorhandler(NoSuchCallback)
def _no_such_callback(_error: NoSuchCallback) -> ResponseReturnValue:
    wait = rate_limits.seconds_to_wait(rate_limits.wrong_link())
    if wait is None:
        return error_page(404)
    page = error_page(429)
    page.headers["Retry-After"] = str(wait)
    return page


def _redirect_to_status(token: str) -> Response:
    return make_response(redirect(url_for("visitor.status", token=token), 303))
