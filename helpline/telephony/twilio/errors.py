"""Convert the errors of Twilio's client to the port's."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import requests
from twilio.base.exceptions import (
    TwilioException,
    TwilioRestException,
    TwilioServiceException,
)
from urllib3.exceptions import NewConnectionError

from helpline.telephony.port import CarrierError, OutcomeUnknown, Rejected, RetryLater
from helpline.telephony.problems import Fault, Problem, SmsProblem
from helpline.telephony.twilio.codes import code_of, meaning_of, problem_of

NOT_FOUND = 404
_UNAUTHORIZED = 401
_TOO_MANY_REQUESTS = 429
_UNKNOWN_CALL = 20404
_PARSE_ERRORS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


@contextmanager
def converted_errors(
    problem_of_code: Callable[[int | None], Problem | SmsProblem] = problem_of,
) -> Iterator[None]:
    """Convert errors of the client, by HTTP status.

    Twilio's client has three forms: TwilioRestException; TwilioServiceException, for RFC 9457
    bodies (https://www.rfc-editor.org/rfc/rfc9457.html); and, from ``list()``, a bare
    TwilioException that holds the response. A malformed body, such as ``null`` with a status of
    200, raises Python's own errors inside the client: the call may have been created.
    """
    try:
        yield
    except TwilioException as error:
        raise _error_of(*status_and_code(error), problem_of_code) from error
    except requests.exceptions.ConnectTimeout as error:
        raise RetryLater(Problem.UNREACHABLE) from error
    except requests.exceptions.ConnectionError as error:
        reason = getattr(error.args[0], "reason", None) if error.args else None
        if isinstance(reason, NewConnectionError):
            raise RetryLater(Problem.UNREACHABLE) from error
        raise OutcomeUnknown(Problem.UNSURE) from error
    except (requests.exceptions.RequestException, *_PARSE_ERRORS) as error:
        raise OutcomeUnknown(Problem.UNSURE) from error


def _error_of(
    status: int | None,
    code: int | None,
    problem_of_code: Callable[[int | None], Problem | SmsProblem],
) -> CarrierError:
    if status is None or not 400 <= status < 500:
        return OutcomeUnknown(Problem.UNSURE, code)
    code = code_of(status, code)
    if status == _TOO_MANY_REQUESTS or meaning_of(code).fault == Fault.CARRIER_NOW:
        return RetryLater(Problem.BUSY, code)
    if status == _UNAUTHORIZED:
        return Rejected(Problem.CREDENTIALS, code)
    return Rejected(problem_of_code(code), code)


def status_and_code(error: TwilioException) -> tuple[int | None, int | None]:
    """Return the HTTP status and Twilio's code of an error of its client."""
    if isinstance(error, TwilioRestException | TwilioServiceException):
        return _int_or_none(error.status), _int_or_none(error.code)
    response = next((argument for argument in error.args if hasattr(argument, "status_code")), None)
    if response is None:
        return None, None
    try:
        body = json.loads(response.text)
    except ValueError:
        body = None
    code = body.get("code") if isinstance(body, dict) else None
    return _int_or_none(response.status_code), _int_or_none(code)


def _int_or_none(value: object) -> int | None:
    try:
        return int(str(value))
    except ValueError:
        return None


def is_not_found(error: TwilioException) -> bool:
    """Return whether Twilio does not know it: a 404 without its code may come from a proxy or a
    wrong address.
    """
    status, code = status_and_code(error)
    by_carrier = code == _UNKNOWN_CALL or isinstance(error, TwilioServiceException)
    return status == NOT_FOUND and by_carrier
