"""Saved filters as pages read them."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from loyalty.kernel.actor import Scope
from loyalty.kernel.db import db
from loyalty.saved.models import FilterChoice, SavedFilter
from loyalty.saved.rules import LISTS, FilterNotFound


@dataclass(frozen=True, slots=True)
class FilterView:
    """A saved filter; `mine` whether the person saved it, `usual` whether the person's list opens with it."""

    id: int
    list: str
    name: str
    query: str
    store_id: int | None
    mine: bool
    usual: bool

    @property
    def address(self) -> str:
        """The address of the list with this filter, which says by which one it was opened."""
        return f"{LISTS[self.list]}?{self.query}{'&' if self.query else ''}saved={self.id}"


def filters(code: str, account_id: int, scope: Scope) -> list[FilterView]:
    """Return a person's filters of a list and those that others share with the stores of the scope, by name."""
    return _found(account_id, SavedFilter.list == code, _seen(account_id, scope))


def saved_filter(number: int, account_id: int, scope: Scope) -> FilterView:
    """Return one of them; not found where there is none."""
    for one in _found(account_id, SavedFilter.id == number, _seen(account_id, scope)):
        return one
    raise FilterNotFound(number=number)


def _found(account_id: int, *wanted: ColumnElement[bool]) -> list[FilterView]:
    chosen = and_(FilterChoice.filter_id == SavedFilter.id, FilterChoice.account_id == account_id)
    rows = db.session.execute(
        select(
            SavedFilter.id,
            SavedFilter.list,
            SavedFilter.name,
            SavedFilter.query,
            SavedFilter.store_id,
            SavedFilter.account_id == account_id,
            FilterChoice.filter_id.is_not(None),
        )
        .outerjoin(FilterChoice, chosen)
        .where(*wanted)
        .order_by(SavedFilter.name, SavedFilter.id)
    )
    return [FilterView(*row) for row in rows]


def _seen(account_id: int, scope: Scope) -> ColumnElement[bool]:
    if scope.stores is None:
        shared = and_(true(), SavedFilter.store_id.is_not(None))
    else:
        shared = SavedFilter.store_id.in_(scope.stores) if scope.stores else false()
    return or_(SavedFilter.account_id == account_id, shared)
