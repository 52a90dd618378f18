"""Views of the desk."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import NoResultFound
from wtforms.fields.choices import SelectChoice

from helpline import clock
from helpline.callbacks import claims, queue
from helpline.callbacks.errors import (
    AdvisorBusy,
    DispatchPaused,
    NumberNotCallable,
    OutsideHours,
    StateChanged,
    VisitorOnCall,
)
from helpline.callbacks.queries import offered_slots
from helpline.calls import drafts
from helpline.calls import service as call_service
from helpline.calls.errors import (
    AdvisorHasNoPhone,
    DraftChanged,
    NumberUnreadable,
    PreviousCallActive,
)
from helpline.calls.supervision.queries import Activity, activity_of
from helpline.current import services, settings
from helpline.db import db
from helpline.directory.referrals import queries as referral_queries
from helpline.directory.referrals.seed import KINDS
from helpline.domain.errors import HelplineError
from helpline.i18n import published_overrides
from helpline.privacy import service as privacy_service
from helpline.staff import service as staff_service
from helpline.staff.models import PresenceState
from helpline.staff.queries import colleagues_of, presence_of, shortcuts_of
from helpline.web import formatting
from helpline.web.access import ADVISOR, SUPERVISOR, allow
from helpline.web.desk.claimed import ClaimedView, claimed_view
from helpline.web.desk.queue_fragment import (
    load_queue,
    load_session_and_desk,
    queue_context,
    render_queue,
)
from helpline.web.desk.shortcut_labels import SHORTCUT_LABELS
from helpline.web.desk.status_line import CallStatus, load_session_and_status, load_status_line
from helpline.web.desk.wrap_up import Choice, WrapUpForm, time_choice
from helpline.web.errors import error_page
from helpline.web.etags import conditional
from helpline.web.language import gettext as _
from helpline.web.language import page_language
from helpline.web.request_context import directory, opening_hours
from helpline.web.sessions import current_staff_id, loads_session
from helpline.web.visitor_context import visitor_page

desk_pages = Blueprint("advisor", __name__, url_prefix="/desk")


@desk_pages.get("/")
@allow(ADVISOR)
def desk() -> ResponseReturnValue:
    return desk_page()


@desk_pages.get("/queue")
@allow(ADVISOR)
@loads_session(load_session_and_desk)
def queue_fragment() -> ResponseReturnValue:
    queue = load_queue(current_staff_id())
    return conditional(
        (queue, page_language(), published_overrides.version()), lambda: render_queue(queue)
    )


@desk_pages.get("/hand")
@allow(ADVISOR)
@loads_session(load_session_and_status)
def hand_fragment() -> ResponseReturnValue:
    """Return the status line of the current callback.

    The page keeps what is being typed and reloads only when this line reports a new stage.
    """
    line = load_status_line(current_staff_id())
    return conditional(
        (line, page_language(), published_overrides.version()),
        lambda: render_template("desk/_live.html", status_line=line),
    )


@desk_pages.post("/next")
@allow(ADVISOR)
def take_next() -> ResponseReturnValue:
    """Claim the next callback, or say why there is none."""
    try:
        claims.claim_next(current_staff_id(), now=clock.now())
    except AdvisorBusy:
        flash(_("Your phone is ringing or in use. Finish that call first."))
    except claims.QueueEmpty:
        if queue.due_count(db.session(), clock.now()):
            flash(_("The waiting callbacks are reserved for a colleague for a few minutes."))
        else:
            flash(_("No one is waiting."))
    except OutsideHours as closed:
        flash(_closed_words(closed))
    except DispatchPaused:
        flash(_("Dispatch is paused. You can claim callbacks again when it resumes."))
    return redirect_to_desk()


@desk_pages.post("/<int:callback_id>/release")
@allow(ADVISOR)
def release(callback_id: int) -> ResponseReturnValue:
    try:
        claims.release(callback_id, current_staff_id(), now=clock.now())
        flash(_("Callback released. It keeps its queue position."))
    except StateChanged:
        flash(no_longer_yours_text())
    return redirect_to_desk()


@desk_pages.post("/<int:callback_id>/longer")
@allow(ADVISOR)
def keep_longer(callback_id: int) -> ResponseReturnValue:
    try:
        claims.extend_lease(callback_id, current_staff_id(), now=clock.now())
        flash(_("You have more time."))
    except StateChanged:
        flash(no_longer_yours_text())
    return redirect_to_desk()


@desk_pages.post("/<int:callback_id>/call")
@allow(ADVISOR)
def call(callback_id: int) -> ResponseReturnValue:
    if not services().has_carrier:
        return own_phone(callback_id)
    return _start_call(
        lambda: call_service.start_call(callback_id, current_staff_id(), now=clock.now())
    )


@desk_pages.post("/<int:callback_id>/own-phone")
@allow(ADVISOR)
def own_phone(callback_id: int) -> ResponseReturnValue:
    return _start_call(
        lambda: call_service.start_own_phone_call(
            callback_id,
            current_staff_id(),
            now=clock.now(),
            longest_minutes=settings().longest_call_minutes,
        )
    )


@desk_pages.post("/<int:callback_id>/stop")
@allow(ADVISOR)
def stop(callback_id: int) -> ResponseReturnValue:
    try:
        call_service.stop_call(callback_id, current_staff_id(), now=clock.now())
        flash(_("Call stopped. No one was called."))
    except StateChanged:
        flash(_("The call is already being placed. To stop it, decline it on your phone."))
    return redirect_to_desk()


def save_and_show_form(
    callback_id: int, form: WrapUpForm, *, places_open: bool = False
) -> ResponseReturnValue:
    """Save the form as a draft and return the desk with it.

    Redirects to the unfinished call if the callback is no longer the advisor's.
    """
    try:
        saved = save_form_draft(callback_id, form)
    except DraftChanged as newer:
        form.merge(newer)
        return desk_page(form), 409
    except StateChanged:
        return redirect_to_desk()
    if saved is None:
        return desk_page(form), 422
    if saved.in_hand:
        return desk_page(form, places_open=places_open)
    flash(_("Wrap-up time ran out. What you typed is kept. Finish the call here."))
    return make_response(redirect(url_for("advisor.unfinished"), 303))


def save_form_draft(callback_id: int, form: WrapUpForm) -> drafts.Saved | None:
    """Save the form as a draft; return None if it has errors.

    Raises:
        DraftChanged: a newer draft was saved in another window, and the form can show both.
        StateChanged: the callback is no longer the advisor's.
    """
    if not form.is_valid_draft():
        return None
    draft = form.draft(has_notes="notes" in request.form)
    try:
        expected_version = form.draft_version.data
        saved = drafts.save(
            callback_id,
            current_staff_id(),
            draft,
            expected_version=expected_version,
            now=clock.now(),
        )
    except DraftChanged as newer:
        held = queue.current_callback(db.session(), current_staff_id())
        if held is not None and held.id == callback_id:
            raise
        form.merge(newer)  # No form is left to show both in.
        return save_form_draft(callback_id, form)
    form.draft_version.data = saved.version
    return saved


@desk_pages.post("/presence")
@allow(ADVISOR)
def presence() -> ResponseReturnValue:
    try:
        state = PresenceState(request.form.get("state", ""))
    except ValueError:
        return desk_page(error=_("Choose available or break.")), 422
    staff_service.set_presence(current_staff_id(), state, now=clock.now())
    return redirect_to_desk()


@desk_pages.errorhandler(NoResultFound)
def _no_such_callback(_error: NoResultFound) -> ResponseReturnValue:
    return error_page(404)


def _start_call(start: Any) -> ResponseReturnValue:
    try:
        start()
    except OutsideHours as closed:
        flash(_closed_words(closed))
    except NumberNotCallable:
        flash(
            _(
                "This number cannot be called now. It has reached its daily call limit, a "
                "supervisor has blocked it, or no calls are allowed in its country at this "
                "hour. Release the callback: it comes back when calls are "
                "allowed."
            )
        )
    except VisitorOnCall:
        flash(
            _(
                "This visitor is calling the helpline now. The advisor who answers also gets "
                "this callback. If no one answers, call them in a minute."
            )
        )
    except NumberUnreadable:
        flash(_("This number cannot be decrypted, so no one can call it. Report it."))
    except AdvisorHasNoPhone:
        flash(
            _(
                "Your phone number is not set, so your phone cannot be called. Ask an admin to "
                "add it, or call from your own phone."
            )
        )
    except AdvisorBusy:
        flash(_("Your phone is ringing or in use. Finish that call first."))
    except PreviousCallActive:
        flash(_("Your last call is still ending. Please try again in a few seconds."))
    except (StateChanged, HelplineError):
        flash(no_longer_yours_text())
    return redirect_to_desk()


def _current_callback(call: CallStatus | None) -> ClaimedView | None:
    held = queue.current_callback(db.session(), current_staff_id()) if call else None
    if held is None or call is None or held.id != call.callback_id:
        return None
    return claimed_view(db.session(), held, call, has_carrier=services().has_carrier)


def _presence() -> dict[str, Any] | None:
    mine = presence_of(db.session(), current_staff_id())
    if mine is None:
        return None
    doing, since = activity_of(db.session(), current_staff_id(), clock.now())
    label = {
        Activity.OFFERED: _("Your phone is ringing"),
        Activity.CLAIMED: _("Callback claimed"),
        Activity.CALLING: _("Calling"),
        Activity.TALKING: _("On a call"),
        Activity.CALL_IN: _("On a call"),
        Activity.WRAP_UP: _("Wrap-up"),
        Activity.AVAILABLE: _("Available"),
        Activity.AWAY: _("On a break"),
        Activity.OFFLINE: _("Offline"),
    }[doing]
    return {"state": mine.state, "since": since, "label": label}


def desk_page(
    form: WrapUpForm | None = None,
    *,
    error: str = "",
    places_open: bool = False,
) -> str:
    """Render the desk, with what was typed so far.

    Args:
        error: about none of the fields.
        places_open: whether the list of referrals is open.
    """
    queue_now = queue_context(load_queue(current_staff_id()))
    status_line = load_status_line(current_staff_id())
    current = _current_callback(status_line.call)
    if form is None:
        form = WrapUpForm.of_draft(
            drafts.draft_of(db.session(), current.id, current_staff_id())
            if current
            else drafts.Draft()
        )
    if error:
        form.form_errors.append(error)
    if current is not None:
        form.notes.id = f"notes-{current.id}"
        form.hand_to.choices = [SelectChoice("", _("Choose")), *_colleagues()]
        privacy_service.record_view(
            current.id,
            staff_id=current_staff_id(),
            now=clock.now(),
            has_earlier_calls=bool(current.earlier_calls),
        )
    return render_template(
        "desk/desk.html",
        **{**visitor_page(), **_crisis_numbers(current), **queue_now},
        hand=current,
        status_line=status_line if current else replace(status_line, call=None),
        presence=_presence(),
        keys=shortcuts_of(db.session(), current_staff_id()),
        shortcut_labels=SHORTCUT_LABELS,
        form=form,
        follow_up_days=_follow_up_days(current, form),
        places=_referrals(current, form),
        places_open=places_open,
        now=clock.now(),
        unfinished=drafts.unfinished_count(db.session(), current_staff_id()),
    )


def _crisis_numbers(current: ClaimedView | None) -> dict[str, Any]:
    if current is None:
        return {}
    now = clock.now()
    of_state = (
        line
        for line in directory().state_lines(current.region)
        if line.state == current.located_in and line.is_open(now) is not False
    )
    return {
        "emergency": directory().emergency(current.region),
        "lines": (*of_state, *directory().at(current.region, now).open_now),
    }


def _follow_up_days(
    current: ClaimedView | None, form: WrapUpForm
) -> list[tuple[str, list[Choice]]]:
    """Return the times on offer by day; after a conflict the nearest ones come first."""
    if current is None or current.call.stage == "claimed":
        return []
    now = clock.now()
    days: dict[str, list[Choice]] = {}
    for slot in offered_slots(db.session(), opening_hours(now), now, current.language):
        choice = time_choice(slot.starts_at, full=slot.full)
        days.setdefault(formatting.day_words(slot.starts_at), []).append(choice)
    nearest = [time_choice(at) for at in form.nearest]
    return [*([(_("Nearest free times"), nearest)] if nearest else []), *days.items()]


def _referrals(current: ClaimedView | None, form: WrapUpForm) -> dict[str, Any]:
    if current is None:
        return {}
    session = db.session()
    return {
        "named": referral_queries.referred_services(session, current.id),
        "found": referral_queries.search(
            session, current.region, kind=form.place_kind.data, area=form.place_area.data
        ),
        "kinds": KINDS,
        "areas": referral_queries.areas(session, current.region),
    }


def _colleagues() -> list[SelectChoice]:
    return [
        SelectChoice(
            str(colleague.id),
            _("%(name)s (supervisor)", name=colleague.name)
            if colleague.has_role(SUPERVISOR)
            else colleague.name,
        )
        for colleague in colleagues_of(db.session(), current_staff_id())
    ]


def redirect_to_desk() -> Response:
    return make_response(redirect(url_for("advisor.desk"), 303))


def no_longer_yours_text() -> str:
    return _("You no longer have this callback. It returned to the queue or was cancelled.")


def _closed_words(closed: OutsideHours) -> str:
    if closed.opens_at is None:
        return _("The helpline is closed, so no one can be called.")
    return _(
        "The helpline is closed, so no one can be called. It opens %(moment)s.",
        moment=formatting.moment_words(closed.opens_at),
    )
