"""Stores."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import transaction
from loyalty.staff.models import Store
from loyalty.staff.rules import StoreCodeTaken, StoreNotFound, check_currency, check_zone, parse_opening_hours
from loyalty.staff.service.audit import AuditEntry, record_audit


def create_store(
    *,
    code: str,
    name: str,
    zone: str = "Asia/Shanghai",
    currency: str = "CNY",
    phone: str | None = None,
    opening_hours: Mapping[str, Any] | None = None,
    now: datetime,
    by: Actor,
) -> int:
    """Open a store and return its id; a code that is taken is refused."""
    values = {
        "code": code,
        "name": name,
        "zone": check_zone(zone),
        "currency": check_currency(currency),
        "phone": phone,
        "opening_hours": parse_opening_hours(opening_hours or {}),
    }
    with transaction() as session:
        added = insert(Store).values(values).on_conflict_do_nothing().returning(Store.id)
        store_id = session.scalar(added)
        if store_id is None:
            raise StoreCodeTaken(store=code)
        record_audit([AuditEntry("store.created", "store", store_id, by, now, store_id=store_id, after=values)])
    return store_id


def update_store(
    store_id: int,
    *,
    name: str,
    phone: str | None,
    opening_hours: Mapping[str, Any],
    now: datetime,
    by: Actor,
) -> None:
    """Change what a store is called, its phone and its hours.

    Code, zone and currency stay as they were opened with, since days and amounts were booked in them.
    """
    values = {"name": name, "phone": phone, "opening_hours": parse_opening_hours(opening_hours)}
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
