"""Plivo's REST API on ``requests``, of our own.

The client of Plivo's package repeats a POST that starts a call up to three times after a 5xx, has
its address as a constant, and drops the HTTP status of an error (findings/). This one sends each
request once, on its own connection, and follows no redirect, which would turn a POST into a GET.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from itertools import count
from typing import Any

import requests
from urllib3.exceptions import NewConnectionError

from helpline.telephony.plivo.codes import (
    BAD_CREDENTIALS,
    FORBIDDEN,
    TOO_MANY_REQUESTS,
    problem_of_text,
)
from helpline.telephony.port import CarrierError, OutcomeUnknown, Rejected, RetryLater
from helpline.telephony.problems import Problem, SmsProblem

REAL_URL = "https://api.plivo.com"
PAGE = 20
"""The most rows of one page of a list."""
_MOST_PAGES = 5
_BAD_REQUEST, _NOT_FOUND = 400, 404
_ID = re.compile(r"[0-9A-Za-z-]{1,64}")

Json = dict[str, Any]


class NotFound(Rejected):
    """Plivo does not know it."""

    def __init__(self) -> None:
        super().__init__(Problem.REFUSED, _NOT_FOUND)


@dataclass(frozen=True, slots=True)
class PlivoAccount:
    """Credentials and addresses of the account.

    Args:
        secondary_auth_token: the other token during a rotation; empty for none.
        base_url: empty for Plivo's own.
    """

    auth_id: str
    auth_token: str
    base_url: str
    caller_id: str
    timeout_seconds: float
    secondary_auth_token: str = ""


def safe_id(carrier_id: str) -> str:
    """Return an id that may stand in an address.

    Without one, ``DELETE Call//`` is documented to end every call of the account.

    Raises:
        Rejected: it is empty, or no id.
    """
    if not _ID.fullmatch(carrier_id):
        raise Rejected(Problem.REFUSED)
    return carrier_id


class PlivoApi:
    """Requests to one account.

    A request rejected for its credentials was not executed, so it is repeated once with the other
    token, which is then used first.
    """

    def __init__(self, account: PlivoAccount) -> None:
        self.base_url = (account.base_url or REAL_URL).rstrip("/")
        self.path = f"/v1/Account/{account.auth_id}/"
        self.timeout_seconds = account.timeout_seconds
        self.date_header = ""
        tokens = (account.auth_token, account.secondary_auth_token)
        self.credentials = [(account.auth_id, token) for token in tokens if token]

    def clock(self) -> datetime | None:
        """Return Plivo's time, to the second, from its newest response."""
        try:
            return parsedate_to_datetime(self.date_header)
        except ValueError:
            return None

    def get(self, resource: str, **params: str | int) -> Json:
        return self.request("GET", resource, params=params)

    def delete(self, resource: str) -> None:
        self.request("DELETE", resource)

    def post(
        self,
        resource: str,
        body: Mapping[str, str | int],
        problem_of_error: Callable[[str], Problem | SmsProblem] = problem_of_text,
        forbidden: Problem | SmsProblem = Problem.ACCOUNT,
    ) -> Json:
        """Post once.

        Args:
            problem_of_error: our problem for the text of a status 400.
            forbidden: our problem for a 403.
        """
        return self.request("POST", resource, body, None, problem_of_error, forbidden)

    def objects(self, resource: str, **params: str | int) -> Iterator[Json]:
        """Yield the rows of a list, page by page, as ``meta.next`` leads."""
        page = self.get(resource, **params, limit=PAGE)
        for number in count(1):
            rows = page.get("objects")
            if not isinstance(rows, list):
                raise OutcomeUnknown(Problem.UNSURE)
            yield from (row for row in rows if isinstance(row, dict))
            following = str((page.get("meta") or {}).get("next") or "")
            if number == _MOST_PAGES or not following.startswith(self.path):
                return
            page = self.request("GET", following.removeprefix(self.path))

    def call_ids(self, status: str, **params: str | int) -> Iterator[str]:
        """Yield the ids of the calls that are live or queued."""
        for number in range(_MOST_PAGES):
            page = self.get("Call/", status=status, limit=PAGE, offset=number * PAGE, **params)
            ids = page.get("calls")
            if not isinstance(ids, list):
                raise OutcomeUnknown(Problem.UNSURE)
            yield from map(str, ids)
            if len(ids) < PAGE:
                return

    def request(
        self,
        method: str,
        resource: str,
        body: Mapping[str, str | int] | None = None,
        params: Mapping[str, str | int] | None = None,
        problem_of_error: Callable[[str], Problem | SmsProblem] = problem_of_text,
        forbidden: Problem | SmsProblem = Problem.ACCOUNT,
    ) -> Json:
        """Send a request and return the body of its answer; empty for none.

        Raises:
            CarrierError: in all its kinds; NotFound for what Plivo does not know.
        """
        response = self._send(method, self.base_url + self.path + resource, body, params)
        self.date_header = response.headers.get("Date", "")
        answer = _json_of(response)
        if response.status_code == requests.codes.no_content:
            return {}
        if 200 <= response.status_code < 300 and answer is not None:
            return answer
        raise _error_of(response.status_code, answer, problem_of_error, forbidden)

    def _send(
        self,
        method: str,
        url: str,
        body: Mapping[str, str | int] | None,
        params: Mapping[str, str | int] | None,
    ) -> requests.Response:
        for credentials in list(self.credentials):
            try:
                response = requests.request(
                    method,
                    url,
                    json=body,
                    params=params,
                    auth=credentials,
                    timeout=self.timeout_seconds,
                    allow_redirects=False,
                )
            except requests.RequestException as error:
                raise connection_error(error) from error
            if response.status_code != BAD_CREDENTIALS:
                self.credentials.sort(key=lambda each: each != credentials)
                break
        return response


def connection_error(error: requests.RequestException) -> CarrierError:
    """Return the error for a request without an answer: was it surely not sent?"""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    is_unsent = isinstance(error, requests.exceptions.ConnectTimeout)
    if is_unsent or isinstance(reason, NewConnectionError):
        return RetryLater(Problem.UNREACHABLE)
    return OutcomeUnknown(Problem.UNSURE)


def _json_of(response: requests.Response) -> Json | None:
    try:
        answer = response.json()
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _error_of(
    status: int,
    answer: Json | None,
    problem_of_error: Callable[[str], Problem | SmsProblem],
    forbidden: Problem | SmsProblem,
) -> CarrierError:
    if not 400 <= status < 500:  # A 2xx without JSON, such as a page of a proxy, is no success.
        return OutcomeUnknown(Problem.UNSURE)
    if status == TOO_MANY_REQUESTS:
        return RetryLater(Problem.BUSY, status)
    if status == BAD_CREDENTIALS:
        return Rejected(Problem.CREDENTIALS, status)
    if status == FORBIDDEN:
        return Rejected(forbidden, status)
    if status == _NOT_FOUND and answer is not None:
        return NotFound()
    if status == _BAD_REQUEST and answer is not None:
        return Rejected(problem_of_error(str(answer.get("error", ""))), status)
    return Rejected(Problem.REFUSED, status)
