"""The block list, by the callback that asked for a number; numbers are never shown."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import NoResultFound

from helpline import clock
from helpline.callbacks.errors import StateChanged
from helpline.callbacks.phone_limits import checks, service
from helpline.callbacks.phone_limits.models import FOR_GOOD, LimitReason, NumberLimit
from helpline.db import db
from helpline.staff.queries import staff_name
from helpline.web.access import ADMIN, SUPERVISOR, allow
from helpline.web.int_params import parse_row_id
from helpline.web.language import gettext as _
from helpline.web.sessions import current_staff_id
from helpline.web.supervisor.forms import BlockForm
from helpline.web.supervisor.views import supervisor_pages

__all__ = ("supervisor_pages",)

_DEFAULT_DAYS = 7


@supervisor_pages.get("/blocks")
@allow(SUPERVISOR, ADMIN)
def blocks() -> ResponseReturnValue:
    callback_id = parse_row_id(request.args.get("callback", ""))
    return _page(BlockForm(callback=str(callback_id or ""), days=_DEFAULT_DAYS))


@supervisor_pages.post("/blocks")
@allow(SUPERVISOR, ADMIN)
def block() -> ResponseReturnValue:
    form = BlockForm()
    if not form.validate():
        return _page(form), 422
    try:
        service.block(
            int(form.callback.data),
            days=form.days.data,
            reason=form.reason.data,
            supervisor_id=current_staff_id(),
            now=clock.now(),
        )
    except NoResultFound:
        form.callback.errors = [_("There is no callback with this number.")]
        return _page(form), 422
    except StateChanged:
        form.callback.errors = [
            _("This callback was erased, so its phone number is no longer known.")
        ]
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
    blocked = checks.blocks(db.session(), clock.now())
    return render_template(
        "supervisor/blocks.html",
        form=form,
        blocks=[_block_row(limit) for limit in blocked],
    )


def _block_row(limit: NumberLimit) -> dict[str, Any]:
    return {
        "id": limit.id,
        "since": limit.since,
        "until": limit.until if limit.until < FOR_GOOD else None,
        "from_words": _origin_words(limit),
        "reason": _("They asked not to be called again.")
        if limit.why == LimitReason.ASKED
        else limit.reason,
        "by": staff_name(db.session(), limit.by_staff) if limit.by_staff is not None else "",
    }


def _origin_words(limit: NumberLimit) -> str:
    if limit.callback_id is not None:
        return _("from callback %(number)s", number=limit.callback_id)
    return _("kept after a restore") if limit.by_staff is None else _("after a complaint")
