"""A store whose sales reach points and tiers by the real reactions, in few words."""

from datetime import date
from decimal import Decimal

from loyalty.customers.rules import Buyer
from loyalty.customers.service import ensure_customers
from loyalty.kernel.actor import SYSTEM
from loyalty.points import queries as ledger
from loyalty.points.service import open_accounts
from loyalty.programme.service import load_file
from loyalty.sales.queries import lock_numbers
from loyalty.sales.rules import CustomerFact, LineFact, RefundFact, RefundLineFact, SaleFact
from loyalty.sales.service import record_refunds, record_sales
from loyalty.staff.service import create_store
from loyalty.tiers.service import open_standings

EARNING = {
    "rules": [{"code": "base", "per": "amount", "points": 1, "each": {"minor": 100, "currency": "CNY"}}],
    "rounding": "floor",
}


def line(number, gross, category="labour", quantity=1):
    return LineFact(number, None, category, Decimal(quantity), gross, 0, gross)


class Counter:
    """Sales, refunds and members of one store; amounts are in minor units of CNY."""

    def __init__(self, clock):
        self.clock = clock
        self.store = create_store(
            code="CD01", name="城东店", zone="Asia/Shanghai", currency="CNY", now=clock.now, by=SYSTEM
        )
        self.refunds = 0

    def load(self, since="2020-01-01", **bodies):
        """Put rules in force since a day, by kind."""
        versions = [{"kind": kind, "effective_from": since, "body": body} for kind, body in bodies.items()]
        return load_file({"programme": "test", "versions": versions}, now=self.clock.now, by=SYSTEM)

    def customers(self, *numbers):
        rows = [Buyer("core", number, "王建国", None, "person", self.store) for number in numbers]
        return list(ensure_customers(rows, now=self.clock.now, by=SYSTEM).values())

    def members(self, *numbers, joined=date(2024, 1, 1)):
        ids = self.customers(*numbers)
        open_accounts(ids, now=self.clock.now, by=SYSTEM)
        open_standings(ids, joined, now=self.clock.now, by=SYSTEM)
        return ids

    def fact(self, number, *lines, customer="K1", day="2026-03-10", gross=10_000, currency="CNY", **more):
        return SaleFact(
            source="core",
            number=number,
            kind=more.pop("kind", "service"),
            store="CD01",
            customer=CustomerFact(customer),
            occurred=date.fromisoformat(day),
            currency=currency,
            lines=lines or (line(1, gross),),
            **more,
        )

    def sell(self, number, *lines, mode="create", **more):
        """Record one sale; give its effects."""
        return self.record(self.fact(number, *lines, **more), mode=mode)[0].effects

    def record(self, *facts, mode="create"):
        outcomes = record_sales(facts, mode=mode, now=self.clock.now, by=SYSTEM)
        assert [one.problem for one in outcomes if one.problem] == []
        return outcomes

    def correct(self, number, *lines, **more):
        return self.sell(number, *lines, mode="correct", **more)

    def refund(self, sale, amounts=None, *, day="2026-03-11"):
        """Give back amounts by line, or all that is left."""
        self.refunds += 1
        lines = tuple(RefundLineFact(number, gross_minor=minor) for number, minor in (amounts or {}).items())
        fact = RefundFact("core", sale, f"R{self.refunds}", date.fromisoformat(day), lines=lines)
        return record_refunds([fact], now=self.clock.now, by=SYSTEM)[0].effects

    def points(self, customer, unit="points"):
        """What the customer has: usable, waiting, less what is owed."""
        stands = ledger.balance(customer, now=self.clock.now, unit=unit)
        return stands.available + stands.pending - stands.debt

    def sale_id(self, number):
        return lock_numbers([("core", number)])["core", number][1]
