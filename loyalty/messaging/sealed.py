"""How texts are sealed, and the addresses by which people opt out."""

import hmac
import json
from collections.abc import Mapping
from typing import Any

from loyalty.kernel.crypto import UNREADABLE, BrokenSeal, blind_indexes, seal, unseal
from loyalty.messaging.rules import Rendered

_MAC_CHARACTERS = 20  # of hexadecimal: 80 bits
_PURPOSE = "messaging.opt-out"


def seal_body(dedupe_key: str, rendered: Rendered) -> bytes:
    """Return what a message says, sealed for its row."""
    body = {
        "text": rendered.text,
        "subject": rendered.subject,
        "values": dict(rendered.values),
        "number": rendered.number,
    }
    return seal(json.dumps(body, ensure_ascii=False), place=_place(dedupe_key))


def open_body(dedupe_key: str, sealed: bytes) -> Rendered:
    """Return what a message says."""
    body: Mapping[str, Any] = json.loads(unseal(sealed, place=_place(dedupe_key)))
    return Rendered(body["text"], body["subject"], body["values"], body["number"])


def readable_body(dedupe_key: str, sealed: bytes) -> Rendered:
    """Return what a message says, to be shown; UNREADABLE where it does not open."""
    try:
        return open_body(dedupe_key, sealed)
    except BrokenSeal:
        return Rendered(UNREADABLE, None, {}, None)


def _place(dedupe_key: str) -> str:
    return f"messages.body_sealed:{dedupe_key}"


def reply_place(channel: str, provider_id: str) -> str:
    """Return the place for which a reply is sealed."""
    return f"message_replies.text_sealed:{channel}:{provider_id}"


def opt_out_token(customer_id: int) -> str:
    """Return the token by which a customer opts out without signing in; it never runs out."""
    return f"{customer_id:x}-{_macs(customer_id)[0]}"


def customer_of_token(token: str) -> int | None:
    """Return whose token it is, or None when it is nobody's."""
    number, _, mac = token.partition("-")
    if not number.isascii() or not number.isalnum() or len(number) > _MAC_CHARACTERS:
        return None
    try:
        customer_id = int(number, 16)
    except ValueError:
        return None
    told = mac.encode("ascii", "replace").decode()
    return customer_id if any(hmac.compare_digest(one, told) for one in _macs(customer_id)) else None


def _macs(customer_id: int) -> list[str]:
    """Return what proves a customer's token: by two keys while the index key turns."""
    return [one.hex()[:_MAC_CHARACTERS] for one in blind_indexes(str(customer_id), purpose=_PURPOSE)]
