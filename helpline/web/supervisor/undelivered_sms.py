"""Text messages that did not arrive, for supervisors."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from flask import render_template
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.db import db
from helpline.messaging import undelivered_sms
from helpline.web.access import ADMIN, SUPERVISOR, allow
from helpline.web.carrier_text import text_kind, text_reason
from helpline.web.supervisor.blocks import supervisor_pages

__all__ = ("supervisor_pages",)


@dataclass(frozen=True, slots=True)
class FailedText:
    """A text message as the page shows it: never its content or number."""

    callback_id: int | None
    kind: str
    at: datetime
    words: str
    code: int | None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why text messages did not arrive, and how many."""

    words: str
    count: int


@supervisor_pages.get("/texts")
@allow(SUPERVISOR, ADMIN)
def undelivered_texts() -> ResponseReturnValue:
    messages = undelivered_sms.list_undelivered(db.session(), now=clock.now())
    texts = [
        FailedText(
            message.callback_id,
            text_kind(message.kind),
            message.created_at,
            _capitalized(text_reason(message.problem or "")),
            message.error_code,
        )
        for message in messages
    ]
    counted = Counter(message.words for message in texts)
    reasons = [Reason(reason, count) for reason, count in counted.most_common()]
    return render_template("supervisor/undelivered_sms.html", texts=texts, reasons=reasons)


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]
