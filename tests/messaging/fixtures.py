"""What the tests of texts play with: a simulated carrier, the worker's ticks, signed webhooks."""

from __future__ import annotations

import itertools
import re
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from helpline.cli.worker import carrier_contexts
from helpline.current import settings
from helpline.db import db
from helpline.messaging.carrier_jobs import CarrierContext, look_up_next, start_next
from helpline.messaging.models import OutboundSms
from helpline.privacy.encryption import phone_hash
from helpline.worker.jobs import SMS
from tests.cast import CARRIER_TOKEN, HELPLINE, KAVITA, Visitor
from tests.phonesim.fixtures import Sim, until
from tests.support.web import Client

_sids = itertools.count(1)


def new_sid() -> str:
    """A carrier id that nobody had before."""
    return f"SM{next(_sids):032x}"


def texting(app: Flask) -> CarrierContext:
    """How the worker sends texts."""
    found = carrier_contexts(app)[0]
    assert found is not None
    return found


def work(app: Flask) -> int:
    """The worker sends what is due; says how many pieces of work that was."""
    done = 0
    while start_next(SMS, texting(app)):
        done += 1
    db.session.rollback()
    return done


def look(app: Flask) -> bool:
    """The worker looks for one text of which it is unsure."""
    found = look_up_next(SMS, texting(app))
    db.session.rollback()
    return found


def texts_out() -> list[OutboundSms]:
    """Every text we wrote, oldest first."""
    db.session.rollback()
    return list(db.session.scalars(sa.select(OutboundSms).order_by(OutboundSms.id)))


def told() -> list[tuple[str, str | None]]:
    """Kind and words of every text that waits to be sent."""
    return [(str(each.kind), each.words) for each in texts_out() if each.words]


def on_phone(sim: Sim, visitor: Visitor = KAVITA) -> list[str]:
    """What came to a visitor's phone."""
    return [text["body"] for text in sim.phone(visitor.phone)["texts"] if text["incoming"]]


def comes(sim: Sim, count: int, visitor: Visitor = KAVITA) -> list[str]:
    """Waits until so many texts have come to a visitor's phone, and gives them."""
    until(lambda: len(on_phone(sim, visitor)) >= count, what=f"{count} texts")
    return on_phone(sim, visitor)


def post(client: Client, path: str, fields: dict[str, str], signed: bool = True) -> TestResponse:
    """A webhook, signed as the carrier signs."""
    address = settings().public_url + path
    signature = RequestValidator(CARRIER_TOKEN).compute_signature(address, fields)
    headers = {"X-Twilio-Signature": signature if signed else "nonsense"}
    return client.post(path, data=fields, headers=headers)


def write(
    client: Client, body: str, visitor: Visitor = KAVITA, sid: str = "", **more: Any
) -> str | None:
    """A visitor sends us a text; the answer comes back, None for none."""
    fields = {
        "MessageSid": sid or new_sid(),
        "AccountSid": settings().twilio_account_sid,
        "From": visitor.phone,
        "To": HELPLINE,
        "Body": body,
        **more,
    }
    answer = post(client, "/webhooks/text", fields)
    assert answer.status_code == 200, answer.status
    assert answer.mimetype == "text/xml"
    found = re.search(r"<Message>(.*)</Message>", answer.text, re.DOTALL)
    return found[1] if found else None


def tells(client: Client, text: OutboundSms, status: str, sid: str, code: int | None = None) -> int:
    """The carrier tells how far a text came; the status of our answer comes back."""
    fields = {"MessageSid": sid, "MessageStatus": status, "To": KAVITA.phone, "From": HELPLINE}
    if code is not None:
        fields["ErrorCode"] = str(code)
    return post(client, f"/webhooks/text/{text.ref}/status", fields).status_code


def hash_of(visitor: Visitor = KAVITA) -> str:
    """What we keep of a visitor's number for ever."""
    return phone_hash(visitor.phone)


LATER_THAN_SILENT = timedelta(minutes=1)
