"""Set aside requests that look made up: by example, with a preview, and reversible."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import NoResultFound
from werkzeug.datastructures import MultiDict

from helpline import clock
from helpline.callbacks.errors import AttributeMissing
from helpline.callbacks.models import Channel
from helpline.callbacks.set_aside import service
from helpline.callbacks.set_aside.models import SetAside
from helpline.callbacks.set_aside.service import MatchAttribute, Pattern, Preview
from helpline.db import db
from helpline.domain.lifecycle import Status
from helpline.staff.queries import staff_name
from helpline.web.access import ADMIN, SUPERVISOR, allow
from helpline.web.int_params import parse_row_id
from helpline.web.language import gettext as _
from helpline.web.language import ngettext
from helpline.web.request_context import zone
from helpline.web.sessions import current_staff_id
from helpline.web.supervisor.reasons import reason_error
from helpline.web.supervisor.views import supervisor_pages

__all__ = ("supervisor_pages",)

_LOOK_BACK = timedelta(hours=24)
_MIN_BUSY_REQUESTS = 5
_MAX_BUSY_NETWORKS = 10
_TIME_FORMAT = "%Y-%m-%dT%H:%M"


@dataclass(slots=True)
class SetAsideForm:
    """The values as typed, and errors by field."""

    callback: str = ""
    alike: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    reason: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def fresh(cls, callback: str, now: datetime) -> SetAsideForm:
        """Return the form as first shown: the last day, by network."""
        local = now.astimezone(zone())
        return cls(
            callback=callback,
            alike=(MatchAttribute.NETWORK,),
            since=(local - _LOOK_BACK).strftime(_TIME_FORMAT),
            until=local.strftime(_TIME_FORMAT),
        )

    @classmethod
    def read(cls, posted: MultiDict[str, str]) -> SetAsideForm:
        return cls(
            callback=posted.get("callback", "").strip(),
            alike=tuple(posted.getlist("alike")),
            since=posted.get("since", "").strip(),
            until=posted.get("until", "").strip(),
            reason=posted.get("reason", "").strip(),
        )

    def pattern(self) -> Pattern | None:
        """Return which requests to set aside; None if there are errors."""
        example = parse_row_id(self.callback)
        if example is None:
            self.errors["callback"] = _("Enter a callback number, for example 12.")
        if not self.alike or not set(self.alike) <= {*MatchAttribute}:
            self.errors["alike"] = _("Choose what the requests have in common.")
        since, until = self._time("since"), self._time("until", whole_minute=True)
        if since and until and since > until:
            self.errors["until"] = _("Enter an end time after the start time.")
        self.errors |= reason_error(
            self.reason, missing=_("Enter a reason. Other supervisors will see it.")
        )
        if self.errors or example is None or since is None or until is None:
            return None
        return Pattern(example, tuple(MatchAttribute(value) for value in self.alike), since, until)

    def _time(self, name: str, *, whole_minute: bool = False) -> datetime | None:
        """Parse a local time; ``whole_minute`` takes the end of that minute."""
        try:
            typed = datetime.fromisoformat(getattr(self, name))
            local = typed.replace(tzinfo=zone())
            return local + timedelta(minutes=1) if whole_minute else local
        except (ValueError, OverflowError):
            self.errors[name] = _("Enter a date and time, for example 2026-11-23 14:30.")
            return None


@supervisor_pages.get("/set-aside")
@allow(SUPERVISOR, ADMIN)
def set_aside() -> ResponseReturnValue:
    example = str(parse_row_id(request.args.get("callback", "")) or "")
    return _page(SetAsideForm.fresh(example, clock.now()))


@supervisor_pages.post("/set-aside")
@allow(SUPERVISOR, ADMIN)
def set_more_aside() -> ResponseReturnValue:
    """Preview the requests, or set them aside."""
    form = SetAsideForm.read(request.form)
    pattern = form.pattern()
    if pattern is None:
        return _page(form), 422
    try:
        if request.form.get("step") != "confirm":
            return _page(form, preview=service.preview(db.session(), pattern))
        deed_id = service.set_aside(
            pattern, reason=form.reason, supervisor_id=current_staff_id(), now=clock.now()
        )
    except NoResultFound:
        form.errors["callback"] = _("There is no callback with this number.")
        return _page(form), 422
    except AttributeMissing as nothing:
        form.errors["alike"] = _(
            "Callback %(number)s cannot be compared by: %(what)s. Untick this, or use another "
            "callback.",
            number=form.callback,
            what=_similarity_labels()[MatchAttribute(nothing.what)],
        )
        return _page(form), 422
    flash(_("Requests set aside. No calls are made for them."))
    return redirect(url_for("floor.set_aside_deed", deed_id=deed_id), 303)


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
        choices=[(item.value, label, "") for item, label in _similarity_labels().items()],
        preview=preview,
        requests=[_request_row(item) for item in preview.requests] if preview else [],
        set_asides=[
            _set_aside_row(item.deed, item.left) for item in service.open_set_asides(session)
        ],
        busy=service.busy_networks(
            session, now - _LOOK_BACK, least=_MIN_BUSY_REQUESTS, limit=_MAX_BUSY_NETWORKS
        ),
    )


def _similarity_labels() -> Mapping[MatchAttribute, str]:
    return {
        MatchAttribute.NETWORK: _("Same network (one IPv4 address, or one IPv6 /64)"),
        MatchAttribute.NETWORK_56: _("Same wider network (IPv6 /56)"),
        MatchAttribute.NETWORK_48: _("Same widest network (IPv6 /48)"),
        MatchAttribute.PAGE: _("Same source page"),
        MatchAttribute.CHANNEL: _("Same channel"),
        MatchAttribute.NUMBERS: _("Phone numbers that differ only in the last 4 digits"),
        MatchAttribute.WORDS: _("Same name and note"),
    }


def _set_aside_row(action: SetAside, left: int) -> dict[str, Any]:
    alike = _similarity_labels()
    return {
        "id": action.id,
        "at": action.at,
        "by": staff_name(db.session(), action.by_staff),
        "example_id": action.example_id,
        "alike": "; ".join(alike[MatchAttribute(value)] for value in action.alike),
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
    }
