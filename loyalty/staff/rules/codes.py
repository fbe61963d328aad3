"""The second factor: codes of six digits that an app on a phone makes, and recovery codes on paper.

The codes are those of RFC 6238 with SHA-1, six digits and 30 seconds, which every such app knows. Flask-Security makes
the same ones, but by the clock of the machine, and would take one twice.
"""

import base64
import hashlib
import hmac
import re
import secrets
import unicodedata
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from loyalty.kernel.errors import Malformed

FACTOR_ROLES = frozenset({"finance", "manager", "administrator"})
"""Roles that are held only by people with a second factor."""

FRESH_FOR = timedelta(minutes=10)
"""How long after the second factor was used what asks for a fresh one is open."""

RECOVERY_CODES = 10

_STEP_SECONDS = 30
_DIGITS = 6
_DRIFT = 1  # a phone's clock may be one step early or late
_SECRET_BYTES = 20
_RECOVERY_DIGITS = 12  # digits alone, as a phone's number pad has them
_GROUP = 4


def new_secret() -> str:
    """Return 160 random bits in the letters that apps read."""
    return base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def step_at(now: datetime) -> int:
    """Return the number of the step that `now` lies in."""
    return int(now.timestamp()) // _STEP_SECONDS


def code_of(secret: str, step: int) -> str:
    """Return the six digits of a step."""
    digest = hmac.new(base64.b32decode(secret), step.to_bytes(8), hashlib.sha1).digest()
    at = digest[-1] & 0x0F
    number = int.from_bytes(digest[at : at + 4]) & 0x7FFF_FFFF
    return f"{number % 10**_DIGITS:0{_DIGITS}d}"


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """Return the step whose code this is, the present one or a neighbour, or None."""
    present = step_at(now)
    fits = [
        step
        for step in range(present - _DRIFT, present + _DRIFT + 1)
        if hmac.compare_digest(code_of(secret, step), code)
    ]
    return fits[-1] if fits else None


def normal_factor_code(typed: str) -> str:
    """Return a code as typed in its one form: six digits, or the twelve of a recovery code; else malformed."""
    plain = re.sub(r"[\s-]+", "", unicodedata.normalize("NFKC", typed))
    if not (plain.isascii() and plain.isdigit() and len(plain) in {_DIGITS, _RECOVERY_DIGITS}):
        raise Malformed({"code": ["Enter the 6 digits of the app, or the 12 of a recovery code."]})
    return plain


def is_recovery_code(normal: str) -> bool:
    """Return whether a code in its normal form is one of those on paper."""
    return len(normal) == _RECOVERY_DIGITS


def new_recovery_codes() -> list[str]:
    """Return ten different codes of twelve random digits, in their normal form."""
    codes: set[str] = set()
    while len(codes) < RECOVERY_CODES:
        codes.add(f"{secrets.randbelow(10**_RECOVERY_DIGITS):0{_RECOVERY_DIGITS}d}")
    return sorted(codes)


def in_groups(text: str, between: str = "-") -> str:
    """Return a code or key as it is read: in groups of four."""
    return between.join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))


def app_address(secret: str, *, username: str, issuer: str) -> str:
    """Return what the QR code says to the app."""
    label = f"{quote(issuer.replace(':', ' '))}:{quote(username)}"
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': issuer}, quote_via=quote)}"
