"""What every part of the API shares: refusals, faults, checks of input, pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Response, jsonify, request
from werkzeug.datastructures import MultiDict

from phonesim import faulty_answers
from phonesim.faults import Fault
from phonesim.network import Network
from phonesim.twilio.errors import CODES, TwilioError
from phonesim.twilio.formats import API_VERSION

PREFIX = f"/{API_VERSION}/Accounts/<account_sid>"
DEFAULT_PAGE_SIZE = 50
LARGEST_PAGE_SIZE = 1000


def error_response(problem: TwilioError) -> Response:
    """A refusal as JSON, with Retry-After where there is one."""
    response = jsonify(problem.body())
    response.status_code = problem.status
    if problem.retry_after_seconds is not None:
        response.headers["Retry-After"] = str(problem.retry_after_seconds)
    return response


def with_faults(
    network: Network, to: str, make: Callable[[], Response], about: str = "call"
) -> Response:
    """Make something, unless a fault says otherwise."""
    return faulty_answers.make(network, to, make, _refusal, about)


def _refusal(fault: Fault, to: str) -> Response:
    if fault.kind == "http_429":
        return error_response(TwilioError(20429, retry_after_seconds=round(fault.wait_seconds)))
    code = {"http_500": 20500, "http_503": 20503}.get(fault.kind)
    return error_response(TwilioError(code or fault.code or CODES[fault.kind], to))


def check_url(url: str, code: int = 21205) -> None:
    """Refuse what is no web address."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise TwilioError(code, url)


def method(form: MultiDict[str, str], name: str) -> str:
    return form.get(name, "POST").upper()


def in_time(name: str, moment: datetime | None) -> bool:
    """Whether a moment is on the asked day (`Name`), not before (`Name>`), not after (`Name<`)."""
    exact, least, most = (_moment(request.args.get(name + sign, "")) for sign in ("", ">", "<"))
    if exact is None and least is None and most is None:
        return True
    if moment is None:
        return False
    if exact is not None and moment.date() != exact.date():
        return False
    if least is not None and moment < least:
        return False
    return most is None or moment <= most


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError as problem:
        raise TwilioError(20001, text) from problem
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def page(name: str, found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One page of a list, with the addresses of its neighbours."""
    try:
        size = int(request.args.get("PageSize", DEFAULT_PAGE_SIZE))
        number = int(request.args.get("Page", 0))
    except ValueError as problem:
        raise TwilioError(20001, "PageSize") from problem
    size = min(max(1, size), LARGEST_PAGE_SIZE)
    # A page token names the last record seen, so that new records do not shift the pages.
    start = number * size
    token = request.args.get("PageToken", "")
    sids = [one["sid"] for one in found]
    if token.startswith("PA") and token[2:] in sids:
        start = sids.index(token[2:]) + 1
    shown = list(found[start : start + size])
    more = start + size < len(found)
    return {
        name: shown,
        "page": number,
        "page_size": size,
        "start": start,
        "end": max(start, start + len(shown) - 1),
        "uri": _page_uri(number, size, token),
        "first_page_uri": _page_uri(0, size),
        "next_page_uri": _page_uri(number + 1, size, "PA" + shown[-1]["sid"]) if more else None,
        "previous_page_uri": _page_uri(number - 1, size) if number > 0 else None,
    }


def _page_uri(number: int, size: int, token: str = "") -> str:
    kept = [
        (name, value)
        for name, value in request.args.items(multi=True)
        if name not in ("Page", "PageSize", "PageToken")
    ]
    kept += [("PageSize", str(size)), ("Page", str(number))]
    if token:
        kept.append(("PageToken", token))
    return f"{request.path}?{urlencode(kept)}"
