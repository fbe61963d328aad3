"""What both sides know before the clock runs: the same members with the same year of sales behind them."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

SEED = 20260312
SOURCE = "bench"
STORE = "S1"
OFTEN = 10  # one member of ten comes every month, the others three times a year
MANY, FEW = 12, 3
DAYS = 330
BATCH = 500
YEARS_TICKET = (10_000, 300_000)  # fen; some members are silver by them
TICKET = (10_000, 120_000)  # of a sale that is measured: an ordinary visit, which seldom makes a level


def customer(member: int) -> str:
    """Return the customer number of the n-th member."""
    return f"C{member:07}"


def frequent(member: int) -> bool:
    """Return whether this member comes every month, and so has more than ten movements to show."""
    return member % OFTEN == 0


def sale(member: int, number: str, at: str, net: int) -> dict[str, Any]:
    """Return a sale as programs send it, to the limit and to the product alike; `net` in fen."""
    return {
        "source": SOURCE,
        "number": number,
        "kind": "service",
        "store": STORE,
        "customer": {"number": customer(member)},
        "occurred_at": at,
        "lines": [
            {
                "number": 1,
                "category": "labour",
                "net": {"minor": net, "currency": "CNY"},
                "gross": {"minor": net + net * 13 // 100, "currency": "CNY"},
            }
        ],
    }


def batches(members: int, today: datetime) -> Iterator[list[dict[str, Any]]]:
    """Yield a year of sales of all members, each customer's in order of time."""
    told = _sales(members, today)
    while batch := list(islice(told, BATCH)):
        yield batch


def _sales(members: int, today: datetime) -> Iterator[dict[str, Any]]:
    dice = random.Random(SEED)
    for visit in range(MANY):
        for member in range(members):
            visits = MANY if frequent(member) else FEW
            if visit < visits:
                ago = DAYS - visit * (DAYS // visits)
                at = (today - timedelta(days=ago, minutes=dice.randrange(300))).isoformat(timespec="seconds")
                yield sale(member, f"H{visit:02}-{member:07}", at, dice.randrange(*YEARS_TICKET))
