"""Saved filters as pages read them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import TextClause, text

from loyalty.kernel.actor import Scope
from loyalty.kernel.db import id_array, run
from loyalty.saved.rules import LISTS, FilterNotFound

# Asked for each page of a list; a filter that is shared is seen in its store, and by who sees all stores.
_SEEN = """
    SELECT f.id, f.list, f.name, f.query, f.store_id, f.account_id = :account_id, c.filter_id IS NOT NULL
    FROM saved_filters f LEFT JOIN filter_choices c ON c.filter_id = f.id AND c.account_id = :account_id
    WHERE {wanted} AND (
        f.account_id = :account_id
        OR (f.store_id IS NOT NULL AND coalesce(f.store_id = ANY(CAST(:stores AS bigint[])), true))
    )
    ORDER BY f.name, f.id
"""
_OF_LIST = text(_SEEN.format(wanted="f.list = :code"))
_BY_NUMBER = text(_SEEN.format(wanted="f.id = CAST(:number AS bigint)"))


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
    return _found(_OF_LIST, account_id, scope, code=code)


def saved_filter(number: int, account_id: int, scope: Scope) -> FilterView:
    """Return one of them; not found where there is none."""
    for one in _found(_BY_NUMBER, account_id, scope, number=number):
        return one
    raise FilterNotFound(number=number)


def _found(statement: TextClause, account_id: int, scope: Scope, **wanted: Any) -> list[FilterView]:
    stores = None if scope.stores is None else id_array(sorted(scope.stores))
    rows = run(statement, {**wanted, "account_id": account_id, "stores": stores})
    return [FilterView(*row) for row in rows]
