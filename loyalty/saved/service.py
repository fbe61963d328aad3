"""Filters saved, chosen and removed."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from loyalty.kernel.actor import Scope
from loyalty.kernel.db import transaction
from loyalty.saved import queries
from loyalty.saved.models import FilterChoice, SavedFilter
from loyalty.saved.queries import FilterView
from loyalty.saved.rules import MOST, FilterOfAnother, TooManyFilters, as_query, check_list, check_name


def save_filter(
    code: str,
    name: str,
    asked: Mapping[str, str],
    *,
    store_id: int | None = None,
    account_id: int,
    scope: Scope,
    now: datetime,
) -> FilterView:
    """Save what the address of a list asks for; the same name again stands for the new filter from then on.

    Malformed: no name, a list that is none. Refused: more than 30 of a list. `store_id` shares it with that store.
    """
    values = {
        "account_id": account_id,
        "list": check_list(code),
        "name": check_name(name),
        "query": as_query(asked),
        "store_id": store_id,
        "saved_at": now,
    }
    with transaction() as session:
        own = [one for one in queries.filters(code, account_id, scope) if one.mine]
        if len(own) >= MOST and values["name"] not in {one.name for one in own}:
            raise TooManyFilters(most=MOST)
        written = insert(SavedFilter).values(values)
        changed = {name: values[name] for name in ("query", "store_id", "saved_at")}
        written = written.on_conflict_do_update(index_elements=["account_id", "list", "name"], set_=changed)
        number = session.scalars(written.returning(SavedFilter.id)).one()
        return queries.saved_filter(number, account_id, scope)


def choose_filter(number: int, *, chosen: bool, account_id: int, scope: Scope) -> FilterView:
    """Let a person's list open with this filter, or (not `chosen`) with none; not found where there is none."""
    with transaction() as session:
        one = queries.saved_filter(number, account_id, scope)
        mine = (FilterChoice.account_id == account_id, FilterChoice.list == one.list)
        session.execute(delete(FilterChoice).where(*mine))
        if chosen:
            session.execute(insert(FilterChoice).values(account_id=account_id, list=one.list, filter_id=one.id))
        return one


def remove_filter(number: int, *, account_id: int, scope: Scope) -> FilterView:
    """Remove a filter, for all with whom it was shared too; refused to anybody but who saved it."""
    with transaction() as session:
        one = queries.saved_filter(number, account_id, scope)
        if not one.mine:
            raise FilterOfAnother
        session.execute(delete(SavedFilter).where(SavedFilter.id == number))
        return one
