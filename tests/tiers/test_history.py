"""Levels against a slow second reckoning: every figure from the sales themselves, day by day, without tables."""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest

from loyalty.kernel.actor import SYSTEM
from loyalty.tiers import queries, service
from tests.tiers.schemes import cny_scheme

YEAR = {"basic": (0, 0), "silver": (5_000, 2), "gold": (15_000, 4), "platinum": (50_000, 8)}
CODES = list(YEAR)
BEGIN = date(2024, 1, 1)


@dataclass
class SlowMember:
    """One member's sales and level, reckoned from all sales again whenever it is asked."""

    sales: dict[str, list] = field(default_factory=dict)  # number -> [day, amount left]
    rank: int = 0
    settled: date = BEGIN
    valid_to: date | None = None

    def reached(self, as_of):
        following = as_of + timedelta(days=1)
        start = same_day_last_year(following)
        by_day = defaultdict(int)
        for day, left in self.sales.values():
            if start <= day <= as_of and left > 0:
                by_day[day] += left
        spent, days = sum(by_day.values()), len(by_day)
        if spent >= 50_000 and days >= 8:
            return 3
        if spent >= 15_000 and days >= 4:
            return 2
        return 1 if spent >= 5_000 or days >= 2 else 0

    def touched(self, *days):
        """Sales of these days have changed: rise on the first day on which it is deserved."""
        later = [day for day, _ in self.sales.values() if day > min(days)]
        for day in sorted({max(day, self.settled) for day in [*days, *later]}):
            if self.reached(day) > self.rank:
                self.rank, self.settled, self.valid_to = self.reached(day), day, same_day_next_year(day)

    def review(self, as_of):
        while self.valid_to is not None and self.valid_to <= as_of:
            day = self.valid_to
            best = self.reached(day)
            self.settled = day
            if best > self.rank:
                self.rank, self.valid_to = best, same_day_next_year(day)
            elif best == self.rank:
                self.valid_to = same_day_next_year(day)
            else:
                self.rank -= 1
                self.valid_to = same_day_next_year(day + timedelta(days=1)) if self.rank else None
        if as_of >= self.settled and self.reached(as_of) > self.rank:
            self.rank, self.settled, self.valid_to = self.reached(as_of), as_of, same_day_next_year(as_of)


def same_day_last_year(day):
    return day.replace(year=day.year - 1) if (day.month, day.day) != (2, 29) else date(day.year - 1, 2, 28)


def same_day_next_year(day):
    return day.replace(year=day.year + 1) if (day.month, day.day) != (2, 29) else date(day.year + 1, 2, 28)


class Play:
    """The same steps for the product and for the slow reckoning."""

    def __init__(self, counter, chance):
        self.counter = counter
        self.chance = chance
        names = ["K1", "K2", "K3"]
        self.ids = dict(zip(names, counter.members(*names, joined=BEGIN), strict=True))
        self.slow = {name: SlowMember() for name in names}
        self.made = 0
        self.today = date(2024, 2, 1)
        self.refunded = set()

    def some_day(self):
        return max(BEGIN, self.today - timedelta(days=self.chance.choice([0, 0, 0, 1, 30, 200, 366])))

    def sell(self):
        self.made += 1
        name, number = self.chance.choice(list(self.slow)), f"S{self.made}"
        day, amount = self.some_day(), self.chance.choice([0, 1, 999, 2_500, 5_000, 12_000])
        self.counter.sell(number, customer=name, gross=amount, day=day.isoformat())
        self.slow[name].sales[number] = [day, amount]
        self.slow[name].touched(day)

    def pick(self):
        known = [(name, number) for name, slow in self.slow.items() for number in slow.sales]
        return self.chance.choice(known) if known else None

    def refund(self):
        if not (picked := self.pick()):
            return
        name, number = picked
        day, left = self.slow[name].sales[number]
        if left:
            back = self.chance.randint(1, left)
            self.counter.refund(number, {1: back}, day=max(day, self.today).isoformat())
            self.slow[name].sales[number][1] -= back
            self.slow[name].touched(day)
            self.refunded.add(number)

    def correct(self):
        if not (picked := self.pick()) or picked[1] in self.refunded:
            return
        name, number = picked
        other = self.chance.choice(list(self.slow))
        before = self.slow[name].sales.pop(number)[0]
        day, amount = self.some_day(), self.chance.choice([0, 4_999, 5_000, 15_000])
        self.counter.correct(number, customer=other, gross=amount, day=day.isoformat())
        self.slow[other].sales[number] = [day, amount]
        if name == other:
            self.slow[name].touched(before, day)
        else:
            self.slow[name].touched(before)
            self.slow[other].touched(day)

    def night(self):
        self.today += timedelta(days=self.chance.choice([1, 5, 40, 150]))
        self.counter.clock.set(datetime(self.today.year, self.today.month, self.today.day, 4, tzinfo=UTC))
        if self.chance.random() < 0.6:
            as_of = self.today - timedelta(days=1)
            service.review(as_of, dry_run=False, now=self.counter.clock.now, by=SYSTEM)
            for slow in self.slow.values():
                slow.review(as_of)

    def told(self):
        found = queries.standings(self.ids.values())
        return {name: (found[each].level_code, found[each].valid_to) for name, each in self.ids.items()}

    def expected(self):
        return {name: (CODES[slow.rank], slow.valid_to) for name, slow in self.slow.items()}


@pytest.mark.parametrize("seed", range(6))
def test_random_histories_agree_with_a_slow_reckoning(counter, clock, seed):
    clock.set(datetime(2024, 2, 1, 4, tzinfo=UTC))
    counter.load(tiers=cny_scheme())
    play = Play(counter, random.Random(seed))

    for step in range(60):
        move = play.chance.choice([play.sell, play.sell, play.sell, play.refund, play.correct, play.night])
        move()

        assert play.told() == play.expected(), f"seed {seed}, step {step}: {move.__name__}"
