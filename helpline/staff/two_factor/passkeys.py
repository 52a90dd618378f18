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
class NewPasskey:
    """A newly registered passkey."""

    credential_id: str
    public_key: bytes
    sign_count: int


def registration_options(
    relying_party: RelyingParty,
    challenge: str,
    *,
    staff_id: int,
    email: str,
    name: str,
    existing: Sequence[Passkey],
) -> str:
    """Return the registration options (JSON)."""
    options = webauthn.generate_registration_options(
        rp_id=relying_party.host,
        rp_name=relying_party.name,
        user_id=str(staff_id).encode(),
        user_name=email,
        user_display_name=name,
        challenge=base64url_to_bytes(challenge),
        exclude_credentials=_descriptors(existing),
    )
    return webauthn.options_to_json(options)


def authentication_options(
    relying_party: RelyingParty, challenge: str, *, existing: Sequence[Passkey]
) -> str:
    """Return the authentication options (JSON)."""
    options = webauthn.generate_authentication_options(
        rp_id=relying_party.host,
        challenge=base64url_to_bytes(challenge),
        allow_credentials=_descriptors(existing),
    )
    return webauthn.options_to_json(options)


def verify_registration(
    relying_party: RelyingParty, challenge: str, response: str
) -> NewPasskey | None:
    """Return the registered passkey, or None if the response does not match the challenge."""
    try:
        verified = webauthn.verify_registration_response(
            credential=response,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=relying_party.host,
            expected_origin=relying_party.origin,
        )
    except WebAuthnException:
        return None
    return NewPasskey(
        bytes_to_base64url(verified.credential_id),
        verified.credential_public_key,
        verified.sign_count,
    )


def credential_id(response: str) -> str | None:
    """Return the credential id of a response; None if it is unreadable."""
    try:
        return bytes_to_base64url(parse_authentication_credential_json(response).raw_id)
    except WebAuthnException:
        return None


def verify_authentication(
    relying_party: RelyingParty, challenge: str, response: str, key: Passkey
) -> int | None:
    """Return the passkey's new signature counter; None if the response is wrong.

    A counter that did not grow means a copied passkey and is refused.
    """
    try:
        verified = webauthn.verify_authentication_response(
            credential=response,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=relying_party.host,
            expected_origin=relying_party.origin,
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
        )
    except WebAuthnException:
        return None
    return verified.new_sign_count


def _descriptors(keys: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(key.credential_id)) for key in keys]
