"""Webhooks out: what other systems may be told of, how it is signed, and how long it is tried."""

import hashlib
import hmac
import ipaddress
from datetime import timedelta
from urllib.parse import urlsplit

from loyalty.kernel.errors import Malformed, NotFound, Refused
from loyalty.messaging.rules.states import Next

KINDS = ("message.ended", "reply.arrived", "customer.opted_out")
TIMESTAMP_HEADER = "Loyalty-Timestamp"
SIGNATURE_HEADER = "Loyalty-Signature"
EVENT_HEADER = "Loyalty-Event"
LONGEST_URL = 500
HTTPS_PORT = 443

PAUSES = tuple(
    timedelta(seconds=seconds) for seconds in (30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 86_400)
)
"""Between tries of one delivery: some two days in all."""

KEPT = timedelta(days=30)
"""How long deliveries that came to an end can be replayed."""


class UnknownHook(NotFound):
    """There is no such webhook."""

    code = "webhooks.unknown"
    sentence = "There is no webhook {webhook}."


class UnknownDelivery(NotFound):
    """There is no such delivery of the webhook."""

    code = "webhooks.unknown_delivery"
    sentence = "There is no delivery {delivery} of this webhook."


class StillOnItsWay(Refused):
    """Only what came to an end is sent again."""

    code = "webhooks.still_on_its_way"
    sentence = "This delivery is still on its way; it is tried again by itself."


def after_call(outcome: str, *, attempts: int) -> Next:
    """Return what a call's outcome makes of a delivery after `attempts` tries: receivers know an event by its id."""
    if outcome == "accepted":
        return Next("sent")
    if outcome == "not_called":
        return Next("due")
    if outcome == "refused" or attempts > len(PAUSES):
        return Next("failed")
    return Next("due", PAUSES[attempts - 1])


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return what the signature header holds: HMAC-SHA256 over timestamp, a full stop and the raw body."""
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def check_url(url: str) -> str:
    """Return the address of a receiver; Malformed unless it is https, without password, and no private address."""
    parts = urlsplit(url.strip())
    try:
        port = parts.port or HTTPS_PORT
    except ValueError:
        port = 0
    if parts.scheme != "https" or not parts.hostname or parts.username or not port or len(url) > LONGEST_URL:
        raise Malformed({"url": ["Write an address that begins with https:// and has no password in it."]})
    try:
        literal = ipaddress.ip_address(parts.hostname)
    except ValueError:
        return url.strip()
    if not is_public(str(literal)):
        raise Malformed({"url": ["This address belongs to a private network."]})
    return url.strip()


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the open internet; those that hide another one in them are not."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address) and (found.ipv4_mapped or found.sixtofour or found.teredo):
        return False
    return found.is_global and not found.is_multicast


def check_kinds(kinds: list[str]) -> list[str]:
    """Return the kinds in their order, each once; Malformed when there is none, or an unknown one."""
    if not kinds or set(kinds) - set(KINDS):
        raise Malformed({"kinds": ["Choose at least one kind of events."]})
    return [kind for kind in KINDS if kind in kinds]
