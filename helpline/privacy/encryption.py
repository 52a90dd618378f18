"""Encrypted columns, and keyed hashes such as the phone index."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from helpline.app_state import AppState
from helpline.domain.unreadable import UnreadableBytes, UnreadableText

if TYPE_CHECKING:
    from flask import Flask


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys of this deployment."""

    fields: MultiFernet
    newest: Fernet
    phone_index: bytes
    links: bytes
    fingerprints: Fingerprints


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Identify each key without revealing it: HMAC-SHA-256, hex; field keys newest first."""

    fields: tuple[str, ...]
    phone_index: str
    links: str


_RING = AppState[KeyRing]("keys")


def install_keys(
    app: Flask, field_keys: Sequence[str], phone_index_key: str, link_key: str
) -> None:
    """Give an application its keys.

    Args:
        field_keys: Fernet keys, newest first; the first encrypts, all decrypt.
        phone_index_key: the key of phone hashes.
        link_key: the key of status links.
    """
    fernets = [Fernet(key) for key in field_keys]
    fingerprints = Fingerprints(
        tuple(_fingerprint(key) for key in field_keys),
        _fingerprint(phone_index_key),
        _fingerprint(link_key),
    )
    ring = KeyRing(
        MultiFernet(fernets),
        fernets[0],
        phone_index_key.encode(),
        link_key.encode(),
        fingerprints,
    )
    _RING.install(app, ring)


def _fingerprint(key: str) -> str:
    return hmac.new(key.encode(), b"key-canary", hashlib.sha256).hexdigest()


def key_fingerprints() -> Fingerprints:
    """Return the fingerprints of this application's keys."""
    return _RING.get().fingerprints


def can_decrypt(token: bytes) -> bool:
    """Return whether a field key decrypts a token."""
    try:
        _RING.get().fields.decrypt(token)
    except InvalidToken:
        return False
    return True


def phone_hash(e164: str) -> str:
    """Return the keyed hash (HMAC-SHA-256, hex) by which a number is looked up.

    A plain hash would be reversed in minutes by trying all numbers of a country.
    """
    return hmac.new(_RING.get().phone_index, e164.encode(), hashlib.sha256).hexdigest()


def link_token(request_key: str) -> str:
    """Return the 128-bit token of a status link, derived from the form's key.

    The same form submitted twice gets the same link, and the token is stored nowhere.
    """
    return _token("status-link", request_key)


def reference_token(token_hash: str) -> str:
    """Return the token of the second link of a request, to which its reference leads.

    Args:
        token_hash: of its first link, whose token is stored nowhere.
    """
    return _token("reference-link", token_hash)


def _token(purpose: str, text: str) -> str:
    digest = hmac.new(_RING.get().links, f"{purpose}:{text}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest.digest()[:16]).rstrip(b"=").decode()


def reference_hash(reference: str, last_digits: str) -> str:
    """Return the keyed hash (HMAC-SHA-256, hex) by which a reference is looked up together with
    the last digits of the number.
    """
    message = f"reference:{reference}:{last_digits}".encode()
    return hmac.new(_RING.get().phone_index, message, hashlib.sha256).hexdigest()


def keyed_hash(purpose: str, text: str) -> str:
    """Return a hash (HMAC-SHA-256, hex) by which a secret is recognised and not revealed.

    Args:
        purpose: separates hashes of different kinds of secrets.
    """
    message = f"{purpose}:{text}".encode()
    return hmac.new(_RING.get().links, message, hashlib.sha256).hexdigest()


def link_hash(token: str) -> str:
    """Return the stored hash of a status link's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def request_hash(request: str) -> str:
    """Return the keyed hash of a whole request, to compare two requests."""
    return hmac.new(_RING.get().links, b"request:" + request.encode(), hashlib.sha256).hexdigest()


def tombstone_mark(kind: str, subject: str) -> str:
    """Return the keyed hash (HMAC-SHA-256, hex) by which a tombstone names its subject.

    It matches no hash stored elsewhere, so the file reveals nobody, even beside the database.
    """
    message = f"tombstone:{kind}:{subject}".encode()
    return hmac.new(_RING.get().phone_index, message, hashlib.sha256).hexdigest()


def consent_hash(number_hash: str) -> str:
    """Return the keyed hash (HMAC-SHA-256, hex) by which proof of consent names a number.

    It matches no hash stored elsewhere, so without the key the proof leads to no request.
    """
    message = f"consent:{number_hash}".encode()
    return hmac.new(_RING.get().phone_index, message, hashlib.sha256).hexdigest()


def audit_key() -> bytes:
    """Return the key of the audit chain, derived from the one secret that never changes."""
    return hmac.new(_RING.get().phone_index, b"audit-chain", hashlib.sha256).digest()


def reencrypted(token: bytes) -> bytes | None:
    """Return a token re-encrypted with the newest field key; None where it already is.

    Raises:
        UnreadableToken: no field key decrypts it.
    """
    try:
        _RING.get().newest.decrypt(token)
    except InvalidToken:
        try:
            return _RING.get().fields.rotate(token)
        except InvalidToken as error:
            raise UnreadableToken from error
    return None


class UnreadableToken(ValueError):
    """No field key decrypts the stored value: a key is missing."""


class EncryptedText(TypeDecorator[str]):
    """Text stored as a Fernet token; read as ``UnreadableText`` where no key decrypts it."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if isinstance(value, UnreadableText):
            return value.token
        return None if value is None else _RING.get().fields.encrypt(value.encode()).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        try:
            return _RING.get().fields.decrypt(value.encode()).decode()
        except InvalidToken:
            return UnreadableText(value)


class EncryptedBytes(TypeDecorator[bytes]):
    """Bytes stored encrypted; read as ``UnreadableBytes`` where no key decrypts them."""

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        if isinstance(value, UnreadableBytes):
            return value.token
        return None if value is None else _RING.get().fields.encrypt(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        try:
            return _RING.get().fields.decrypt(value)
        except InvalidToken:
            return UnreadableBytes(value)
