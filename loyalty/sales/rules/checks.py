"""What a sale must be like to be taken, as far as the fact alone can show it."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from loyalty.customers.rules import MOST_KM, normal_name, normal_phone, normal_plate, normal_vin
from loyalty.kernel.errors import Malformed
from loyalty.kernel.money import EXPONENTS
from loyalty.sales.rules.facts import KINDS, LineFact, SaleFact, VehicleFact, When
from loyalty.sales.rules.flaws import Flaw

LONGEST_NUMBER = 64
MOST_LINES = 500
MOST_MINOR = 10**13
FIRST_DAY = date(1970, 1, 1)
# Clocks and zones of two systems may disagree by hours, never by more than a day.
AHEAD = timedelta(days=1)


def check_sale(fact: SaleFact, *, now: datetime) -> list[Flaw]:
    """Return everything that is wrong with a sale; an empty list when it can be taken."""
    return [
        *_check_names(fact),
        *_check_buyer(fact),
        *check_time("occurred_at", fact.occurred, now),
        *(check_time("delivered_at", fact.delivered, now) if fact.delivered else ()),
        *_check_vehicle(fact),
        *_check_lines(fact),
        *_check_sums(fact),
    ]


def _check_names(fact: SaleFact) -> Iterator[Flaw]:
    names = (("source", fact.source), ("number", fact.number), ("customer.number", fact.customer.number))
    for place, value in names:
        if not value.strip():
            yield Flaw(place, "This is missing.")
        elif len(value) > LONGEST_NUMBER:
            yield Flaw(place, "This has {length} characters; at most {most} fit.", _most(len(value), LONGEST_NUMBER))
    if fact.kind not in KINDS:
        yield Flaw("kind", "“{value}” is not a kind of sale: use one of {kinds}.", _kinds(fact.kind))
    if fact.currency not in EXPONENTS:
        yield Flaw("currency", "“{value}” is not a currency code such as CNY or USD.", {"value": fact.currency[:16]})


def _most(length: int, most: int) -> dict[str, int]:
    return {"length": length, "most": most}


def _kinds(value: str) -> dict[str, str]:
    return {"value": value[:32], "kinds": ", ".join(KINDS)}


def check_time(place: str, when: When, now: datetime) -> Iterator[Flaw]:
    """Give what is wrong with the time at which something happened."""
    day = when.date() if isinstance(when, datetime) else when
    if day < FIRST_DAY:
        yield Flaw(place, "{day} is before {first}.", {"day": day.isoformat(), "first": FIRST_DAY.isoformat()})
    if day > (now + AHEAD).date():
        yield Flaw(place, "{day} has not come yet.", {"day": day.isoformat()})


def _check_buyer(fact: SaleFact) -> Iterator[Flaw]:
    if fact.customer.name:
        yield from _refused("customer.name", normal_name, fact.customer.name)
    if fact.customer.phone:
        yield from _refused("customer.phone", normal_phone, fact.customer.phone)


def _check_vehicle(fact: SaleFact) -> Iterator[Flaw]:
    if fact.vehicle is not None:
        yield from _refused("vehicle.vin", normal_vin, fact.vehicle.vin)
        if fact.vehicle.plate:
            yield from _refused("vehicle.plate", normal_plate, fact.vehicle.plate)
    elif fact.kind == "vehicle":
        yield Flaw("vehicle", "The sale of a vehicle needs its VIN.")
    if fact.odometer is not None and not 0 <= fact.odometer <= MOST_KM:
        yield Flaw("odometer", "The reading is in whole kilometres from 0 to {most}.", {"most": MOST_KM})


def _refused(place: str, reader: Callable[[str], str], typed: str) -> Iterator[Flaw]:
    try:
        reader(typed)
    except Malformed as problem:
        for sentences in problem.errors.values():
            yield from (Flaw.of(place, sentence) for sentence in sentences)


def in_normal_form(fact: SaleFact) -> SaleFact:
    """Return a checked sale with its VIN and plate as they are stored, however they were typed."""
    if fact.vehicle is None:
        return fact
    written, plate = fact.vehicle, fact.vehicle.plate
    vehicle = VehicleFact(normal_vin(written.vin), normal_plate(plate) if plate else None, written.model)
    return fact if vehicle == written else fact._replace(vehicle=vehicle)


def _check_lines(fact: SaleFact) -> Iterator[Flaw]:
    if not fact.lines:
        yield Flaw("lines", "A sale has at least one line.")
    if len(fact.lines) > MOST_LINES:
        yield Flaw("lines", "A sale has at most {most} lines, here are {length}.", _most(len(fact.lines), MOST_LINES))
    seen: set[int] = set()
    for index, line in enumerate(fact.lines):
        if line.number in seen:
            yield Flaw(f"lines[{index}].number", "Line {line} is there twice.", {"line": line.number})
        seen.add(line.number)
        yield from _check_line(f"lines[{index}]", line)


def _check_line(path: str, line: LineFact) -> Iterator[Flaw]:
    if not 1 <= line.number <= MOST_LINES * 100:
        yield Flaw(f"{path}.number", "Lines are numbered from 1.")
    if not line.category or len(line.category) > LONGEST_NUMBER:
        yield Flaw(f"{path}.category", "A category has 1 to {most} characters.", {"most": LONGEST_NUMBER})
    if line.quantity < 0:
        yield Flaw(f"{path}.quantity", "A quantity is 0 or more; what goes back is a refund.")
    amounts = (
        ("net", line.net_minor),
        ("tax", line.tax_minor),
        ("gross", line.gross_minor),
        ("discount", line.discount_minor),
    )
    for name, minor in amounts:
        if minor < 0:
            yield Flaw(f"{path}.{name}", "An amount is 0 or more; what goes back is a refund.")
        elif minor > MOST_MINOR:
            yield Flaw(f"{path}.{name}", "This amount is too large.")
    if line.net_minor + line.tax_minor != line.gross_minor:
        yield Flaw(f"{path}.gross", "Net and tax do not add up to gross.")


def _check_sums(fact: SaleFact) -> Iterator[Flaw]:
    if fact.points_paid_minor < 0:
        yield Flaw("points_paid", "The part paid with points is 0 or more.")
    elif fact.points_paid_minor and fact.points_paid_minor > fact.gross_minor:
        yield Flaw("points_paid", "The part paid with points is at most the amount of the sale.")
