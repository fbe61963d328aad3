"""What is known of members and of what their sales earned."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Select, any_, literal, select, tuple_

from loyalty.customers.models import Customer
from loyalty.earning.models import AwardLine
from loyalty.earning.rules import UNITS, Buyer, award_key
from loyalty.kernel.db import db
from loyalty.kernel.effects import Effect
from loyalty.kernel.journal import write_waiting
from loyalty.points.models import PointsAccount
from loyalty.points.queries import earners, effects_of_keys
from loyalty.programme.models import PolicyVersion
from loyalty.sales.events import SaleRecorded
from loyalty.sales.models import Sale, SaleLine
from loyalty.sales.ports import SaleKey


@dataclass(frozen=True, slots=True)
class Booked:
    """One award line as it was booked; `points` below 0 were taken back."""

    customer_id: int
    sale_id: int
    version: int
    refund_id: int | None
    line: int
    unit: str
    rule: str
    points: int
    basis: str
    factor: str
    earning_class: str | None
    policy_version_id: int


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a line has its points, in an English sentence with its numbers; faces translate it."""

    version: int
    line: int
    unit: str
    points: int
    sentence: str
    numbers: dict[str, Any]


def members(customer_ids: Collection[int], *, with_birthdays: bool) -> dict[int, Buyer]:
    """Return the members among the customers with their earning class; birthdays only when they are asked for."""
    if not with_birthdays:
        found = earners(customer_ids)
        return {customer_id: Buyer(one.earning_class, earns=one.earns) for customer_id, one in found.items()}
    ids = any_(literal(sorted(set(customer_ids)), ARRAY(BigInteger)))
    chosen = (
        select(
            PointsAccount.customer_id,
            PointsAccount.earning_class,
            PointsAccount.earns,
            Customer.birthday,
            Customer.lunar,
        )
        .join(Customer, Customer.id == PointsAccount.customer_id)
        .where(PointsAccount.customer_id == ids, PointsAccount.unit == "points")
    )
    return {
        customer_id: Buyer(earning_class, _month_of(birthday), lunar, earns)
        for customer_id, earning_class, earns, birthday, lunar in db.session.execute(chosen)
    }


def _month_of(birthday: date | None) -> int | None:
    return None if birthday is None else birthday.month


def booked(keys: Collection[SaleKey]) -> dict[SaleKey, list[Booked]]:
    """Return the award lines of these sales in these versions, as they were booked; sales without any are absent."""
    chosen = _lines().where(
        tuple_(AwardLine.customer_id, AwardLine.sale_id).in_(sorted({key[:2] for key in keys})),
    )
    found: dict[SaleKey, list[Booked]] = {}
    for row in db.session.execute(chosen):
        line = Booked(*row)
        key = (line.customer_id, line.sale_id, line.version)
        if key in keys:
            found.setdefault(key, []).append(line)
    return found


def _lines() -> Select[Any]:
    write_waiting()  # lines of this transaction count too
    columns: tuple[Any, ...] = (
        AwardLine.customer_id,
        AwardLine.sale_id,
        AwardLine.version,
        AwardLine.refund_id,
        AwardLine.line,
        AwardLine.unit,
        AwardLine.rule,
        AwardLine.points,
        AwardLine.basis,
        AwardLine.factor,
        AwardLine.earning_class,
        AwardLine.policy_version_id,
    )
    return select(*columns).order_by(AwardLine.customer_id, AwardLine.sale_id, AwardLine.id)


def visits_counted(
    days: Collection[tuple[int, date]], rules: Collection[str]
) -> dict[tuple[int, date], set[tuple[str, int]]]:
    """Return for each customer and day the rules per visit that counted one, each with the sale that it was."""
    write_waiting()
    chosen = (
        select(AwardLine.customer_id, AwardLine.business_day, AwardLine.rule, AwardLine.sale_id)
        .where(
            AwardLine.customer_id.in_(sorted({customer_id for customer_id, _ in days})),
            AwardLine.business_day.in_(sorted({day for _, day in days})),
            AwardLine.rule.in_(sorted(rules)),
            AwardLine.points > 0,
            ~Sale.moved,
        )
        .join(
            Sale,
            (Sale.customer_id == AwardLine.customer_id)
            & (Sale.id == AwardLine.sale_id)
            & (Sale.version == AwardLine.version),
        )
        .distinct()
    )
    found: dict[tuple[int, date], set[tuple[str, int]]] = {}
    for customer_id, day, rule, sale_id in db.session.execute(chosen):
        found.setdefault((customer_id, day), set()).add((rule, sale_id))
    return found


def sales_of(keys: Collection[tuple[int, int]]) -> dict[tuple[int, int], SaleRecorded]:
    """Return the sales without their lines, as far as an event asks; their zone is left empty.

    A sale that went to another customer is not this one's any more.
    """
    chosen = select(Sale).where(tuple_(Sale.customer_id, Sale.id).in_(sorted(keys)), ~Sale.moved)
    return {(sale.customer_id, sale.id): _without_lines(sale) for sale in db.session.scalars(chosen)}


def _without_lines(sale: Sale) -> SaleRecorded:
    return SaleRecorded(
        sale_id=sale.id,
        version=sale.version,
        customer_id=sale.customer_id,
        store_id=sale.store_id,
        vehicle_id=sale.vehicle_id,
        source=sale.source,
        number=sale.number,
        kind=sale.kind,
        occurred_at=sale.occurred_at,
        business_day=sale.business_day,
        zone="",
        currency=sale.currency,
        net_minor=sale.net_minor,
        gross_minor=sale.gross_minor,
        points_paid_minor=sale.points_paid_minor,
        lines=(),
    )


def refunded_lines(sales: Collection[tuple[int, int]]) -> dict[tuple[int, int], dict[tuple[int, str], int]]:
    """Return for each sale what refunds gave back so far, in minor units, by line (0: the whole sale) and basis."""
    chosen = select(
        SaleLine.customer_id,
        SaleLine.sale_id,
        SaleLine.number,
        SaleLine.refunded_net_minor,
        SaleLine.refunded_gross_minor,
    ).where(tuple_(SaleLine.customer_id, SaleLine.sale_id).in_(sorted(set(sales))), SaleLine.refunded_gross_minor > 0)
    found: dict[tuple[int, int], dict[tuple[int, str], int]] = {}
    for customer_id, sale_id, number, net, gross in db.session.execute(chosen):
        sums = found.setdefault((customer_id, sale_id), {})
        for line in (0, number):
            sums[line, "net"] = sums.get((line, "net"), 0) + net
            sums[line, "gross"] = sums.get((line, "gross"), 0) + gross
    return found


def explain_sale(customer_id: int, sale_id: int) -> list[Explained]:
    """Return why each line of a sale has its points, versions and refunds in the order in which they were booked."""
    chosen = (
        _lines()
        .add_columns(PolicyVersion.number, PolicyVersion.body)
        .join(PolicyVersion, PolicyVersion.id == AwardLine.policy_version_id)
        .where(AwardLine.customer_id == customer_id, AwardLine.sale_id == sale_id)
    )
    return [_explained(Booked(*row[:-2]), row[-2], row[-1]) for row in db.session.execute(chosen)]


def _explained(line: Booked, number: int, body: dict[str, Any]) -> Explained:
    names = {rule["code"]: rule.get("name", {}) for rule in body["rules"]}
    numbers: dict[str, Any] = {
        "points": abs(line.points),
        "line": line.line,
        "rule": line.rule,
        "name": names.get(line.rule, {}),
        "factor": line.factor,
        "level": line.earning_class,
        "rules_version": number,
        "refund_id": line.refund_id,
    }
    return Explained(line.version, line.line, line.unit, line.points, _sentence(line), numbers)


def _sentence(line: Booked) -> str:
    if line.points < 0 and line.line == 0 and line.refund_id is None:
        return "Whole sale: {points} taken back; rule {rule}, version {rules_version}."
    if line.points < 0:
        return "Line {line}: {points} taken back for what was refunded; rule {rule}, version {rules_version}."
    if line.line == 0:
        return "Whole sale: {points} by rule {rule}, version {rules_version}."
    if line.factor != "1":
        return "Line {line}: {points} by rule {rule}, version {rules_version}, times {factor}."
    return "Line {line}: {points} by rule {rule}, version {rules_version}."


def own_lines(ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return which line of a person's sales earned what, by which rule, for the copy that the person may have."""
    chosen = (
        select(
            AwardLine.business_day.label("day"),
            Sale.number,
            AwardLine.line,
            AwardLine.unit,
            AwardLine.points,
            AwardLine.rule,
            AwardLine.factor,
        )
        .join(Sale, (Sale.customer_id == AwardLine.customer_id) & (Sale.id == AwardLine.sale_id) & ~Sale.moved)
        .where(AwardLine.customer_id == ids[0])
        .order_by(AwardLine.sale_id, AwardLine.id)
    )
    return [dict(row) for row in db.session.execute(chosen).mappings()]


def brought_by_sales(sales: Sequence[SaleKey]) -> Mapping[int, Sequence[Effect]]:
    """Return by sale id what the ledger says that each of these brought; those that brought nothing are left out."""
    asked = {
        (customer_id, f"{award_key(sale_id, version)}:{unit}"): sale_id
        for customer_id, sale_id, version in sales
        for unit in UNITS
    }
    by_key = effects_of_keys(list(asked))
    told: dict[int, list[Effect]] = {}
    for (_, key), sale_id in asked.items():
        if key in by_key:
            told.setdefault(sale_id, []).extend(by_key[key])
    return told
