"""Two years of invented business: cars delivered, then maintenance, repairs and accessories as owners come back."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from loyalty.cli.demo.cars import Car, car
from loyalty.cli.demo.people import Owner
from loyalty.sales.rules import CustomerFact, LineFact, SaleFact, VehicleFact

SOURCE = "DMS"
DAYS = 730
KM_A_DAY = 38
TAX_PERCENT = 13

# What a visit may hold: category, what it costs in yuan from and to, how often of ten.
WORKS = (
    ("maintenance", 380, 980, 8),
    ("labour", 120, 900, 4),
    ("parts", 90, 2_400, 4),
    ("tyres", 780, 3_200, 1),
    ("bodywork", 600, 5_200, 1),
)
ACCESSORIES = (("film", 1_280, 3_680), ("dashcam", 399, 899), ("mats", 268, 680))


def sales(random: Random, owners: Sequence[Owner], stores: Sequence[str], today: date) -> list[SaleFact]:
    """Return every sale of the two years before `today`, oldest first."""
    told = [sale for owner in owners for sale in _of_owner(random, owner, stores, today)]
    told.sort(key=lambda sale: (_moment(sale), sale.customer.number))
    return [_numbered(sale, index) for index, sale in enumerate(told, 1)]


def _of_owner(random: Random, owner: Owner, stores: Sequence[str], today: date) -> Iterator[SaleFact]:
    for which in range(2 if random.random() < 0.12 else 1):
        mine = car(random, int(owner.number[2:]) * 2 + which, owner.home)
        bought = today - timedelta(days=random.randrange(20, DAYS + 500))
        first = today - timedelta(days=DAYS)
        if bought >= first:
            yield _delivery(owner, mine, bought, stores[owner.home])
            if random.random() < 0.35:
                yield _accessories(random, owner, mine, bought, stores[owner.home])
        yield from _visits(random, owner, mine, bought, stores, today)


def _visits(
    random: Random, owner: Owner, mine: Car, bought: date, stores: Sequence[str], today: date
) -> Iterator[SaleFact]:
    every = 110 + 260 * (1 - owner.eager)
    day = bought + timedelta(days=int(random.gauss(every, 25)))
    while day < today:
        if day >= today - timedelta(days=DAYS):
            away = random.random() < 0.08
            store = random.choice(stores) if away else stores[owner.home]
            km = max(500, int((day - bought).days * KM_A_DAY * random.uniform(0.9, 1.05)))
            yield _service(random, owner, mine, day, store, km)
        if random.random() < 0.04:
            return  # goes elsewhere from now on
        day += timedelta(days=max(20, int(random.gauss(every, 30))))


def _delivery(owner: Owner, mine: Car, day: date, store: str) -> SaleFact:
    line = _line(1, "vehicle", mine.price * 100)
    at = datetime.combine(day, time(10, 30))
    return _fact(owner, mine, "vehicle", store, at, (line,), odometer=12, delivered=at)


def _accessories(random: Random, owner: Owner, mine: Car, day: date, store: str) -> SaleFact:
    category, least, most = random.choice(ACCESSORIES)
    at = datetime.combine(day, time(11, 20))
    return _fact(owner, mine, "accessory", store, at, (_line(1, category, random.randint(least, most) * 100),))


def _service(random: Random, owner: Owner, mine: Car, day: date, store: str, km: int) -> SaleFact:
    chosen = [work for work in WORKS if random.randrange(10) < work[3]] or [WORKS[0]]
    lines = tuple(
        _line(number, category, random.randint(least, most) * 100)
        for number, (category, least, most, _) in enumerate(chosen, 1)
    )
    at = datetime.combine(day, time(random.randrange(9, 18), random.randrange(60)))
    return _fact(owner, mine, "service", store, at, lines, odometer=km)


def _line(number: int, category: str, gross: int) -> LineFact:
    net = gross * 100 // (100 + TAX_PERCENT)
    return LineFact(number, None, category, Decimal(1), net, gross - net, gross)


def _fact(
    owner: Owner,
    mine: Car,
    kind: str,
    store: str,
    at: datetime,
    lines: tuple[LineFact, ...],
    *,
    odometer: int | None = None,
    delivered: datetime | None = None,
) -> SaleFact:
    buyer = CustomerFact(owner.number, owner.name, owner.phone, "company" if owner.kind == "company" else "person")
    vehicle = VehicleFact(mine.vin, mine.plate, mine.model)
    return SaleFact(SOURCE, "", kind, store, buyer, at, "CNY", lines, vehicle, odometer, 0, delivered)


def _moment(sale: SaleFact) -> datetime:
    return sale.occurred if isinstance(sale.occurred, datetime) else datetime.combine(sale.occurred, time.min)


def _numbered(sale: SaleFact, index: int) -> SaleFact:
    prefix = {"vehicle": "V", "service": "R", "accessory": "A"}[sale.kind]
    return sale._replace(number=f"{prefix}-{_moment(sale):%y%m}{index:04d}")
