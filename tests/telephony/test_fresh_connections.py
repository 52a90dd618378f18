"""A connection that died while nobody used it must not leave a call unsure."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from helpline.telephony.twilio.client import TwilioAccount, TwilioCarrier
from tests.cast import ASHA, CARRIER_ACCOUNT, CARRIER_TOKEN, HELPLINE

CALL = {"sid": "CA" + 32 * "a", "status": "queued", "direction": "outbound-api"}
ANSWER = json.dumps(CALL).encode()
ONLY_ONE = 1


@dataclass
class OneAnswerEach:
    """A server that promises to keep a connection alive, answers one request on it, and then has
    forgotten it, as a load balancer has after its idle time-out."""

    sock: socket.socket
    requests: list[int] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.sock.getsockname()[1]}"

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.sock.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection: socket.socket) -> None:
        with connection:
            for answered in range(2):
                if not self.read(connection):
                    return
                if answered == ONLY_ONE:
                    return  # The request was read, and the connection ends without an answer.
                self.requests.append(answered)
                head = (
                    "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"
                    f"Connection: keep-alive\r\nContent-Length: {len(ANSWER)}\r\n\r\n"
                )
                connection.sendall(head.encode() + ANSWER)

    @staticmethod
    def read(connection: socket.socket) -> bool:
        told = b""
        while b"\r\n\r\n" not in told:
            part = connection.recv(65536)
            if not part:
                return False
            told += part
        head, body = told.split(b"\r\n\r\n", 1)
        lines = head.lower().split(b"\r\n")
        length = next((int(each[15:]) for each in lines if each.startswith(b"content-length:")), 0)
        while len(body) < length:
            body += connection.recv(65536)
        return True


@pytest.fixture
def forgetful() -> Iterator[OneAnswerEach]:
    made = OneAnswerEach(socket.create_server(("127.0.0.1", 0)))
    threading.Thread(target=made.serve, daemon=True).start()
    yield made
    made.sock.close()


def test_a_dead_keep_alive_connection_leaves_no_call_unsure(forgetful: OneAnswerEach) -> None:
    account = TwilioAccount(CARRIER_ACCOUNT, CARRIER_TOKEN, forgetful.url, HELPLINE, 2.0)
    carrier = TwilioCarrier(account)
    for _ in range(3):
        made = carrier.create_call(
            str(ASHA.phone),
            answer_url="https://helpline.example/answered",
            status_url="https://helpline.example/status",
            ring_seconds=25,
            max_seconds=7200,
        )
        assert made == CALL["sid"]
    assert len(forgetful.requests) == 3
