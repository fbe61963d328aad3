"""Stores."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import transaction
from loyalty.staff.models import Store
from loyalty.staff.rules import StoreCodeTaken, StoreDetails, StoreNotFound, check_currency, check_zone
from loyalty.staff.service.audit import AuditEntry, record_audit


def create_store(
    *,
    code: str,
    name: str,
    zone: str = "Asia/Shanghai",
    currency: str = "CNY",
    details: StoreDetails | None = None,
    now: datetime,
    by: Actor,
) -> int:
    """Open a store and return its id; a code that is taken is refused."""
    values = {
        "code": code,
        "name": name,
        "zone": check_zone(zone),
        "currency": check_currency(currency),
        **(details or StoreDetails()).read(),
    }
    with transaction() as session:
        added = insert(Store).values(values).on_conflict_do_nothing().returning(Store.id)
        store_id = session.scalar(added)
        if store_id is None:
            raise StoreCodeTaken(store=code)
        record_audit([AuditEntry("store.created", "store", store_id, by, now, store_id=store_id, after=values)])
    return store_id


def update_store(store_id: int, *, name: str, details: StoreDetails, now: datetime, by: Actor) -> None:
    """Change what a store is called, how it is reached, its hours and its holidays.

    Code, zone and currency stay as they were opened with, since days and amounts were booked in them.
    """
    values = {"name": name, **details.read()}
    with transaction() as session:
        store = session.get(Store, store_id, with_for_update=True, populate_existing=True)
        if store is None:
            raise StoreNotFound(store=store_id)
        before = {field: getattr(store, field) for field in values}
        changed = {field: value for field, value in values.items() if value != before[field]}
        if not changed:
            return
        for field, value in changed.items():
            setattr(store, field, value)
        entry = AuditEntry(
            "store.changed",
            "store",
            store_id,
            by,
            now,
            store_id=store_id,
            before={field: before[field] for field in changed},
            after=changed,
        )
        record_audit([entry])
