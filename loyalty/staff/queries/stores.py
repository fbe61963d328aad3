"""Stores."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, select, text

from loyalty.kernel.actor import EVERYTHING, Scope
from loyalty.kernel.db import db, id_array, run
from loyalty.staff.models import Store
from loyalty.staff.rules import StoreNotFound, closed_days


@dataclass(frozen=True, slots=True)
class StoreView:
    """What other features need of a store."""

    id: int
    code: str
    name: str
    zone: str
    currency: str


@dataclass(frozen=True, slots=True)
class StoreCard:
    """A store with what its page shows.

    `opening_hours` has spans for each weekday it opens, `holidays` first day, last day and name of each; `contact` is
    the person who answers there.
    """

    id: int
    code: str
    name: str
    zone: str
    currency: str
    phone: str | None
    opening_hours: Mapping[str, list[list[str]]]
    holidays: Sequence[Sequence[str]]
    address: str | None
    email: str | None
    contact: str | None


_IN_SCOPE = text("""
    SELECT id, code, name, zone, currency FROM stores
    WHERE CAST(:ids AS bigint[]) IS NULL OR id = ANY(CAST(:ids AS bigint[])) ORDER BY code
""")


def stores(scope: Scope) -> list[StoreView]:
    """Return the stores in the scope, by code; written by hand, as most lists of staff offer them."""
    asked = None if scope.stores is None else id_array(scope.stores)
    return [StoreView(*row) for row in run(_IN_SCOPE, {"ids": asked})]


def stores_by_codes(codes: Collection[str]) -> dict[str, StoreView]:
    """Return the stores of these codes; codes of no store are left out."""
    return {view.code: view for view in _views(Store.code.in_(codes))}


def stores_by_ids(ids: Collection[int]) -> dict[int, StoreView]:
    """Return the stores of these ids; ids of no store are left out."""
    return {view.id: view for view in _views(Store.id.in_(ids))}


def store_by_code(code: str, scope: Scope | None = None) -> StoreView:
    """Return a store; refused as not found when there is none, or it lies outside the scope."""
    for view in _views(Store.code == code, *_within(scope or EVERYTHING)):
        return view
    raise StoreNotFound(store=code)


def store(store_id: int, scope: Scope) -> StoreView:
    """Return a store; refused as not found when there is none, or it lies outside the scope."""
    for view in _views(Store.id == store_id, *_within(scope)):
        return view
    raise StoreNotFound(store=store_id)


def store_names() -> list[str]:
    """Return the names of all stores, by code."""
    return list(db.session.scalars(select(Store.name).order_by(Store.code)))


def store_cards(scope: Scope) -> list[StoreCard]:
    """Return the stores in the scope with all that is known of them, by code."""
    chosen = select(
        Store.id,
        Store.code,
        Store.name,
        Store.zone,
        Store.currency,
        Store.phone,
        Store.opening_hours,
        Store.holidays,
        Store.address,
        Store.email,
        Store.contact,
    )
    rows = db.session.execute(chosen.where(*_within(scope)).order_by(Store.code))
    return [StoreCard(*row) for row in rows]


def days_closed(store_ids: Collection[int], since: date, until: date) -> dict[int, dict[date, str]]:
    """Return for each store the days from `since` through `until` on which it is closed, and what each is called."""
    chosen = select(Store.id, Store.holidays, Store.opening_hours).where(Store.id.in_(store_ids))
    return {at: closed_days(holidays, hours, since, until) for at, holidays, hours in db.session.execute(chosen)}


def _within(scope: Scope) -> list[ColumnElement[bool]]:
    return [] if scope.stores is None else [Store.id.in_(scope.stores)]


def _views(*wanted: ColumnElement[bool]) -> list[StoreView]:
    chosen = select(Store.id, Store.code, Store.name, Store.zone, Store.currency)
    return [StoreView(*row) for row in db.session.execute(chosen.where(*wanted).order_by(Store.code))]
