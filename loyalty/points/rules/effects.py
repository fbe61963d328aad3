"""What a transaction did to the account, in words and numbers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from loyalty.kernel.effects import Effect
from loyalty.points.rules.book import AVAILABLE, ISSUED, PENDING, Book
from loyalty.points.rules.papers import Award

SENTENCES: Mapping[str, str] = {
    "earn": "{points} points earned for {number}.",
    "earn_pending": "{points} points earned for {number}; they can be used from {from_at}.",
    "activate": "{points} points of {number} can be used now.",
    "cancel_pending": "{points} points of {number} that were not yet usable are cancelled.",
    "hold": "{points} points are reserved.",
    "capture": "{points} reserved points are redeemed.",
    "release": "{points} reserved points are free again.",
    "redeem": "{points} points are redeemed.",
    "return": "{points} redeemed points are given back.",
    "revoke": "{points} points are taken back for {number}.",
    "expire": "{points} points have ended.",
    "debt": "{points} points are owed; new points settle this first.",
    "settle_debt": "{points} points settle what was owed.",
    "write_off": "{points} points that were used already are written off.",
    "adjust_up": "{points} points are added by hand.",
    "adjust_down": "{points} points are taken by hand.",
    "transfer_out": "{points} points go to another member.",
    "transfer_in": "{points} points came from another member.",
    "migrate": "{points} points are brought over from the former programme.",
    "growth_earn": "Growth rises by {points} for {number}.",
    "growth_revoke": "Growth falls by {points} for {number}.",
}


def effect_of(kind: str, numbers: Mapping[str, Any], customer_id: int) -> Effect:
    """Return the effect of one transaction; `numbers` holds points, unit, number, debit, from_at and ends_at."""
    sentence = kind
    if kind == "adjust":
        sentence = "adjust_up" if numbers["debit"] == "issued" else "adjust_down"
    elif kind == "earn" and numbers["credit"] == "pending":
        sentence = "earn_pending"
    if numbers["unit"] == "growth" and f"growth_{kind}" in SENTENCES:
        sentence = f"growth_{kind}"
    told = {name: value for name, value in numbers.items() if name not in {"debit", "credit"}}
    return Effect(f"points.{sentence}", SENTENCES[sentence], told, customer_id)


def effect_of_award(award: Award, kind: str, *, now: datetime) -> Effect:
    """Return the effect of an award that was booked and settled nothing, as the entry in a book would tell it."""
    waits = award.available_from is not None and award.available_from > now
    numbers = {
        "points": award.points,
        "unit": award.unit,
        "number": award.source_number,
        "debit": ISSUED,
        "credit": PENDING if waits else AVAILABLE,
        "from_at": award.available_from,
        "ends_at": award.expires_at,
    }
    return effect_of(kind, numbers, award.customer_id)


def effects_of(book: Book, *, since: int = 0) -> list[Effect]:
    """Return the effects of the entries of a book from number `since` on, in the order in which they are booked."""
    return [
        effect_of(
            entry.kind,
            {
                "points": entry.points,
                "unit": book.unit,
                "number": entry.paper.source_number,
                "debit": entry.debit,
                "credit": entry.credit,
                "from_at": entry.born[0].available_from if entry.born else None,
                "ends_at": entry.born[0].expires_at if entry.born else None,
            },
            book.customer_id,
        )
        for entry in book.entries[since:]
    ]
