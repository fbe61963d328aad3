"""The signature of a webhook: HMAC-SHA256 under the link's secret over the timestamp, a full stop and the raw body."""

import hashlib
import hmac
import re
from collections.abc import Sequence

from loyalty.links.rules.refusals import SignatureMissing, SignatureOld, SignatureWrong

TIMESTAMP_HEADER = "Loyalty-Timestamp"
SIGNATURE_HEADER = "Loyalty-Signature"
SCHEME = "sha256="
MOST_SECONDS = 300

_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_SIGNATURE = re.compile(r"sha256=[0-9a-f]{64}", re.ASCII)


def signature_of(secret: str, timestamp: str, body: bytes) -> str:
    """Return what the header `Loyalty-Signature` says for a body sent at `timestamp` (Unix seconds)."""
    signed = timestamp.encode() + b"." + body
    return SCHEME + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def check_signature(
    secrets: Sequence[str], *, timestamp: str | None, signature: str | None, body: bytes, seconds: int
) -> None:
    """Refuse a body that none of the `secrets` has signed, or whose timestamp is not within 300 s of `seconds`.

    Every secret is tried, in a time that does not depend on which one fits; without any the answer is SignatureWrong.
    """
    if not timestamp or not signature or not _TIMESTAMP.fullmatch(timestamp) or not _SIGNATURE.fullmatch(signature):
        raise SignatureMissing(timestamp=TIMESTAMP_HEADER, signature=SIGNATURE_HEADER)
    fits = False
    for secret in secrets or ("",):
        fits |= hmac.compare_digest(signature_of(secret, timestamp, body), signature)
    if not fits or not secrets:
        raise SignatureWrong
    away = abs(seconds - int(timestamp))
    if away > MOST_SECONDS:
        raise SignatureOld(seconds=away, most=MOST_SECONDS)
