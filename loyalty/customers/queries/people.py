"""Customers by id, by number and by phone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, select

from loyalty.customers.models import Customer, ExternalNumber, Identifier
from loyalty.customers.queries.aliases import standing_for
from loyalty.customers.queries.arrays import any_id, any_text
from loyalty.customers.queries.views import Card, CustomerView, IdentifierView
from loyalty.customers.rules import CustomerNotFound, customer_number, id_of_number, masked
from loyalty.customers.sealed import blinds, open_identifier, readable_identifier
from loyalty.kernel.actor import Scope
from loyalty.kernel.db import db
from loyalty.staff.models import Account, Store

CUSTOMER_COLUMNS = (
    Customer.id,
    Customer.name,
    Customer.kind,
    Customer.gender,
    Customer.state,
    Customer.home_store_id,
)


@dataclass(frozen=True, slots=True)
class KnownBuyer:
    """A customer behind an external number, and what is not known of it."""

    customer_id: int
    nameless: bool
    phoneless: bool


def visible(scope: Scope) -> ColumnElement[bool]:
    """Return the condition under which rows of `Customer` may be seen; upper features join with it."""
    seen: list[ColumnElement[bool]] = []
    if scope.stores is not None:
        seen.append(Customer.home_store_id.in_(sorted(scope.stores)) if scope.stores else false())
    if scope.customer_id is not None:
        seen.append(Customer.id == scope.customer_id)
    return and_(True, *seen)


def in_use() -> ColumnElement[bool]:
    """Return the condition under which rows of `Customer` are listed: neither erased nor merged into another one."""
    return Customer.state.not_in(("erased", "merged"))


def view_of(row: Sequence[Any]) -> CustomerView:
    """Return the customer whose `CUSTOMER_COLUMNS` begin the row."""
    values: Sequence[Any] = row[: len(CUSTOMER_COLUMNS)]
    return CustomerView(*values)


def known_buyers(source: str, numbers: Sequence[str]) -> dict[str, KnownBuyer]:
    """Return who is known under these external numbers of a source."""
    phone = exists().where(Identifier.customer_id == ExternalNumber.customer_id, Identifier.kind == "phone")
    found = db.session.execute(
        select(ExternalNumber.number, ExternalNumber.customer_id, Customer.name.is_(None), ~phone)
        .join(Customer, Customer.id == ExternalNumber.customer_id)
        .where(ExternalNumber.source == source, ExternalNumber.number == any_text(numbers)),
    )
    return {number: KnownBuyer(at, nameless, phoneless) for number, at, nameless, phoneless in found}


def ids_by_external(source: str, numbers: Sequence[str]) -> dict[str, int]:
    """Return the customer id for each external number of a source that is known; others are left out."""
    found = db.session.execute(
        select(ExternalNumber.number, ExternalNumber.customer_id).where(
            ExternalNumber.source == source,
            ExternalNumber.number == any_text(numbers),
        ),
    )
    return {row.number: row.customer_id for row in found}


def ids_by_number(numbers: Iterable[str]) -> dict[str, int]:
    """Return the customer id for each of our own numbers (C-0012845) that exists, whoever may see it.

    The number of a customer that was merged into another one leads to that one.
    """
    asked = {number: at for number in numbers if (at := id_of_number(number)) is not None}
    known = standing_for(asked.values())
    return {number: known[at] for number, at in asked.items() if at in known}


def ids_called(number: str, source: str | None) -> tuple[int, ...]:
    """Return who has this number, whoever may see it: our own, or with `source` the one that it has there.

    Nobody or one; whoever was merged into another customer leads to that one.
    """
    if source is None:
        return tuple(ids_by_number([number]).values())
    return tuple(standing_for(ids_by_external(source, [number]).values()).values())


def customer(customer_id: int, scope: Scope) -> CustomerView:
    """Return the customer; CustomerNotFound when missing or outside `scope`."""
    row = db.session.execute(select(*CUSTOMER_COLUMNS).where(Customer.id == customer_id, visible(scope))).one_or_none()
    if row is None:
        raise CustomerNotFound(customer=customer_number(customer_id))
    return view_of(row)


def customers_by_ids(ids: Iterable[int], scope: Scope | None = None) -> dict[int, CustomerView]:
    """Return customers by id; those missing or outside `scope` (None: no bound) are left out."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    query = select(*CUSTOMER_COLUMNS).where(Customer.id == any_id(wanted))
    if scope is not None:
        query = query.where(visible(scope))
    return {row.id: view_of(row) for row in db.session.execute(query)}


def locked(customer_id: int, scope: Scope) -> Customer:
    """Return the row for a change, locked and read again; CustomerNotFound when missing or outside `scope`."""
    row = db.session.scalars(
        select(Customer)
        .where(Customer.id == customer_id, visible(scope))
        .with_for_update()
        .execution_options(populate_existing=True),
    ).one_or_none()
    if row is None:
        raise CustomerNotFound(customer=customer_number(customer_id))
    return row


def customer_ids_by_phone(phone: str) -> list[int]:
    """Return the open customers with this phone (in its normal form), by id."""
    found = db.session.scalars(
        select(Identifier.customer_id)
        .distinct()
        .join(Customer, Customer.id == Identifier.customer_id)
        .where(
            Identifier.blind.in_(blinds("phone", phone)),
            Identifier.kind == "phone",
            Customer.state.in_(("prospect", "active")),
        )
        .order_by(Identifier.customer_id),
    )
    return list(found)


def identifier_rows(
    customer_ids: Iterable[int], kinds: Sequence[str] = (), *, in_full: bool = False
) -> dict[int, list[tuple[int, str, str]]]:
    """Return (id, kind, value) of the identifiers of each customer, the oldest first, opened; one statement.

    A value that does not open is UNREADABLE; with `in_full`, for whoever carries values on, it is a BrokenSeal.
    """
    opened = open_identifier if in_full else readable_identifier
    query = (
        select(Identifier.customer_id, Identifier.id, Identifier.kind, Identifier.sealed)
        .where(Identifier.customer_id == any_id(customer_ids))
        .order_by(Identifier.customer_id, Identifier.id)
    )
    if kinds:
        query = query.where(Identifier.kind.in_(kinds))
    answer: dict[int, list[tuple[int, str, str]]] = {}
    for customer_id, at, kind, sealed in db.session.execute(query):
        answer.setdefault(customer_id, []).append((at, kind, opened(customer_id, sealed)))
    return answer


def card(customer_id: int, scope: Scope) -> Card:
    """Return all that is known of the customer itself; CustomerNotFound when missing or outside `scope`."""
    row = db.session.execute(
        select(
            *CUSTOMER_COLUMNS,
            Customer.birthday,
            Customer.lunar,
            Customer.language,
            Store.name.label("store_name"),
            Customer.advisor_id,
            Account.name.label("advisor_name"),
            Customer.created_at,
        )
        .outerjoin(Store, Store.id == Customer.home_store_id)
        .outerjoin(Account, Account.id == Customer.advisor_id)
        .where(Customer.id == customer_id, visible(scope)),
    ).one_or_none()
    if row is None:
        raise CustomerNotFound(customer=customer_number(customer_id))
    identifiers = identifier_rows([customer_id]).get(customer_id, [])
    numbers = db.session.execute(
        select(ExternalNumber.source, ExternalNumber.number)
        .where(ExternalNumber.customer_id == customer_id)
        .order_by(ExternalNumber.source, ExternalNumber.number),
    )
    rest: Sequence[Any] = [
        *row[len(CUSTOMER_COLUMNS) :],
        tuple(IdentifierView(at, kind, masked(kind, value)) for at, kind, value in identifiers),
        tuple((source, number) for source, number in numbers),
    ]
    return Card(view_of(row), *rest)


def has_customers(scope: Scope) -> bool:
    """Return whether there is any customer to be seen, which tells an empty filter from a first use."""
    return bool(db.session.scalar(select(exists().where(visible(scope)).select_from(Customer))))


def external_owner(source: str, number: str) -> int | None:
    """Return whose external number this is, or None."""
    found: int | None = db.session.scalar(
        select(ExternalNumber.customer_id).where(ExternalNumber.source == source, ExternalNumber.number == number),
    )
    return found
