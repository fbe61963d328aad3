"""The hash chain of the audit trail: what is hashed, and what a break is called.

Each link holds the hash of the link before it and of its row, so that a row cannot be changed, removed or put in
between without breaking the chain there. The row is written as canonical JSON: names sorted, no spaces, characters as
they are in UTF-8, moments in UTC with microseconds. The first link follows 32 zero bytes.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from loyalty.kernel.errors import Malformed, NotFound

GENESIS = bytes(32)


class AuditRowNotFound(NotFound):
    """There is no such row, or it lies outside the asker's stores."""

    code = "staff.audit_row_not_found"
    sentence = "There is no row {row} in the audit trail."


@dataclass(frozen=True, slots=True)
class Head:
    """A link by its place and hash: who notes one elsewhere can show later that nothing before it was changed."""

    seq: int
    hash: bytes

    def __str__(self) -> str:
        """Return it as it is noted: `1024:9f86d0…`."""
        return f"{self.seq}:{self.hash.hex()}"

    @classmethod
    def parse(cls, noted: str) -> "Head":
        """Return a head as it was noted; Malformed when it has another form."""
        seq, _, digits = noted.partition(":")
        try:
            return cls(int(seq), bytes.fromhex(digits))
        except ValueError:
            raise Malformed({"head": ["A head is written as its place, a colon and its hash."]}) from None


@dataclass(frozen=True, slots=True)
class Link:
    """A link with the row it stands for; `row` is None when there is no such row any more."""

    seq: int
    audit_id: int
    previous: bytes
    hash: bytes
    row: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Break:
    """Where the trail is broken: which check, the sentence, and the row it is about."""

    check: str
    sentence: str
    customer_id: int | None
    row: dict[str, int | str | None]


def canonical(row: Mapping[str, Any]) -> bytes:
    """Return the row as canonical JSON."""
    return json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_moment).encode()


def hash_after(previous: bytes, row: Mapping[str, Any]) -> bytes:
    """Return the hash of the link that follows `previous` and stands for `row`."""
    return hashlib.sha256(previous + canonical(row)).digest()


def first_break(links: Iterable[Link], after: Head) -> Break | None:
    """Return the first break in `links`, which follow `after` in order; None when they are whole."""
    previous = after
    for link in links:
        if link.seq != previous.seq + 1 or link.previous != previous.hash:
            missing = previous.seq + 1
            return _broken("link", "Link {seq} of the audit chain was removed or replaced.", link, seq=missing)
        if link.row is None:
            return _broken("removed", "Row {id} of the audit trail was removed.", link)
        if hash_after(link.previous, link.row) != link.hash:
            return _broken("changed", "Row {id} of the audit trail was changed after it was written.", link)
        previous = Head(link.seq, link.hash)
    return None


def inserted(audit_id: int, about_customer_id: int | None) -> Break:
    """Return the break that a row is which came into the trail behind the chain's back."""
    told = f"Row {audit_id} of the audit trail was inserted later: the chain had passed its place."
    return Break("trail.inserted", told, about_customer_id, {"audit_id": audit_id, "seq": None})


def not_in_chain(head: Head) -> Break:
    """Return the break that a noted head is which the chain does not have."""
    told = f"The chain has no link {head}: rows were removed at its end, or the chain was written anew."
    return Break("trail.head", told, None, {"audit_id": None, "seq": head.seq})


def _broken(check: str, sentence: str, link: Link, *, seq: int | None = None) -> Break:
    place = link.seq if seq is None else seq
    about = (link.row or {}).get("about_customer_id")
    told = sentence.format(id=link.audit_id, seq=place)
    return Break(f"trail.{check}", told, about, {"audit_id": link.audit_id, "seq": place})


def _moment(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    raise TypeError(f"{type(value).__name__} has no place in the audit trail")
