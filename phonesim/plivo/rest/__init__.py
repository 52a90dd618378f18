"""The part of Plivo's REST API that is simulated, under /v1/Account/{auth_id}/.

https://www.plivo.com/docs/account/api/overview for sign-in, statuses and pages;
https://www.plivo.com/docs/voice/concepts/account-limits for how many requests it takes.
"""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, request
from werkzeug.exceptions import MethodNotAllowed

from phonesim.network import Network
from phonesim.plivo.carrier import Plivo
from phonesim.plivo.errors import PlivoError
from phonesim.plivo.rest import account, calls, lookups, messages, recordings
from phonesim.plivo.rest.common import PREFIX, Limit, error_response

REQUESTS, SECONDS = 300, 5.0
NOT_SIGNED_IN = (
    "Could not verify your access level for that URL.\nYou have to login with proper credentials"
)


def blueprint(network: Network, plivo: Plivo) -> Blueprint:
    """Plivo's addresses, for its account on this network."""
    api = Blueprint("plivo", __name__)
    limit = Limit(network.clock, REQUESTS, SECONDS)

    @api.before_request
    def admit() -> Response | None:
        if not request.path.startswith(PREFIX.partition("<")[0]):
            return None
        if not _signed_in(plivo):
            return Response(NOT_SIGNED_IN, 401, mimetype="text/html")
        limit.count()
        return None

    @api.errorhandler(PlivoError)
    def refuse(problem: PlivoError) -> Response:
        return error_response(problem)

    @api.errorhandler(MethodNotAllowed)
    def refuse_method(problem: MethodNotAllowed) -> Response:
        return error_response(PlivoError(405))

    for part in (account, calls, lookups, messages, recordings):
        part.register(api, network, plivo)
    return api


def _signed_in(plivo: Plivo) -> bool:
    given = request.authorization
    return (
        given is not None
        and hmac.compare_digest((given.username or "").encode(), plivo.auth_id.encode())
        and plivo.tokens.sign_in(given.password or "")
        and (request.view_args or {}).get("auth_id") == plivo.auth_id
    )
