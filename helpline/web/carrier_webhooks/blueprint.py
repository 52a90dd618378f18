"""The blueprint of the carriers' webhooks: each is refused unless a carrier's signature holds.

All carriers have the same addresses; the signature says which one sent a webhook.

A webhook makes no request to the carrier and waits for nothing: it stores the event and responds. A
repeated webhook gets the same response.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, g, request, url_for
from flask.typing import ResponseReturnValue

from helpline.calls.errors import NoSuchAttempt
from helpline.current import services, settings, signer_of, webhooks
from helpline.messaging.sms_delivery import NoSuchSms
from helpline.telephony.flow import Flow
from helpline.web.access import CARRIER, allow

carrier_webhooks = Blueprint("carrier_webhooks", __name__, url_prefix="/webhooks")


@carrier_webhooks.before_request
def require_signature() -> None:
    if not services().webhooks:
        abort(404)
    url = settings().public_url + request.full_path.rstrip("?")
    g.carrier = signer_of(url, request.form, dict(request.headers))
    if g.carrier is None:
        abort(403)


@carrier_webhooks.errorhandler(NoSuchAttempt)
@carrier_webhooks.errorhandler(NoSuchSms)
def no_such_job(_error: NoSuchAttempt | NoSuchSms) -> ResponseReturnValue:
    return Response(status=404)


@carrier_webhooks.post("/preflight")
@allow(CARRIER)
def preflight() -> ResponseReturnValue:
    """Our own signed request: did it arrive as it was sent?"""
    return {"nonce": request.form.get("Nonce", "")[:64]}


def webhook_url(view: str, **values: Any) -> str:
    """Return the address of a webhook as the carrier reaches it, whatever the host of this
    process.

    Args:
        view: the name of its view.
    """
    path = urlsplit(url_for(f"{carrier_webhooks.name}.{view}", **values)).path
    return settings().public_url + path


def answer(flow: Flow) -> Response:
    """Tell the carrier what to say and do next on the call."""
    return Response(webhooks().render(flow), mimetype=webhooks().content_type)
