"""What every part of the API shares: refusals, faults, input, filters, pages, limits."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urldefrag, urlencode, urlsplit

from flask import Response, jsonify, request

from phonesim import faulty_answers
from phonesim.clock import SimClock
from phonesim.faults import Fault
from phonesim.network import Network
from phonesim.numbers import normalised
from phonesim.plivo.causes import CODES
from phonesim.plivo.errors import PlivoError
from phonesim.plivo.formats import e164, new_uuid

PREFIX = "/v1/Account/<auth_id>/"
LARGEST_PAGE = 20
_COMPARISONS: Mapping[str, Callable[[datetime, datetime], bool]] = {
    "": lambda moment, other: moment == other,
    "__gt": lambda moment, other: moment > other,
    "__gte": lambda moment, other: moment >= other,
    "__lt": lambda moment, other: moment < other,
    "__lte": lambda moment, other: moment <= other,
}


def account_path() -> str:
    """The path that every resource of the account is below."""
    return f"/v1/Account/{(request.view_args or {})['auth_id']}/"


def answer(body: Mapping[str, Any], status: int = 200) -> Response:
    """An answer, with the id of the request."""
    response = jsonify({"api_id": new_uuid(), **body})
    response.status_code = status
    return response


def error_response(problem: PlivoError) -> Response:
    return answer({"error": problem.error}, problem.status)


def told() -> dict[str, str]:
    """What a request says, in JSON or as a form; a null is what was not said."""
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        given = request.form.to_dict()
    return {str(name): str(value) for name, value in given.items() if value is not None}


def number_of(text: str) -> str:
    """A phone number that came with or without its "+", with it."""
    return e164(normalised(text))


def check_url(params: Mapping[str, str], name: str) -> str:
    """An address among what was said; empty for none."""
    url = params.get(name, "")
    parts = urlsplit(urldefrag(url).url)
    if url and (parts.scheme not in ("http", "https") or not parts.netloc):
        raise PlivoError(400, f"{name} parameter is invalid")
    return url


def method(params: Mapping[str, str], name: str) -> str:
    value = params.get(name, "POST").upper()
    if value not in ("GET", "POST"):
        raise PlivoError(400, f"{name} parameter is invalid")
    return value


def with_faults(
    network: Network, to: str, make: Callable[[], Response], about: str = "call"
) -> Response:
    """Make something, unless a fault says otherwise."""
    return faulty_answers.make(network, to, make, _refusal, about)


def _refusal(fault: Fault, to: str) -> Response:
    statuses = {"http_429": 429, "http_500": 500, "http_503": 503}
    status = statuses.get(fault.kind) or fault.code or CODES[fault.kind]
    return error_response(PlivoError(status))


class Limit:
    """At most so many requests in so many (simulated) seconds; more are 429."""

    def __init__(self, clock: SimClock, most: int, seconds: float) -> None:
        self._clock = clock
        self._most = most
        self._seconds = seconds
        self._at: deque[float] = deque()

    def count(self) -> None:
        """Take one more."""
        now = self._clock.elapsed()
        while self._at and self._at[0] <= now - self._seconds:
            self._at.popleft()
        if len(self._at) >= self._most:
            raise PlivoError(429)
        self._at.append(now)


def in_time(name: str, moment: datetime | None, now: datetime, usual: timedelta) -> bool:
    """Whether a moment passes the filters of a name (`end_time__gte`, ...), which are in UTC.

    Args:
        usual: how far back is looked without any filter; with bounds on one side it is 30 days.
    """
    bounds = {
        sign: request.args[name + sign] for sign in _COMPARISONS if name + sign in request.args
    }
    if moment is None:
        return False
    if not bounds and moment < now - usual:
        return False
    if len(bounds) == 1 and moment < now - timedelta(days=30):
        return False
    return all(_COMPARISONS[sign](moment, _utc(text, name)) for sign, text in bounds.items())


def _utc(text: str, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as problem:
        raise PlivoError(400, f"{name} parameter is invalid") from problem
    if moment.tzinfo is not None:
        raise PlivoError(400, f"{name} parameter has an offset: it is in UTC")
    return moment.replace(tzinfo=UTC)


def is_asked(name: str, value: object) -> bool:
    """Whether a filter, if there is one, is this value."""
    return request.args.get(name, "") in ("", str(value))


def is_asked_number(name: str, number: str) -> bool:
    """Whether a filter, if there is one, is this number or how it begins."""
    return number.startswith(number_of(request.args.get(name, "") or number))


def bounds() -> tuple[int, int]:
    """Which part of a list is asked for: where it starts, and how long it is at most."""
    try:
        limit = int(request.args.get("limit", LARGEST_PAGE))
        offset = int(request.args.get("cursor") or request.args.get("offset") or 0)
    except ValueError as problem:
        raise PlivoError(400, "limit and offset are numbers") from problem
    if not 0 < limit <= LARGEST_PAGE or offset < 0:
        raise PlivoError(400, f"limit is from 1 to {LARGEST_PAGE}")
    return offset, limit


def page(found: Sequence[dict[str, Any]]) -> Response:
    """One page of a list. The address of the next one has a cursor, whatever it was asked by."""
    offset, limit = bounds()
    following = offset + limit if offset + limit < len(found) else None
    return answer(
        {
            "meta": {
                "limit": limit,
                "next": _address(limit, following) if following is not None else None,
                "offset": offset,
                "previous": _address(limit, max(0, offset - limit)) if offset else None,
                "total_count": len(found),
            },
            "objects": list(found[offset : offset + limit]),
        }
    )


def _address(limit: int, cursor: int) -> str:
    kept = {
        name: value
        for name, value in request.args.items()
        if name not in ("limit", "offset", "cursor")
    }
    return f"{request.path}?{urlencode({**kept, 'limit': limit, 'cursor': cursor})}"
