"""What is known of codes and of who may sign in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from loyalty.customers import queries as customers
from loyalty.customers.queries import CustomerView
from loyalty.customers.rules import OPEN_STATES
from loyalty.kernel.db import db
from loyalty.kernel.sessions import WebSession
from loyalty.owners.models import OwnerCode


def sent_to(phone_hash: bytes, *, since: datetime) -> Sequence[datetime]:
    """Return when codes were asked for this phone."""
    return db.session.scalars(
        select(OwnerCode.created_at).where(OwnerCode.phone_hash == phone_hash, OwnerCode.created_at > since),
    ).all()


def sent_from(address_hash: bytes, *, since: datetime) -> Sequence[datetime]:
    """Return when codes were asked for from this address."""
    return db.session.scalars(
        select(OwnerCode.created_at).where(OwnerCode.address_hash == address_hash, OwnerCode.created_at > since),
    ).all()


def sent_by_site(*, since: datetime) -> int:
    """Return how many codes were asked for."""
    return db.session.scalar(select(func.count()).where(OwnerCode.created_at > since)) or 0


def owner(customer_id: int) -> CustomerView | None:
    """Return the customer when it may be signed in; None when it is closed, erased or gone."""
    found = customers.customers_by_ids([customer_id]).get(customer_id)
    return found if found and found.state in OPEN_STATES else None


def codes_before(moment: datetime) -> int:
    """Return how many codes were made before `moment`."""
    return db.session.scalar(select(func.count()).where(OwnerCode.created_at < moment)) or 0


def own_sessions(ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return on which browsers a person is signed in, for the copy that the person may have."""
    chosen = (
        select(WebSession.created_at.label("at"), WebSession.seen_at, WebSession.agent, WebSession.address)
        .where(WebSession.kind == "owner", WebSession.subject_id.in_(list(ids)))
        .order_by(WebSession.created_at)
    )
    return [dict(row) for row in db.session.execute(chosen).mappings()]
