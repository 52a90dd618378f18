"""The part of Twilio's REST API that is simulated, under /2010-04-01/Accounts/{sid}.

https://www.twilio.com/docs/usage/twilios-response for errors and paging;
https://www.twilio.com/docs/usage/requests-to-twilio for HTTP basic authentication.
"""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, request

from phonesim.errors import TwilioError
from phonesim.network import Network
from phonesim.rest import calls, messages, numbers, permissions, recordings, tokens
from phonesim.rest.common import error_response


def blueprint(network: Network) -> Blueprint:
    """Twilio's addresses, for this network."""
    api = Blueprint("rest", __name__)

    @api.before_request
    def authenticate() -> None:
        _authenticate(network)

    @api.errorhandler(TwilioError)
    def refuse(problem: TwilioError) -> Response:
        return error_response(problem)

    for part in (numbers, calls, messages, recordings, permissions, tokens):
        part.register(api, network)
    return api


def _authenticate(network: Network) -> None:
    given = request.authorization
    settings = network.settings
    # The voice domain's addresses name no account: it is that of the sign-in.
    asked = (request.view_args or {}).get("account_sid", settings.account_sid)
    right = (
        given is not None
        and hmac.compare_digest((given.username or "").encode(), settings.account_sid.encode())
        and network.tokens.sign_in(given.password or "")
    )
    if not right:
        raise TwilioError(20003)
    if asked != settings.account_sid:
        raise TwilioError(20404, request.path)
