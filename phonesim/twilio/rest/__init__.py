"""The part of Twilio's REST API that is simulated, under /2010-04-01/Accounts/{sid}.

https://www.twilio.com/docs/usage/twilios-response for errors and paging;
https://www.twilio.com/docs/usage/requests-to-twilio for HTTP basic authentication.
"""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, request

from phonesim.network import Network
from phonesim.twilio.carrier import Twilio
from phonesim.twilio.errors import TwilioError
from phonesim.twilio.rest import calls, messages, numbers, permissions, recordings, tokens
from phonesim.twilio.rest.common import error_response


def blueprint(network: Network, account: Twilio) -> Blueprint:
    """Twilio's addresses, for its account on this network."""
    api = Blueprint("rest", __name__)

    @api.before_request
    def authenticate() -> None:
        _authenticate(account)

    @api.errorhandler(TwilioError)
    def refuse(problem: TwilioError) -> Response:
        return error_response(problem)

    for part in (numbers, calls, messages, permissions):
        part.register(api, network)
    recordings.register(api, network, account)
    tokens.register(api, account)
    return api


def _authenticate(account: Twilio) -> None:
    given = request.authorization
    # The voice domain's addresses name no account: it is that of the sign-in.
    asked = (request.view_args or {}).get("account_sid", account.sid)
    right = (
        given is not None
        and hmac.compare_digest((given.username or "").encode(), account.sid.encode())
        and account.tokens.sign_in(given.password or "")
    )
    if not right:
        raise TwilioError(20003)
    if asked != account.sid:
        raise TwilioError(20404, request.path)
