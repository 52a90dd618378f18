"""A simulated account at Plivo, and Plivo's own client and validators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from plivo.rest import client as plivo_client
from plivo.utils import validate_signature
from plivo.utils.signature_v3 import validate_v3_signature

from phonesim.server import Server
from phonesim.settings import Settings
from tests.phonesim.fixtures import ADVISOR, HELPLINE, TIME_SCALE, Sim, until

AUTH_ID = "MA000000000000000001"
TOKEN, OLDER_TOKEN = "a-token-for-tests", "an-older-token"
BASE = f"/v1/Account/{AUTH_ID}/"
_ADDRESSES = (
    "PLIVO_API_BASE_URI",
    "API_VOICE_BASE_URI",
    "API_VOICE_BASE_URI_FALLBACK_1",
    "API_VOICE_BASE_URI_FALLBACK_2",
)


def signed_by_plivo(url: str, params: dict[str, str], headers: Mapping[str, str]) -> bool:
    """Ask Plivo's own validators."""
    if nonce := headers.get("X-Plivo-Signature-V2-Nonce"):
        return bool(validate_signature(url, nonce, headers["X-Plivo-Signature-V2"], TOKEN))
    nonce, signature = headers["X-Plivo-Signature-V3-Nonce"], headers["X-Plivo-Signature-V3"]
    method = "POST" if params or not urlsplit(url).query else "GET"
    return bool(validate_v3_signature(method, url, nonce, TOKEN, signature, params))


@dataclass
class PlivoSim(Sim):
    """A simulated account at Plivo; ``client`` is Plivo's own."""

    client: Any

    def ring(self, url: str = "", to: str = ADVISOR, **more: Any) -> str:
        """Create a call; its CallUUID, which its answer does not tell."""
        made = self.client.calls.create(from_=HELPLINE, to_=to, answer_url=url, **more)
        return self.uuid_of(made.request_uuid)

    def uuid_of(self, request_uuid: str) -> str:
        """The CallUUID of a request."""
        calls = self.server.network.calls.values()
        return next(call.sid for call in calls if call.request_id == request_uuid)

    def told(self, sid: str) -> Any:
        """A call that is over, as Plivo's client reads it."""
        until(lambda: self.call(sid)["status"] in TERMINAL, what=f"end of {sid}")
        return self.client.calls.get(sid)


TERMINAL = ("completed", "busy", "no-answer", "canceled", "failed")


def start_plivo(**more: Any) -> PlivoSim:
    """An account at Plivo on a free port, with Plivo's client at that address.

    The client has its addresses as constants of its module.
    """
    told: dict[str, Any] = {
        "plivo_auth_id": AUTH_ID,
        "plivo_auth_tokens": (TOKEN,),
        "plivo_numbers": (HELPLINE,),
        "plivo_calls_per_second": 0.0,
        "port": 0,
        "time_scale": TIME_SCALE,
    }
    server = Server(Settings(**(told | more)))
    server.start()
    for name in _ADDRESSES:
        setattr(plivo_client, name, f"{server.url}/v1/Account")
    return PlivoSim(server, plivo_client.Client(AUTH_ID, TOKEN, timeout=30))
