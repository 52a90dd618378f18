"""Texts: sent by the service, sent by a phone, and stopped with STOP.

A carrier itself answers its keywords; a phone that texts one of the stop words alone gets no more
texts from that number. These words are of SMS: what a WhatsApp or RCS user writes goes to the
webhook only. Both ends of such a message are addresses of the channel ("whatsapp:+91...",
"rcs:+91...", "rcs:" with the name of our RCS sender), and so are both ends of the answer. Where the
rules of countries are in force, nobody can text to us by SMS from India.
"""

from __future__ import annotations

from phonesim.calls import NotPossible
from phonesim.carrier import UNREACHABLE_PHONE, Carrier
from phonesim.courier import Answer, Webhook
from phonesim.exchange import Exchange
from phonesim.instructions import UNREACHABLE
from phonesim.numbers import INDIA, without_channel
from phonesim.phones import Text
from phonesim.texts import Keywords, Message, Reply

SEND_SECONDS = 0.5
DELIVER_SECONDS = 1.0
MAX_REDIRECTS = 10

CHANNELS = ("whatsapp", "rcs")
RCS_SENDER = "rcs:simulated_helpline"


class Messages:
    """Every text of the account. What changes one happens under the network's lock."""

    def __init__(self, exchange: Exchange) -> None:
        self.all: dict[str, Message] = {}
        self._exchange = exchange
        self._stopped: set[tuple[str, str]] = set()

    def clear(self) -> None:
        """Forget them all, and who has stopped them."""
        self.all.clear()
        self._stopped.clear()

    def has_stopped(self, phone: str, line: str) -> bool:
        """Whether this phone wants no texts from this number."""
        return (phone, line) in self._stopped

    def send(
        self,
        carrier: str,
        to: str,
        from_: str,
        body: str,
        callback: str = "",
        direction: str = "outbound-api",
    ) -> Message:
        """Send a text from one of our numbers to a phone."""
        with self._exchange.lock:
            message = self._new(carrier, to, from_, body, direction, "queued")
            message.callback = callback
            self._exchange.after(SEND_SECONDS, lambda: self._sent(message))
            return message

    def receive(self, phone: str, to: str, body: str, channel: str = "") -> Message:
        """A phone sends a text to one of our numbers.

        Args:
            channel: "whatsapp" or "rcs"; empty for SMS.
        """
        exchange = self._exchange
        if channel and channel not in CHANNELS:
            raise ValueError(f"a channel is one of {', '.join(CHANNELS)}")
        with exchange.lock:
            if to not in exchange.lines:
                raise NotPossible("that number does not belong to the simulated account")
            if exchange.settings.country_rules and phone.startswith(INDIA) and not channel:
                raise NotPossible("there is no two-way SMS in India: the text does not arrive")
            if not body.strip():
                raise NotPossible("the text message is empty")
            from_, ours = (f"{channel}:{phone}", f"{channel}:{to}") if channel else (phone, to)
            line = exchange.lines[to]
            ours = RCS_SENDER if channel == "rcs" else ours
            message = self._new(line.carrier, ours, from_, body, "inbound", "received")
            message.sent = message.created
            message.line = to
            self._in_thread(phone, to, body, incoming=False)
            if not channel:
                keywords = exchange.carriers[line.carrier].keywords_of(to)
                self._answer_keyword(keywords, phone, to, body)
            if line.sms_url:
                self._ask(message, line.sms_url, line.sms_method)
            return message

    def _new(
        self, carrier: str, to: str, from_: str, body: str, direction: str, status: str
    ) -> Message:
        message = Message(
            sid=self._exchange.carriers[carrier].new_id("message"),
            carrier=carrier,
            to=to,
            from_=from_,
            body=body,
            direction=direction,
            created=self._exchange.clock.now(),
            status=status,
            statuses=[status],
        )
        self.all[message.sid] = message
        return message

    def _carrier(self, message: Message) -> Carrier:
        return self._exchange.carriers[message.carrier]

    def _in_thread(self, phone: str, other: str, body: str, incoming: bool) -> None:
        text = Text(self._exchange.clock.now(), other, body, incoming)
        self._exchange.phone(phone).texts.append(text)

    def _answer_keyword(self, keywords: Keywords, phone: str, line: str, body: str) -> None:
        word = body.strip().upper()
        if word in keywords.stop:
            self._stopped.add((phone, line))
            self._in_thread(phone, line, keywords.stop_reply, incoming=True)
        elif word in keywords.start and self.has_stopped(phone, line):
            self._stopped.discard((phone, line))
            self._in_thread(phone, line, keywords.start_reply, incoming=True)
        elif word in keywords.help:
            self._in_thread(phone, line, keywords.help_reply, incoming=True)

    # -- the way of a text that was sent

    def _sent(self, message: Message) -> None:
        if message.doomed_by is not None:
            message.error_code = message.doomed_by
            self._go(message, "failed")
            return
        message.sent = self._exchange.clock.now()
        self._go(message, "sent")
        self._exchange.after(DELIVER_SECONDS, lambda: self._arrives(message))

    def _arrives(self, message: Message) -> None:
        number = without_channel(message.to)
        phone = self._exchange.phone(number)
        if (fault := self._exchange.faults.at_delivery(number)) is not None:
            message.error_code = fault.code or self._carrier(message).codes[fault.kind]
            self._go(message, "undelivered")
            return
        if phone.behaviours and phone.behaviours[0].kind == "unreachable":
            message.error_code = self._carrier(message).codes[UNREACHABLE_PHONE]
            self._go(message, "undelivered")
            return
        self._in_thread(number, message.from_, message.body, incoming=True)
        self._go(message, "delivered")

    def _go(self, message: Message, status: str) -> None:
        message.status = status
        message.updated = self._exchange.clock.now()
        message.statuses.append(status)
        if message.callback:
            self._exchange.courier.notify(
                Webhook(
                    message.carrier,
                    "message",
                    message.sid,
                    message.callback,
                    "POST",
                    self._carrier(message).message_params(message),
                    message.to,
                    status,
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
            failed: what the fallback URL is told besides.
        """
        params = self._carrier(message).text_params(message) | (failed or {})

        def answered(answer: Answer) -> None:
            with self._exchange.lock:
                if not self._follow(message, answer, url, depth) and failed is None:
                    self._ask_fallback(message, url)

        self._exchange.courier.fetch(
            Webhook(message.carrier, "text", message.sid, url, method, params, to=message.from_),
            answered,
        )

    def _ask_fallback(self, message: Message, url: str) -> None:
        """Once, where the number has one."""
        line = self._exchange.lines[message.line]
        if line.sms_fallback_url:
            failed = self._carrier(message).failure_params(UNREACHABLE, url)
            self._ask(message, line.sms_fallback_url, line.sms_fallback_method, failed=failed)

    def _follow(self, message: Message, answer: Answer, url: str, depth: int) -> bool:
        """Do what the answer says: texts back, or another address to ask. Says whether it could."""
        if not answer.ok:
            return False
        if not answer.body.strip():
            return True
        replies = self._carrier(message).read_replies(answer.body, url)
        if replies is None:
            return False
        for reply in replies:
            if isinstance(reply, Reply):
                self._reply(message, reply)
            elif depth < MAX_REDIRECTS:
                self._ask(message, reply.url, reply.method, depth + 1)
        return True

    def _reply(self, message: Message, reply: Reply) -> None:
        to = reply.to or message.from_
        if not reply.body or self.has_stopped(to, message.to):
            return
        from_ = reply.from_ or message.to
        self.send(message.carrier, to, from_, reply.body, reply.callback, "outbound-reply")
