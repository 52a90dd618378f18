"""Set aside requests that look made up: by example, with a preview, and reversible."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import NoResultFound

from helpline import clock
from helpline.callbacks.errors import AttributeMissing
from helpline.callbacks.models import Channel
from helpline.callbacks.set_aside import service
from helpline.callbacks.set_aside.models import SetAside
from helpline.callbacks.set_aside.service import MatchAttribute, Preview
from helpline.db import db
from helpline.domain.lifecycle import Status
from helpline.staff.queries import staff_name
from helpline.web.access import ADMIN, SUPERVISOR, allow
from helpline.web.int_params import parse_row_id
from helpline.web.language import gettext as _
from helpline.web.language import ngettext
from helpline.web.request_context import zone
from helpline.web.sessions import current_staff_id
from helpline.web.supervisor.forms import SIMILARITY_LABELS, SetAsideForm
from helpline.web.supervisor.views import supervisor_pages

__all__ = ("supervisor_pages",)

_LOOK_BACK = timedelta(hours=24)
_MIN_BUSY_REQUESTS = 5
_MAX_BUSY_NETWORKS = 10


@supervisor_pages.get("/set-aside")
@allow(SUPERVISOR, ADMIN)
def set_aside() -> ResponseReturnValue:
    local = clock.now().astimezone(zone())
    return _page(
        SetAsideForm(
            callback=str(parse_row_id(request.args.get("callback", "")) or ""),
            alike=[MatchAttribute.NETWORK],
            since=local - _LOOK_BACK,
            until=local,
        )
    )


@supervisor_pages.post("/set-aside")
@allow(SUPERVISOR, ADMIN)
def set_more_aside() -> ResponseReturnValue:
    """Preview the requests, or set them aside."""
    form = SetAsideForm()
    if not form.validate():
        return _page(form), 422
    pattern = form.pattern()
    try:
        if request.form.get("step") != "confirm":
            return _page(form, preview=service.preview(db.session(), pattern))
        group_id = service.set_aside(
            pattern, reason=form.reason.data, supervisor_id=current_staff_id(), now=clock.now()
        )
    except NoResultFound:
        form.callback.errors = [_("There is no callback with this number.")]
        return _page(form), 422
    except AttributeMissing as nothing:
        form.alike.errors = [
            _(
                "Callback %(number)s cannot be compared by: %(what)s. Untick this, or use another "
                "callback.",
                number=form.callback.data,
                what=SIMILARITY_LABELS[MatchAttribute(nothing.what)],
            )
        ]
        return _page(form), 422
    flash(_("Requests set aside. No calls are made for them."))
    return redirect(url_for("floor.set_aside_deed", deed_id=group_id), 303)


@supervisor_pages.get("/set-aside/<int:deed_id>")
@allow(SUPERVISOR, ADMIN)
def set_aside_deed(deed_id: int) -> ResponseReturnValue:
    session = db.session()
    action = session.get_one(SetAside, deed_id)
    callbacks = service.members(session, deed_id)
    return render_template(
        "supervisor/set_aside_group.html",
        group=_set_aside_row(action, len(callbacks)),
        requests=[_request_row(callback) for callback in callbacks],
    )


@supervisor_pages.post("/set-aside/<int:deed_id>/bring-back")
@allow(SUPERVISOR, ADMIN)
def bring_back(deed_id: int) -> ResponseReturnValue:
    one = parse_row_id(request.form.get("callback", ""))
    count = service.undo_set_aside(
        deed_id, callback_id=one, supervisor_id=current_staff_id(), now=clock.now()
    )
    flash(
        ngettext("%(num)s request brought back.", "%(num)s requests brought back.", count)
        if count
        else _("There were no requests left to bring back.")
    )
    if one is not None:
        return redirect(url_for("floor.set_aside_deed", deed_id=deed_id), 303)
    return redirect(url_for("floor.set_aside"), 303)


def _page(form: SetAsideForm, *, preview: Preview | None = None) -> str:
    session, now = db.session(), clock.now()
    return render_template(
        "supervisor/set_aside.html",
        form=form,
        preview=preview,
        requests=[_request_row(item) for item in preview.requests] if preview else [],
        set_asides=[
            _set_aside_row(item.deed, item.left) for item in service.open_set_asides(session)
        ],
        busy=service.busy_networks(
            session, now - _LOOK_BACK, least=_MIN_BUSY_REQUESTS, limit=_MAX_BUSY_NETWORKS
        ),
    )


def _set_aside_row(action: SetAside, left: int) -> dict[str, Any]:
    return {
        "id": action.id,
        "at": action.at,
        "by": staff_name(db.session(), action.by_staff),
        "example_id": action.example_id,
        "alike": "; ".join(str(SIMILARITY_LABELS[MatchAttribute(value)]) for value in action.alike),
        "since": action.since,
        "until": action.until,
        "reason": action.reason,
        "left": left,
    }


def _request_row(callback: Any) -> dict[str, Any]:
    return {
        "id": callback.id,
        "requested_at": callback.requested_at,
        "slot_at": callback.slot_at,
        "channel": _channel_labels()[Channel(callback.channel)],
        "claimed": callback.status == Status.CLAIMED,
    }


def _channel_labels() -> Mapping[Channel, str]:
    return {
        Channel.WEB: _("Helpline website"),
        Channel.EMBED: _("Panel on another website"),
        Channel.API: _("API"),
        Channel.TEXT: _("Text message"),
        Channel.PHONE: _("Phone call"),
        Channel.STAFF: _("Staff, for a caller"),
    }
