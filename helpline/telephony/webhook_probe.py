"""Send a signed webhook to our own public address, as the carrier would."""

from __future__ import annotations

from dataclasses import dataclass

import requests


class NoAnswer(Exception):
    """The address did not respond in time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The response. ``nonce``: repeated by this service; None from any other."""

    ok: bool
    refused: bool
    leads_on: bool
    nonce: str | None


def ask(address: str, posted: dict[str, str], signature: str, *, timeout_seconds: float) -> Answer:
    """Post a signed form; redirects are not followed.

    Raises:
        NoAnswer: no response.
    """
    try:
        answer = requests.post(
            address,
            data=posted,
            headers={"X-Twilio-Signature": signature},
            timeout=timeout_seconds,
            allow_redirects=False,
        )
    except requests.RequestException as error:
        raise NoAnswer from error
    return Answer(
        ok=answer.ok and not answer.is_redirect,
        refused=answer.status_code == requests.codes.forbidden,
        leads_on=answer.is_redirect,
        nonce=_nonce_of(answer),
    )


def _nonce_of(answer: requests.Response) -> str | None:
    try:
        told = answer.json()
    except ValueError:
        return None
    return told.get("nonce") if isinstance(told, dict) else None
