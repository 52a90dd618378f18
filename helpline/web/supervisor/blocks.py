"""The block list, by the callback that asked for a number; numbers are never shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import NoResultFound

from helpline import clock
from helpline.callbacks.errors import StateChanged
from helpline.callbacks.phone_limits import queries, service
from helpline.callbacks.phone_limits.models import NumberLimit
from helpline.db import db
from helpline.staff.queries import staff_name
from helpline.web.access import ADMIN, SUPERVISOR, allow
from helpline.web.int_params import parse_row_id
from helpline.web.language import gettext as _
from helpline.web.sessions import current_staff_id
from helpline.web.supervisor.reasons import reason_error
from helpline.web.supervisor.views import supervisor_pages

__all__ = ("supervisor_pages",)

DAYS = ("1", "7", "30", "90")
_DEFAULT_DAYS = "7"


@dataclass(slots=True)
class BlockForm:
    """The values as typed, and errors by field."""

    callback: str = ""
    days: str = _DEFAULT_DAYS
    reason: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, posted: Mapping[str, str]) -> BlockForm:
        return cls(
            callback=posted.get("callback", "").strip(),
            days=posted.get("days", ""),
            reason=posted.get("reason", "").strip(),
        )

    def callback_id(self) -> int | None:
        """Return the callback whose number to block; None if there are errors."""
        row_id = parse_row_id(self.callback)
        if row_id is None:
            self.errors["callback"] = _("Enter a callback number, for example 12.")
        if self.days not in DAYS:
            self.errors["days"] = _("Choose a duration.")
        self.errors |= reason_error(
            self.reason, missing=_("Enter a reason. Other supervisors will see it.")
        )
        return None if self.errors else row_id


@supervisor_pages.get("/blocks")
@allow(SUPERVISOR, ADMIN)
def blocks() -> ResponseReturnValue:
    return _page(BlockForm(callback=str(parse_row_id(request.args.get("callback", "")) or "")))


@supervisor_pages.post("/blocks")
@allow(SUPERVISOR, ADMIN)
def block() -> ResponseReturnValue:
    form = BlockForm.read(request.form)
    callback_id = form.callback_id()
    if callback_id is None:
        return _page(form), 422
    try:
        service.block(
            callback_id,
            days=int(form.days),
            reason=form.reason,
            supervisor_id=current_staff_id(),
            now=clock.now(),
        )
    except NoResultFound:
        form.errors["callback"] = _("There is no callback with this number.")
        return _page(form), 422
    except StateChanged:
        form.errors["callback"] = _(
            "This callback was erased, so its phone number is no longer known."
        )
        return _page(form), 422
    flash(_("Number blocked. It gets no calls and no text messages until the block ends."))
    return redirect(url_for("floor.blocks"), 303)


@supervisor_pages.post("/blocks/<int:rest_id>/lift")
@allow(SUPERVISOR, ADMIN)
def lift(rest_id: int) -> ResponseReturnValue:
    service.unblock(rest_id, supervisor_id=current_staff_id(), now=clock.now())
    flash(_("Number unblocked."))
    return redirect(url_for("floor.blocks"), 303)


def _page(form: BlockForm) -> str:
    blocked = queries.blocks(db.session(), clock.now())
    return render_template(
        "supervisor/blocks.html",
        form=form,
        days=DAYS,
        blocks=[_block_row(limit) for limit in blocked],
    )


def _block_row(limit: NumberLimit) -> dict[str, Any]:
    return {
        "id": limit.id,
        "callback_id": limit.callback_id,
        "since": limit.since,
        "until": limit.until,
        "reason": limit.reason,
        "by": staff_name(db.session(), limit.by_staff) if limit.by_staff is not None else "",
    }
