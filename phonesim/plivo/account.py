"""The secrets of the simulated account: what signs in, and what signs webhooks.

- V3, of voice: HMAC-SHA256 in base64 over the address as requested, with its query sorted, the
  parameters of a POST sorted by name, and a nonce. An account with two tokens sends both
  signatures, with a comma between (voice/concepts/signature-validation).
- V2, of texts: over the address without its query, and the nonce. The parameters are not signed
  (messaging/concepts/signature-validation).
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, urlsplit

HEADER = "X-Plivo-Signature"


class Tokens:
    """The account's auth tokens; the first is the newest."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self._tokens = tuple(tokens)

    def sign_in(self, password: str) -> bool:
        """Whether a password is one of the tokens."""
        return any(hmac.compare_digest(password.encode(), each.encode()) for each in self._tokens)

    def headers(self, url: str, form: Mapping[str, str], *, forged: bool) -> dict[str, str]:
        """The headers that sign a webhook of a call.

        Args:
            forged: with a signature that is wrong.
        """
        nonce = secrets.token_hex(10)
        text = f"{signed_text(url, form)}.{nonce}"
        signature = ",".join(_signature(token, text) for token in self._tokens)
        return _signed("V3", signature, nonce, forged)

    def message_headers(self, url: str, *, forged: bool) -> dict[str, str]:
        """The headers that sign a webhook of a text."""
        nonce = secrets.token_hex(10)
        parts = urlsplit(url)
        text = f"{parts.scheme}://{parts.netloc}{parts.path}{nonce}"
        return _signed("V2", _signature(self._tokens[0], text), nonce, forged)


def signed_text(url: str, form: Mapping[str, str]) -> str:
    """What V3 signs of a request, before the nonce."""
    parts = urlsplit(url)
    query = "&".join(
        f"{name}={value}" for name, value in sorted(parse_qsl(parts.query, keep_blank_values=True))
    )
    text = f"{parts.scheme}://{parts.netloc}{parts.path}"
    if query or form:
        text += f"?{query}"
    if query and form:
        text += "."
    return text + "".join(f"{name}{value}" for name, value in sorted(form.items()))


def _signature(token: str, text: str) -> str:
    return base64.b64encode(hmac.digest(token.encode(), text.encode(), "sha256")).decode()


def _signed(version: str, signature: str, nonce: str, forged: bool) -> dict[str, str]:
    signature = signature[::-1] if forged else signature
    return {
        f"{HEADER}-{version}": signature,
        f"{HEADER}-Ma-{version}": signature,
        f"{HEADER}-{version}-Nonce": nonce,
    }
