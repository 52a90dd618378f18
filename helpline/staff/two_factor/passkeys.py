"""Passkey registration and authentication (WebAuthn, level 2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    parse_authentication_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import PublicKeyCredentialDescriptor

from helpline.staff.two_factor.models import Passkey


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """The relying party: one origin, so that a copy of the page elsewhere gets nothing.

    Args:
        origin: scheme, host and port.
        name: as the browser shows it.
    """

    origin: str
    name: str

    @property
    def host(self) -> str:
        return urlsplit(self.origin).hostname or ""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A newly registered passkey."""

    credential_id: str
    public_key: bytes
    sign_count: int


def registration_options(
    place: RelyingParty,
    challenge: str,
    *,
    staff_id: int,
    email: str,
    name: str,
    has: Sequence[Passkey],
) -> str:
    """Return the registration options (JSON)."""
    options = webauthn.generate_registration_options(
        rp_id=place.host,
        rp_name=place.name,
        user_id=str(staff_id).encode(),
        user_name=email,
        user_display_name=name,
        challenge=base64url_to_bytes(challenge),
        exclude_credentials=_known(has),
    )
    return webauthn.options_to_json(options)


def authentication_options(place: RelyingParty, challenge: str, *, has: Sequence[Passkey]) -> str:
    """Return the authentication options (JSON)."""
    options = webauthn.generate_authentication_options(
        rp_id=place.host, challenge=base64url_to_bytes(challenge), allow_credentials=_known(has)
    )
    return webauthn.options_to_json(options)


def verify_registration(place: RelyingParty, challenge: str, answer: str) -> NewKey | None:
    """Return the registered passkey, or None if the response does not match the challenge."""
    try:
        found = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=place.host,
            expected_origin=place.origin,
        )
    except WebAuthnException:
        return None
    return NewKey(
        bytes_to_base64url(found.credential_id), found.credential_public_key, found.sign_count
    )


def credential_id(answer: str) -> str | None:
    """Return the credential id of a response; None if it is unreadable."""
    try:
        return bytes_to_base64url(parse_authentication_credential_json(answer).raw_id)
    except WebAuthnException:
        return None


def verify_authentication(
    place: RelyingParty, challenge: str, answer: str, key: Passkey
) -> int | None:
    """Return the passkey's new signature counter; None if the response is wrong.

    A counter that did not grow means a copied passkey and is refused.
    """
    try:
        found = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=place.host,
            expected_origin=place.origin,
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
        )
    except WebAuthnException:
        return None
    return found.new_sign_count


def _known(keys: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(key.credential_id)) for key in keys]
