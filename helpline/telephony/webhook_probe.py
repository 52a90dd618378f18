"""Send a signed webhook to our own public address, as the carrier would."""

from __future__ import annotations

from dataclasses import dataclass

import requests


class NoAnswer(Exception):
    """The address did not respond in time."""


@dataclass(frozen=True, slots=True)
class ProbeResponse:
    """The response. ``nonce``: repeated by this service; None from any other."""

    ok: bool
    refused: bool
    redirects: bool
    nonce: str | None


def send_probe(
    address: str, posted: dict[str, str], headers: dict[str, str], *, timeout_seconds: float
) -> ProbeResponse:
    """Post a signed form; redirects are not followed.

    Args:
        headers: the signature.

    Raises:
        NoAnswer: no response.
    """
    try:
        response = requests.post(
            address,
            data=posted,
            headers=headers,
            timeout=timeout_seconds,
            allow_redirects=False,
        )
    except requests.RequestException as error:
        raise NoAnswer from error
    return ProbeResponse(
        ok=response.ok and not response.is_redirect,
        refused=response.status_code == requests.codes.forbidden,
        redirects=response.is_redirect,
        nonce=_nonce_of(response),
    )


def _nonce_of(response: requests.Response) -> str | None:
    try:
        body = response.json()
    except ValueError:
        return None
    return body.get("nonce") if isinstance(body, dict) else None
