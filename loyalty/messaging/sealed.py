"""How texts are sealed, and the addresses by which people opt out."""

import hmac
import json
from collections.abc import Mapping
from typing import Any

from loyalty.kernel.crypto import blind_index, seal, unseal
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


def _place(dedupe_key: str) -> str:
    return f"messages.body_sealed:{dedupe_key}"


def reply_place(channel: str, provider_id: str) -> str:
    """Return the place for which a reply is sealed."""
    return f"message_replies.text_sealed:{channel}:{provider_id}"


def opt_out_token(customer_id: int) -> str:
    """Return the token by which a customer opts out without signing in; it never runs out."""
    return f"{customer_id:x}-{_mac(customer_id)}"


def customer_of_token(token: str) -> int | None:
    """Return whose token it is, or None when it is nobody's."""
    number, _, mac = token.partition("-")
    if not number.isascii() or not number.isalnum() or len(number) > _MAC_CHARACTERS:
        return None
    try:
        customer_id = int(number, 16)
    except ValueError:
        return None
    return customer_id if hmac.compare_digest(_mac(customer_id), mac.encode("ascii", "replace").decode()) else None


def _mac(customer_id: int) -> str:
    return blind_index(str(customer_id), purpose=_PURPOSE).hex()[:_MAC_CHARACTERS]
