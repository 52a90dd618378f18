"""Twilio's REST API through Twilio's own client. The base address is a setting, nothing else.

Creating a call has no idempotency key. So an error is sorted by the one question that matters:
was the call surely not made (it may be asked for again), or may it have been made (it is settled
by looking, never by asking again)?
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from twilio.rest.api.v2010.account.call import CallInstance
from urllib3.exceptions import NewConnectionError

from helpline.domain.call_progress import CarrierStatus
from helpline.domain.errors import HelplineError
from helpline.telephony.words import Problem, problem_of, status_of

# The client logs whole requests, phone numbers included; nobody is to read those.
_SILENT = logging.Logger("twilio", level=logging.CRITICAL + 1)

_TOO_MANY = 429
_LIST_LIMIT = 20


class CarrierError(HelplineError):
    """The carrier did not do what it was asked; ``problem`` says it in our words."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


class NotNow(CarrierError):
    """Surely not done; may be asked for again later (429, or the carrier was not reached)."""


class Refused(CarrierError):
    """Surely not done, and asking again would not help."""


class Unsure(CarrierError):
    """It may have been done (time-out, 5xx, cut off): look, never ask again."""


@dataclass(frozen=True, slots=True)
class SeenCall:
    """A call as the carrier knows it."""

    sid: str
    status: CarrierStatus | None
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class CarrierAccount:
    """What it takes to speak to the carrier."""

    account_sid: str
    auth_token: str
    base_url: str
    caller_id: str
    timeout_seconds: float


class Carrier:
    """Makes, looks up and ends calls."""

    def __init__(self, account: CarrierAccount) -> None:
        http = TwilioHttpClient(timeout=account.timeout_seconds, logger=_SILENT)
        self._client = Client(account.account_sid, account.auth_token, http_client=http)
        self._client.api.base_url = account.base_url
        self._caller_id = account.caller_id

    def ring(
        self,
        number: str,
        *,
        answer_url: str,
        status_url: str,
        ring_seconds: int,
        longest_seconds: int,
    ) -> str:
        """Asks the carrier to ring a phone; what it hears comes from ``answer_url``.

        Returns:
            The carrier's id of the call.

        Raises:
            NotNow, Refused, Unsure: see there.
        """
        with _sorted_errors():
            call = self._client.calls.create(
                to=number,
                from_=self._caller_id,
                url=answer_url,
                method="POST",
                status_callback=status_url,
                status_callback_method="POST",
                status_callback_event=["initiated", "ringing", "answered", "completed"],
                timeout=ring_seconds,
                time_limit=longest_seconds,
            )
        if not call.sid:
            raise Unsure(Problem.UNSURE)
        return str(call.sid)

    def look(self, sid: str) -> SeenCall:
        """What the carrier says of a call now.

        Raises:
            CarrierError: it could not be asked.
        """
        with _sorted_errors():
            return _seen(self._client.calls(sid).fetch())

    def children(self, sid: str) -> list[SeenCall]:
        """The calls that were dialled from within a call.

        Raises:
            CarrierError: it could not be asked.
        """
        with _sorted_errors():
            return [_seen(c) for c in self._client.calls.list(parent_call_sid=sid, limit=5)]

    def find(self, number: str, *, since: datetime) -> list[SeenCall]:
        """The calls we asked for to a number since an instant, newest first.

        Raises:
            CarrierError: it could not be asked.
        """
        with _sorted_errors():
            calls = self._client.calls.list(to=number, limit=_LIST_LIMIT)
        mine = (_seen(c) for c in calls if c.direction == "outbound-api")
        return [seen for seen in mine if seen.created_at is None or seen.created_at >= since]

    def end(self, sid: str) -> None:
        """Ends a call, whether it is still ringing or in progress.

        Raises:
            CarrierError: it could not be asked, or is over already.
        """
        with _sorted_errors():
            self._client.calls(sid).update(status="completed")


def _seen(call: CallInstance) -> SeenCall:
    created = call.date_created
    if created is not None and created.tzinfo is None:
        created = created.replace(tzinfo=UTC)
    return SeenCall(str(call.sid), status_of(str(call.status)), created)


@contextmanager
def _sorted_errors() -> Iterator[None]:
    try:
        yield
    except TwilioRestException as error:
        if error.status == _TOO_MANY:
            raise NotNow(Problem.BUSY) from error
        if 400 <= error.status < 500:
            raise Refused(problem_of(error.code)) from error
        raise Unsure(Problem.UNSURE) from error
    except requests.exceptions.ConnectTimeout as error:
        raise NotNow(Problem.UNREACHABLE) from error
    except requests.exceptions.ConnectionError as error:
        reason = getattr(error.args[0], "reason", None) if error.args else None
        if isinstance(reason, NewConnectionError):
            raise NotNow(Problem.UNREACHABLE) from error
        raise Unsure(Problem.UNSURE) from error
    except (requests.exceptions.RequestException, TwilioException, ValueError) as error:
        raise Unsure(Problem.UNSURE) from error
