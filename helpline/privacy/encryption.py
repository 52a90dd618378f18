"""Encrypted columns and the keyed hash by which a phone number is looked up."""

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
    """The keys of this deployment: field keys (newest first) and the phone index key."""

    fields: MultiFernet
    newest: Fernet
    phone_index: bytes
    links: bytes
    fingerprints: Fingerprints


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """What identifies each key without revealing it: HMAC-SHA-256, hex.

    Args:
        fields: newest first.
    """

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
        phone_index_key: the secret of the phone hash.
        link_key: the secret from which status links are made.
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


def _keys() -> KeyRing:
    ring = _RING.get()
    if ring is None:
        raise RuntimeError("keys belong to an application, and there is none here")
    return ring


def _fingerprint(key: str) -> str:
    return hmac.new(key.encode(), b"key-canary", hashlib.sha256).hexdigest()


def key_fingerprints() -> Fingerprints:
    """The fingerprints of this application's keys, to compare with those in the database."""
    return _keys().fingerprints


def can_decrypt(token: bytes) -> bool:
    """Whether one of the field keys opens an encrypted value."""
    try:
        _keys().fields.decrypt(token)
    except InvalidToken:
        return False
    return True


def phone_hash(e164: str) -> str:
    """The keyed hash (HMAC-SHA-256, hex) under which a number is found again.

    A plain hash would be reversed in minutes, since all numbers of a country can be tried.
    """
    return hmac.new(_keys().phone_index, e164.encode(), hashlib.sha256).hexdigest()


def link_token(request_key: str) -> str:
    """The 128-bit secret of a status link, made from the key of the form that asked.

    The same form sent twice leads to the same link, and the link itself is stored nowhere.
    """
    digest = hmac.new(_keys().links, b"status-link:" + request_key.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest.digest()[:16]).rstrip(b"=").decode()


def keyed_hash(purpose: str, text: str) -> str:
    """A hash (HMAC-SHA-256, hex) of a secret of ours, under which it is known again and from
    which it cannot be made.

    Args:
        purpose: what it is the secret of, so that hashes of one kind fit no other.
    """
    told = f"{purpose}:{text}".encode()
    return hmac.new(_keys().links, told, hashlib.sha256).hexdigest()


def link_hash(token: str) -> str:
    """What is stored of a status link: enough to know it again, not enough to make it."""
    return hashlib.sha256(token.encode()).hexdigest()


def request_hash(request: str) -> str:
    """The keyed hash of a whole request: tells whether two are the same, and nothing else."""
    return hmac.new(_keys().links, b"request:" + request.encode(), hashlib.sha256).hexdigest()


def tombstone_mark(kind: str, of: str) -> str:
    """A keyed hash (HMAC-SHA-256, hex) by which a tombstone names what ended. It fits no hash that
    is stored elsewhere, so the file alone, or beside a copy of the database, names nobody."""
    told = f"tombstone:{kind}:{of}".encode()
    return hmac.new(_keys().phone_index, told, hashlib.sha256).hexdigest()


def audit_key() -> bytes:
    """The key of the audit log's chain. It comes from the one secret that never changes."""
    return hmac.new(_keys().phone_index, b"audit-chain", hashlib.sha256).digest()


def renewed(token: bytes) -> bytes | None:
    """A token made anew with the newest field key; None where it was made with that one already.

    Raises:
        UnreadableToken: none of the field keys opens it.
    """
    try:
        _keys().newest.decrypt(token)
    except InvalidToken:
        try:
            return _keys().fields.rotate(token)
        except InvalidToken as error:
            raise UnreadableToken from error
    return None


class UnreadableToken(ValueError):
    """None of the field keys opens what is stored: a key is missing."""


class EncryptedText(TypeDecorator[str]):
    """Text that is readable only with the field keys; in the database it is a Fernet token. One
    that no key opens is read as ``UnreadableText``."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if isinstance(value, UnreadableText):
            return value.token
        return None if value is None else _keys().fields.encrypt(value.encode()).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        try:
            return _keys().fields.decrypt(value.encode()).decode()
        except InvalidToken:
            return UnreadableText(value)


class EncryptedBytes(TypeDecorator[bytes]):
    """Bytes that are readable only with the field keys, such as a recorded message. Those that no
    key opens are read as ``UnreadableBytes``."""

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        if isinstance(value, UnreadableBytes):
            return value.token
        return None if value is None else _keys().fields.encrypt(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        try:
            return _keys().fields.decrypt(value)
        except InvalidToken:
            return UnreadableBytes(value)
