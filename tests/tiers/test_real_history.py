"""The review's own SQL on a real purchase history: the figures that the issue names."""

import csv
from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import insert

from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.db import db
from loyalty.tiers import service
from loyalty.tiers.models import TierDay
from tests.tiers.schemes import scheme

SALES = Path(__file__).parents[1] / "data" / "cdnow_sales.csv"


def tier_days(ids):
    """The days of all customers as sales would sum them."""
    days = defaultdict(list)
    with SALES.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            days[ids[row["customer_no"]], date.fromisoformat(row["date"])].append(round(float(row["amount_usd"]) * 100))
    for (customer_id, day), amounts in days.items():
        paid = sum(amount > 0 for amount in amounts)
        yield {
            "customer_id": customer_id,
            "day": day,
            "kind": "other",
            "currency": "USD",
            "net_minor": sum(amounts),
            "paid_orders": paid,
            "largest_minor": max(amounts),
        }


@pytest.mark.parametrize(
    ("window", "as_of", "expected"),
    [
        ({"kind": "rolling", "months": 12}, date(1998, 6, 30), [1_806, 399, 128, 24]),
        ({"kind": "calendar", "first_month": 1}, date(1997, 12, 31), [1_127, 989, 208, 33]),
    ],
)
def test_the_review_counts_the_known_levels(counter, window, as_of, expected):
    counter.load(since="1997-01-01", tiers=scheme(window))
    with SALES.open(encoding="utf-8") as file:
        numbers = sorted({row["customer_no"] for row in csv.DictReader(file)})
    ids = dict(zip(numbers, counter.members(*numbers, joined=date(1997, 1, 1)), strict=True))
    db.session.execute(insert(TierDay), list(tier_days(ids)))

    report = service.review(as_of, dry_run=True, now=counter.clock.now, by=SYSTEM)

    assert list(report["by_rules_alone"].values()) == expected
    assert report["members"] == 2_357
