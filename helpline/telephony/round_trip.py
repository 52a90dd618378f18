"""Asking our own public address a question, as the carrier would: over HTTP, with a signature."""

from __future__ import annotations

from dataclasses import dataclass

import requests


class NoAnswer(Exception):
    """Nothing answered at the address, or not in time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. ``nonce``: what a service of ours repeats; None where none did."""

    ok: bool
    refused: bool
    leads_on: bool
    nonce: str | None


def ask(address: str, posted: dict[str, str], signature: str, *, timeout_seconds: float) -> Answer:
    """Posts a form with this signature; nothing that it leads on to is followed.

    Raises:
        NoAnswer: nothing answered.
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
