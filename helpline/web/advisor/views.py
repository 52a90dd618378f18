"""The advisor's views."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
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
from flask_login import current_user
from sqlalchemy.exc import NoResultFound

from helpline import clock
from helpline.accounts import service as accounts
from helpline.accounts.models import PresenceState
from helpline.accounts.queries import presence_of
from helpline.callbacks.errors import OutsideHours, Overtaken
from helpline.calls import service as calls
from helpline.calls.errors import AdvisorHasNoPhone, CallStillOn, EarlierCallStillOn
from helpline.db import db
from helpline.domain.errors import HelplineError
from helpline.domain.retries import Disposition
from helpline.house import house, settings
from helpline.privacy import service as privacy
from helpline.queue import queries
from helpline.queue import service as queue
from helpline.web import words
from helpline.web.advisor.hand import Hand, hand_of
from helpline.web.errors import error_page
from helpline.web.gate import ADVISOR, audience
from helpline.web.here import opening_hours
from helpline.web.language import gettext as _
from helpline.web.page import visitor_page

advisor = Blueprint("advisor", __name__, url_prefix="/desk")

_NOTES_AT_MOST = 5000


@advisor.get("/")
@audience(ADVISOR)
def desk() -> ResponseReturnValue:
    """The whole desk."""
    accounts.seen_at_desk(_me(), now=clock.now())
    return _desk()


@advisor.get("/queue")
@audience(ADVISOR)
def queue_fragment() -> ResponseReturnValue:
    """The queue alone, for a desk that keeps itself up to date."""
    accounts.seen_at_desk(_me(), now=clock.now())
    return render_template("advisor/_queue.html", **_queue())


@advisor.get("/hand")
@audience(ADVISOR)
def hand_fragment() -> ResponseReturnValue:
    """The live line of the callback in hand. The desk leaves alone what is being typed, and
    fetches the rest afresh when this line says that the callback has moved on."""
    return render_template("advisor/_live.html", hand=_hand())


@advisor.post("/next")
@audience(ADVISOR)
def take_next() -> ResponseReturnValue:
    """Takes the next callback."""
    try:
        queue.claim_next(_me(), now=clock.now())
    except queue.NothingWaits:
        flash(_("Nobody is waiting just now."))
    except OutsideHours as closed:
        flash(_closed_words(closed))
    return _to_desk()


@advisor.post("/<int:callback_id>/release")
@audience(ADVISOR)
def release(callback_id: int) -> ResponseReturnValue:
    """Gives it back to the queue."""
    try:
        queue.release(callback_id, _me(), now=clock.now())
        flash(_("Given back. It keeps its place in the queue."))
    except Overtaken:
        flash(_gone())
    return _to_desk()


@advisor.post("/<int:callback_id>/longer")
@audience(ADVISOR)
def keep_longer(callback_id: int) -> ResponseReturnValue:
    """More time."""
    try:
        queue.keep_longer(callback_id, _me(), now=clock.now())
        flash(_("You have more time."))
    except Overtaken:
        flash(_gone())
    return _to_desk()


@advisor.post("/<int:callback_id>/call")
@audience(ADVISOR)
def call(callback_id: int) -> ResponseReturnValue:
    """Rings the advisor's phone, and on their 1 the visitor."""
    if house().carrier is None:
        return own_phone(callback_id)
    return _start(lambda: calls.start_call(callback_id, _me(), now=clock.now()))


@advisor.post("/<int:callback_id>/own-phone")
@audience(ADVISOR)
def own_phone(callback_id: int) -> ResponseReturnValue:
    """The advisor rings from their own phone."""
    return _start(
        lambda: calls.start_own_phone_call(
            callback_id,
            _me(),
            now=clock.now(),
            longest_minutes=settings().longest_call_minutes,
        )
    )


@advisor.post("/<int:callback_id>/stop")
@audience(ADVISOR)
def stop(callback_id: int) -> ResponseReturnValue:
    """Takes back a call that is still being set up."""
    try:
        calls.stop_call(callback_id, _me(), now=clock.now())
        flash(_("Stopped. Nobody was rung."))
    except Overtaken:
        flash(_("The call is on its way already. To stop it, decline it on your phone."))
    return _to_desk()


@advisor.post("/<int:callback_id>/disposition")
@audience(ADVISOR)
def disposition(callback_id: int) -> ResponseReturnValue:
    """What came of the call. On an error the notes typed are kept."""
    notes = request.form.get("notes", "").strip()
    errors: dict[str, str] = {}
    if len(notes) > _NOTES_AT_MOST:
        errors["notes"] = _("Please shorten the notes: up to 5,000 letters.")
    try:
        chosen = Disposition(request.form.get("disposition", ""))
    except ValueError:
        errors["disposition"] = _("Choose what came of the call.")
    if errors:
        return _desk(form_errors=errors, notes=notes), 422
    try:
        calls.record_disposition(callback_id, _me(), chosen, notes, now=clock.now())
    except CallStillOn:
        errors["disposition"] = _("The call is still on. Hang up first, then save.")
        return _desk(form_errors=errors, notes=notes), 409
    except Overtaken:
        flash(_("This call was wrapped up already; nothing was changed."))
    else:
        flash(_("Saved."))
    return _to_desk()


@advisor.post("/presence")
@audience(ADVISOR)
def presence() -> ResponseReturnValue:
    """Available or away."""
    try:
        state = PresenceState(request.form.get("state", ""))
    except ValueError:
        return _desk(form_errors={"state": _("Choose available or away.")}), 422
    accounts.set_presence(_me(), state, now=clock.now())
    return _to_desk()


@advisor.errorhandler(NoResultFound)
def _no_such_callback(_error: NoResultFound) -> ResponseReturnValue:
    return error_page(404)


def _start(verb: Any) -> ResponseReturnValue:
    try:
        verb()
    except OutsideHours as closed:
        flash(_closed_words(closed))
    except AdvisorHasNoPhone:
        flash(
            _(
                "Your phone number is not set, so we cannot ring you. Ask an admin to add it, or "
                "ring from your own phone."
            )
        )
    except EarlierCallStillOn:
        flash(_("Your last call is still ending. Please try again in a few seconds."))
    except (Overtaken, HelplineError):
        flash(_gone())
    return _to_desk()


def _me() -> int:
    return int(current_user.id)


def _hand() -> Hand | None:
    held = queries.held_by(db.session(), _me())
    if held is None:
        return None
    return hand_of(db.session(), held, has_carrier=house().carrier is not None)


def _queue() -> dict[str, Any]:
    now, session = clock.now(), db.session()
    found = opening_hours(now)
    return {
        "waiting": [_row(each, now) for each in queries.waiting_list(session, now)],
        "later": queries.later_count(session, now),
        "is_open": found.is_open(now),
        "closes_at": found.closes_at(now),
        "opens_at": found.next_opening(now),
        "now": now,
        "can_take": found.is_open(now) and queries.held_by(session, _me()) is None,
    }


def _row(each: queries.Waiting, now: datetime) -> dict[str, Any]:
    late = now - (each.slot_at or each.due_at)
    return {**asdict(each), "late_minutes": int(late.total_seconds() // 60)}


def _presence(hand: Hand | None) -> dict[str, Any] | None:
    mine = presence_of(db.session(), _me())
    if mine is None:
        return None
    labels = {
        PresenceState.AVAILABLE: _("Available"),
        PresenceState.AWAY: _("Away"),
        PresenceState.OFFLINE: _("Offline"),
    }
    label = labels[PresenceState(mine.state)]
    if hand is not None:
        label = {"calling": _("On a call"), "wrap_up": _("Wrap-up")}.get(
            hand.stage, _("With a callback")
        )
    return {"state": mine.state, "since": mine.since, "label": label}


def _desk(form_errors: dict[str, str] | None = None, notes: str = "") -> str:
    hand = _hand()
    if hand is not None:
        privacy.number_shown(hand.id, staff_id=_me(), now=clock.now())
    return render_template(
        "advisor/desk.html",
        **visitor_page(),
        **_queue(),
        hand=hand,
        presence=_presence(hand),
        form_errors=form_errors or {},
        notes=notes,
        disposition=request.form.get("disposition", ""),
    )


def _to_desk() -> Response:
    return make_response(redirect(url_for("advisor.desk"), 303))


def _gone() -> str:
    return _("You no longer have this callback: it went back to the queue, or was cancelled.")


def _closed_words(closed: OutsideHours) -> str:
    if closed.opens_at is None:
        return _("The helpline is closed, so nobody can be rung.")
    return _(
        "The helpline is closed, so nobody can be rung. It opens %(moment)s.",
        moment=words.moment_words(closed.opens_at),
    )
