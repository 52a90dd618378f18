"""What a web process tells ``flask helpline doctor`` about itself.

Both have the secret key: the question is signed with it, and so is the answer. Nobody else can ask,
and no other service can answer.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from itsdangerous import BadSignature, URLSafeTimedSerializer

from helpline.current import settings

PATH = "/healthz/instance"
_MAX_AGE_SECONDS = 300
_QUESTION, _ANSWER = "doctor-question", "doctor-answer"


@dataclass(frozen=True, slots=True)
class InstanceReport:
    """The settings of a process, and how a request reached it.

    ``client`` and ``scheme`` are what the process believes after its trusted proxies.
    """

    machine: str
    settings_file: str
    database: str
    client: str = ""
    scheme: str = ""
    forwarded_for: Sequence[str] = ()


def of_this_process() -> InstanceReport:
    config = settings()
    return InstanceReport(
        machine=socket.gethostname(),
        settings_file=str(config.settings_file),
        database=config.shown_database,
    )


def sign_question() -> str:
    """Return a token that proves who asks, for a few minutes."""
    return str(_serializer(_QUESTION).dumps(socket.gethostname()))


def is_signed_question(token: str) -> bool:
    return _load(_QUESTION, token) is not None


def sign_answer(report: InstanceReport) -> str:
    return str(_serializer(_ANSWER).dumps(asdict(report)))


def read_answer(token: str) -> InstanceReport | None:
    """Return the report; None if it was not signed with the secret key of this process."""
    fields = _load(_ANSWER, token)
    return InstanceReport(**fields) if isinstance(fields, dict) else None


def _load(salt: str, token: str) -> object:
    try:
        return _serializer(salt).loads(token, max_age=_MAX_AGE_SECONDS)
    except BadSignature:
        return None


def _serializer(salt: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().secret_key.get_secret_value(), salt=salt)
