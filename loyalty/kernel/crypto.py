"""Personal fields: sealed with AES-256-GCM, found again by a blind index under another key.

A sealed value is bound to its place (table, column and row), so that a value copied to another row does not open.
Keys are derived from the key ring of the settings: `LOYALTY_FIELD_KEYS` holds `id:base64key` pairs, the first of which
seals; all of them open, so that keys are rotated while the service runs.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app

from loyalty.kernel.boot import field_key
from loyalty.kernel.errors import Unavailable

NONCE_BYTES: Final = 12
UNREADABLE: Final = "******"
"""What stands on lists and in copies in place of a value that does not open."""


class BrokenSeal(Unavailable):
    """A sealed value does not open: another place, another key, or changed bytes.

    Where it stands and why is for logs and commands; whoever asked is told what to do.
    """

    code = "sealed_shut"
    sentence = (
        "What is kept here cannot be opened: its key was taken out. Whoever runs the service puts it back; "
        "“loyalty keys status” names it."
    )

    def __init__(self, place: str, why: str) -> None:
        """Keep where the value stands, and why it does not open."""
        super().__init__()
        self.place = place
        self.why = why

    def __str__(self) -> str:
        """Return where the value stands, and why it does not open."""
        return f"The value at {self.place} does not open: {self.why}"


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The field keys by id; `first` seals.

    `index_key` serves the blind indexes; `other_index_key` is searched by too, while one takes over from the other.
    """

    keys: dict[int, bytes]
    first: int
    index_key: bytes
    other_index_key: bytes | None = None

    @classmethod
    def parse(cls, text: str, index_secret: str, other_index_secret: str = "") -> "KeyRing":
        """Return the ring written as `1:base64,2:base64`; UnsafeSettings when a key is not 32 bytes."""
        keys = dict(field_key("LOYALTY_FIELD_KEYS", part) for part in text.split(","))
        other = _index_key(other_index_secret) if other_index_secret else None
        return cls(keys, next(iter(keys)), _index_key(index_secret), other)


def _index_key(secret: str) -> bytes:
    return hashlib.sha256(b"blind index\0" + secret.encode()).digest()


def key_ring() -> KeyRing:
    """Return the ring of the running application."""
    ring: KeyRing = current_app.extensions["loyalty.keys"]
    return ring


@lru_cache(maxsize=16)  # to set a cipher up takes longer than to open a phone, and a list opens fifty
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


def seal(text: str, *, place: str) -> bytes:
    """Return `text` sealed for `place` such as `identifiers.value:42`; the first byte names the key."""
    ring = key_ring()
    nonce = secrets.token_bytes(NONCE_BYTES)
    return bytes([ring.first]) + nonce + _cipher(ring.keys[ring.first]).encrypt(nonce, text.encode(), place.encode())


def unseal(blob: bytes, *, place: str, ring: KeyRing | None = None) -> str:
    """Return the text sealed for `place`; BrokenSeal when it was sealed for another or was changed.

    Who opens many gives the ring, so that it is not looked for each time.
    """
    key = (ring or key_ring()).keys.get(blob[0]) if blob else None
    if key is None:
        raise BrokenSeal(place, "its key is not in LOYALTY_FIELD_KEYS")
    try:
        opened = _cipher(key).decrypt(blob[1 : 1 + NONCE_BYTES], blob[1 + NONCE_BYTES :], place.encode())
    except InvalidTag as error:
        raise BrokenSeal(place, "it was changed, or sealed for another place") from error
    return opened.decode()


def readable(blob: bytes, *, place: str, ring: KeyRing | None = None) -> str:
    """Return what `unseal` returns, or UNREADABLE: one value that does not open leaves the others to be read."""
    try:
        return unseal(blob, place=place, ring=ring)
    except BrokenSeal:
        return UNREADABLE


def blind_index(text: str, *, purpose: str) -> bytes:
    """Return the 32 bytes by which an exact value is found without being stored; equal texts of a purpose are equal."""
    return _blind(key_ring().index_key, text, purpose)


def blind_indexes(text: str, *, purpose: str) -> tuple[bytes, ...]:
    """Return what `blind_index` returns and, while the key turns, what it was or will be: searches ask for both."""
    ring = key_ring()
    keys = (ring.index_key,) if ring.other_index_key is None else (ring.index_key, ring.other_index_key)
    return tuple(_blind(key, text, purpose) for key in keys)


def _blind(key: bytes, text: str, purpose: str) -> bytes:
    return hmac.new(key, f"{purpose}\0{text}".encode(), hashlib.sha256).digest()


def new_token() -> str:
    """Return 256 random bits as text for an address or a header."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """Return the 32 bytes under which a token is stored; a token has enough randomness to need no salt."""
    return hashlib.sha256(token.encode()).digest()
