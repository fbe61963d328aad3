"""What membership holds about a person, for the copy that the person may have."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from loyalty.kernel.db import db
from loyalty.membership.models import Member
from loyalty.membership.rules import number_of, shown
from loyalty.staff.models import Store


def own_membership(ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return member number, store, day of joining and state."""
    rows = db.session.execute(
        select(Member.customer_id, Store.name.label("store"), Member.joined_day, Member.state, Member.state_reason)
        .join(Store, Store.id == Member.store_id)
        .where(Member.customer_id.in_(list(ids)))
        .order_by(Member.joined_day)
    )
    return [
        {
            "number": shown(number_of(row.customer_id)),
            "store": row.store,
            "joined_day": row.joined_day,
            "state": row.state,
            "reason": row.state_reason,
        }
        for row in rows
    ]
