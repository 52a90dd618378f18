"""Texts: sent by the service, sent by a phone, and stopped with STOP.

Sources: https://www.twilio.com/docs/messaging/api/message-resource (statuses, fields),
https://www.twilio.com/docs/messaging/guides/webhook-request (what an inbound text's webhook says),
https://www.twilio.com/docs/messaging/twiml (Message, Body, Redirect in the answer),
and the help centre's "Twilio support for opt-out keywords (SMS STOP filtering)": one of the words
alone stops every text from that number, Twilio itself answers, the webhook is still called, and
sending then fails with 21610. CANCEL is one of the default words; an account with Advanced Opt-Out
can remove it (--opt-out-words). These words are of SMS: what a WhatsApp or RCS user writes goes to
the webhook only. Both ends of such a message are addresses of the channel ("whatsapp:+91...",
"rcs:+91...", "rcs:" with the name of our RCS sender), and so are both ends of the answer. Where the
rules of countries are in force, nobody can text to us by SMS from India ("Two-way SMS supported:
No", https://www.twilio.com/en-us/guidelines/in/sms).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin
from xml.etree import ElementTree

from phonesim.calls import NotPossible, Text
from phonesim.formats import API_VERSION, new_sid, parties, rfc2822, without_channel
from phonesim.webhooks import Answer, Webhook

if TYPE_CHECKING:
    from phonesim.network import Network

SEND_SECONDS = 0.5
DELIVER_SECONDS = 1.0
UNREACHABLE_CODE = 30003

CHANNELS = ("whatsapp", "rcs")
RCS_SENDER = "rcs:simulated_helpline"

START_WORDS = ("START", "YES", "UNSTOP")
HELP_WORDS = ("HELP", "INFO")

STOP_REPLY = (
    "You have successfully been unsubscribed. You will not receive any more messages from this"
    " number. Reply START to resubscribe."
)
START_REPLY = (
    "You have successfully been re-subscribed to messages from this number. Reply HELP for help."
    " Reply STOP to unsubscribe. Msg&Data Rates May Apply."
)
HELP_REPLY = "Reply STOP to unsubscribe. Msg&Data Rates May Apply."

# The plain alphabet of GSM 03.38; any other character makes a text UCS-2, with shorter parts.
GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€"
)


def segments(body: str) -> int:
    """How many parts a text is sent in."""
    alone, joined = (160, 153) if set(body) <= GSM else (70, 67)
    return 1 if len(body) <= alone else -(-len(body) // joined)


@dataclass
class Message:
    """One text. ``line`` is our number that a text of a phone was sent to, whatever its channel."""

    sid: str
    account_sid: str
    to: str
    from_: str
    body: str
    direction: str
    created: datetime
    status: str
    callback: str = ""
    line: str = ""
    sent: datetime | None = None
    updated: datetime | None = None
    error_code: int | None = None
    statuses: list[str] = field(default_factory=list)

    def params(self) -> dict[str, str]:
        """What its status callback says."""
        params = {
            "MessageSid": self.sid,
            "SmsSid": self.sid,
            "AccountSid": self.account_sid,
            "ApiVersion": API_VERSION,
            "From": self.from_,
            "To": self.to,
            "MessageStatus": self.status,
            "SmsStatus": self.status,
        }
        if self.error_code is not None:
            params["ErrorCode"] = str(self.error_code)
        return params

    def resource(self) -> dict[str, Any]:
        """The Message resource."""
        uri = f"/{API_VERSION}/Accounts/{self.account_sid}/Messages/{self.sid}"
        return {
            "sid": self.sid,
            "account_sid": self.account_sid,
            "api_version": API_VERSION,
            "body": self.body,
            "date_created": rfc2822(self.created),
            "date_sent": rfc2822(self.sent),
            "date_updated": rfc2822(self.updated or self.created),
            "direction": self.direction,
            "error_code": self.error_code,
            "error_message": None,
            "from": self.from_,
            "messaging_service_sid": None,
            "num_media": "0",
            "num_segments": str(segments(self.body)),
            "price": None,
            "price_unit": "USD",
            "status": self.status,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": self.to,
            "uri": f"{uri}.json",
        }

    def public(self) -> dict[str, Any]:
        """As JSON, for the control API."""
        return {
            "sid": self.sid,
            "direction": self.direction,
            "from": self.from_,
            "to": self.to,
            "body": self.body,
            "status": self.status,
            "statuses": list(self.statuses),
            "error_code": self.error_code,
        }


class Messages:
    """Every text of the account. What changes one happens under the network's lock."""

    def __init__(self, network: Network) -> None:
        self.all: dict[str, Message] = {}
        self._network = network
        self._stopped: set[tuple[str, str]] = set()

    def clear(self) -> None:
        """Forget them all, and who has stopped them."""
        self.all.clear()
        self._stopped.clear()

    def has_stopped(self, phone: str, line: str) -> bool:
        """Whether this phone wants no texts from this number."""
        return (phone, line) in self._stopped

    def send(
        self, to: str, from_: str, body: str, callback: str = "", direction: str = "outbound-api"
    ) -> Message:
        """Send a text from one of our numbers to a phone."""
        with self._network.lock:
            message = self._new(to, from_, body, direction, "queued")
            message.callback = callback
            self._network.after(SEND_SECONDS, lambda: self._sent(message))
            return message

    def receive(self, phone: str, to: str, body: str, channel: str = "") -> Message:
        """A phone sends a text to one of our numbers.

        Args:
            channel: "whatsapp" or "rcs"; empty for SMS.
        """
        network = self._network
        if channel and channel not in CHANNELS:
            raise ValueError(f"a channel is one of {', '.join(CHANNELS)}")
        with network.lock:
            if to not in network.lines:
                raise NotPossible("that number does not belong to the simulated account")
            if network.settings.country_rules and phone.startswith("+91") and not channel:
                raise NotPossible("there is no two-way SMS in India: the text does not arrive")
            if not body.strip():
                raise NotPossible("the text message is empty")
            from_, ours = (f"{channel}:{phone}", f"{channel}:{to}") if channel else (phone, to)
            message = self._new(
                RCS_SENDER if channel == "rcs" else ours, from_, body, "inbound", "received"
            )
            message.sent = message.created
            message.line = to
            self._in_thread(phone, to, body, incoming=False)
            if not channel:
                self._heed(phone, to, body)
            line = network.line_of(to)
            if line.sms_url:
                self._ask(message, line.sms_url, line.sms_method)
            return message

    def _new(self, to: str, from_: str, body: str, direction: str, status: str) -> Message:
        message = Message(
            sid=new_sid("SM"),
            account_sid=self._network.settings.account_sid,
            to=to,
            from_=from_,
            body=body,
            direction=direction,
            created=self._network.clock.now(),
            status=status,
            statuses=[status],
        )
        self.all[message.sid] = message
        return message

    def _in_thread(self, phone: str, other: str, body: str, incoming: bool) -> None:
        text = Text(self._network.clock.now(), other, body, incoming)
        self._network.phone(phone).texts.append(text)

    def _heed(self, phone: str, line: str, body: str) -> None:
        """STOP, START and HELP are answered by Twilio itself."""
        word = body.strip().upper()
        if word in self._network.settings.opt_out_words:
            self._stopped.add((phone, line))
            self._in_thread(phone, line, STOP_REPLY, incoming=True)
        elif word in START_WORDS and self.has_stopped(phone, line):
            self._stopped.discard((phone, line))
            self._in_thread(phone, line, START_REPLY, incoming=True)
        elif word in HELP_WORDS and self._network.settings.answers_help:
            self._in_thread(phone, line, HELP_REPLY, incoming=True)

    # -- the way of a text that was sent

    def _sent(self, message: Message) -> None:
        message.sent = self._network.clock.now()
        self._go(message, "sent")
        self._network.after(DELIVER_SECONDS, lambda: self._arrives(message))

    def _arrives(self, message: Message) -> None:
        number = without_channel(message.to)
        phone = self._network.phone(number)
        if (fault := self._network.faults.at_delivery(number)) is not None:
            message.error_code = fault.code
            self._go(message, "undelivered")
            return
        if phone.behaviours and phone.behaviours[0].kind == "unreachable":
            message.error_code = UNREACHABLE_CODE
            self._go(message, "undelivered")
            return
        self._in_thread(number, message.from_, message.body, incoming=True)
        self._go(message, "delivered")

    def _go(self, message: Message, status: str) -> None:
        message.status = status
        message.updated = self._network.clock.now()
        message.statuses.append(status)
        if message.callback:
            self._network.courier.notify(
                Webhook(
                    "message", message.sid, message.callback, "POST", message.params(), message.to
                )
            )

    # -- what the service says to a text that came in

    def _ask(
        self,
        message: Message,
        url: str,
        method: str,
        depth: int = 0,
        failed: dict[str, str] | None = None,
    ) -> None:
        """Ask a URL how to reply.

        Args:
            failed: parameters for the fallback URL: ErrorCode and ErrorUrl.
        """
        params = message.params() | parties(message.from_, message.to)
        params |= {
            "SmsMessageSid": message.sid,
            "Body": message.body,
            "NumMedia": "0",
            "NumSegments": str(segments(message.body)),
        }
        params |= failed or {}
        if message.from_.startswith("whatsapp:"):
            params["WaId"] = without_channel(message.from_).removeprefix("+")
        del params["MessageStatus"]
        for name in [name for name in params if name.startswith(("Caller", "Called"))]:
            del params[name]

        def answered(answer: Answer) -> None:
            with self._network.lock:
                if not self._follow(message, answer, url, depth) and failed is None:
                    self._ask_fallback(message, url)

        self._network.courier.fetch(
            Webhook("text", message.sid, url, method, params, to=message.from_), answered
        )

    def _ask_fallback(self, message: Message, url: str) -> None:
        """Once, where the number has one
        (https://www.twilio.com/docs/usage/security/availability-reliability)."""
        line = self._network.line_of(message.line)
        if line.sms_fallback_url:
            failed = {"ErrorCode": "11200", "ErrorUrl": url}
            self._ask(message, line.sms_fallback_url, line.sms_fallback_method, failed=failed)

    def _follow(self, message: Message, answer: Answer, url: str, depth: int) -> bool:
        """Do what the answer says: texts back, or another address to ask. Says whether it could."""
        if not 200 <= answer.status < 300:
            return False
        if not answer.body.strip():
            return True
        try:
            root = ElementTree.fromstring(answer.body)
        except ElementTree.ParseError:
            return False
        for element in root:
            if element.tag == "Message":
                self._reply(message, element, url)
            elif element.tag == "Redirect" and depth < 10:
                there = urljoin(url, (element.text or "").strip())
                self._ask(message, there, element.get("method", "POST"), depth + 1)
        return True

    def _reply(self, message: Message, element: ElementTree.Element, url: str) -> None:
        body = element.findtext("Body") if element.find("Body") is not None else element.text
        to = element.get("to", message.from_)
        if not (body or "").strip() or self.has_stopped(to, message.to):
            return
        callback = element.get("statusCallback") or element.get("action") or ""
        self.send(
            to,
            element.get("from", message.to),
            (body or "").strip(),
            urljoin(url, callback) if callback else "",
            "outbound-reply",
        )
