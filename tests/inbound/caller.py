"""A caller as the carrier sees them: signed webhooks out, TwiML back, each checked by the rules."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import sqlalchemy as sa
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from helpline import clock
from helpline.calls.inbound.models import InboundCall, VoiceMessage
from helpline.db import db
from helpline.staff import service as accounts
from helpline.staff.models import PresenceState
from tests import factories
from tests.cast import CARRIER_ACCOUNT, CARRIER_TOKEN, HELPLINE, Member
from tests.support.twiml_rules import check
from tests.support.web import Client

_numbers = itertools.count(1)
PUBLIC = "http://localhost"
VOICE = "/webhooks/voice/inbound"


def sid(kind: str) -> str:
    """A carrier's id of this kind: CA, RE."""
    return f"{kind}{next(_numbers):032x}"


@dataclass
class Caller:
    """Somebody who rings the helpline."""

    client: Client
    number: str = "anonymous"
    call: str = field(default_factory=lambda: sid("CA"))
    advisor_call: str = field(default_factory=lambda: sid("CA"))
    twiml: Element | None = None
    answer: TestResponse | None = None

    def post(self, path: str, **told: str) -> TestResponse:
        """A signed webhook."""
        form = {
            "CallSid": self.call,
            "AccountSid": CARRIER_ACCOUNT,
            "From": self.number,
            "To": HELPLINE,
            "Direction": "inbound",
            "CallStatus": "in-progress",
            **told,
        }
        signature = RequestValidator(CARRIER_TOKEN).compute_signature(PUBLIC + path, form)
        return self.client.post(path, data=form, headers={"X-Twilio-Signature": signature})

    def ask(self, path: str, **told: str) -> Caller:
        """A webhook that is answered with instructions for the caller's leg."""
        self.answer = self.post(path, **told)
        assert self.answer.status_code == 200, self.answer.text
        self.twiml = check(self.answer.text)
        return self

    def ring(self) -> Caller:
        """Rings."""
        return self.ask(VOICE, CallStatus="ringing")

    def press(self, digits: str) -> Caller:
        """Presses keys when asked; "" for silence."""
        return self.ask(self.address("Gather", "action"), Digits=digits)

    def silence(self) -> Caller:
        """Presses nothing."""
        return self.press("")

    def dial_ends(self, status: str, **told: str) -> Caller:
        """The try to connect an advisor is over."""
        path = self.address("Dial", "action")
        return self.ask(path, DialCallStatus=status, DialCallSid=self.advisor_call, **told)

    def advisor_picks_up(self) -> Element:
        """The advisor's phone is answered; what the advisor hears comes back."""
        self.advisor_call = sid("CA")
        return self.whisper(self.address("Number", "url"))

    def advisor_presses(self, digits: str, heard: Element) -> Element:
        """The advisor presses a key."""
        gather = heard.find("Gather")
        assert gather is not None
        return self.whisper(urlsplit(gather.attrib["action"]).path, Digits=digits)

    def whisper(self, path: str, **told: str) -> Element:
        """A webhook of the advisor's leg."""
        of_leg = {"CallSid": self.advisor_call, "ParentCallSid": self.call}
        answer = self.post(path, **(of_leg | {"Direction": "outbound-dial"} | told))
        assert answer.status_code == 200, answer.text
        return check(answer.text, whisper=True)

    def connects(self) -> None:
        """The advisor answers and presses 1."""
        assert list(self.advisor_presses("1", self.advisor_picks_up())) == []

    def recorded(self, recording: str, **told: str) -> Caller:
        """The message was recorded."""
        return self.ask(
            self.address("Record", "action"),
            RecordingSid=recording,
            RecordingDuration="8",
            RecordingUrl="http://elsewhere.example/",
            **told,
        )

    def hangs_up(self) -> None:
        """Hangs up; the number's status callback tells so."""
        answer = self.post(f"{VOICE}/status", CallStatus="completed", CallDuration="9")
        assert answer.status_code == 204

    def address(self, tag: str, name: str) -> str:
        """Where an element of the newest instructions leads."""
        assert self.twiml is not None
        found = self.twiml.find(f".//{tag}")
        assert found is not None, f"no {tag} in {self.answer and self.answer.text}"
        return urlsplit(found.attrib[name]).path

    @property
    def heard(self) -> str:
        """All that is said in the newest instructions."""
        assert self.twiml is not None
        return " ".join(each.text or "" for each in self.twiml.iter("Say"))

    @property
    def rings(self) -> str | None:
        """The number that the newest instructions ring."""
        assert self.twiml is not None
        number = self.twiml.find("Dial/Number")
        return None if number is None else number.text

    @property
    def is_hung_up(self) -> bool:
        """Whether they end the call."""
        assert self.twiml is not None
        return self.twiml.find("Hangup") is not None

    @property
    def row(self) -> InboundCall:
        """What is stored of the call."""
        db.session.rollback()
        found = sa.select(InboundCall).where(InboundCall.sid == self.call)
        return db.session.scalars(found.execution_options(populate_existing=True)).one()


def at_desk(*members: Member) -> None:
    """These advisors are at their desks, and available."""
    for member in members:
        staff_id = factories.staff(member).id
        accounts.set_presence(staff_id, PresenceState.AVAILABLE, now=clock.now())
        accounts.record_desk_seen(staff_id, now=clock.now())


def messages() -> list[VoiceMessage]:
    """Every recorded message."""
    db.session.rollback()
    return list(db.session.scalars(sa.select(VoiceMessage).order_by(VoiceMessage.id)))
