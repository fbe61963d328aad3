"""API clients."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import db
from loyalty.staff.models import Account, ApiClient
from loyalty.staff.rules import ClientNotFound


@dataclass(frozen=True, slots=True)
class ClientRow:
    """A program with a token, of which only the tail is known; `store_ids` None means all stores.

    `former_until` is how long the token before this one opens the same, `last_used_at` is right to ten minutes.
    """

    id: int
    name: str
    owner: str | None
    token_tail: str
    permissions: tuple[str, ...]
    store_ids: tuple[int, ...] | None
    created_at: datetime
    revoked_at: datetime | None
    former_until: datetime | None
    last_used_at: datetime | None


def clients() -> list[ClientRow]:
    """Return the API clients by name, revoked ones last."""
    return _rows(None)


def client(client_id: int) -> ClientRow:
    """Return one API client; refused as not found when there is none."""
    for row in _rows(client_id):
        return row
    raise ClientNotFound(client=client_id)


def person_behind(actor: Actor) -> int | None:
    """Return the account of whoever acts: the one signed in, or who answers for the token; None when nobody does."""
    if actor.kind == "staff":
        return actor.id
    if actor.kind != "client":
        return None
    return db.session.scalar(select(ApiClient.owner_id).where(ApiClient.id == actor.id))


def _rows(client_id: int | None) -> list[ClientRow]:
    chosen = (
        select(
            ApiClient.id,
            ApiClient.name,
            Account.name,
            ApiClient.token_tail,
            ApiClient.permissions,
            ApiClient.store_ids,
            ApiClient.created_at,
            ApiClient.revoked_at,
            ApiClient.former_until,
            ApiClient.last_used_at,
        )
        .outerjoin(Account, Account.id == ApiClient.owner_id)
        .order_by(ApiClient.revoked_at.is_not(None), ApiClient.name)
    )
    if client_id is not None:
        chosen = chosen.where(ApiClient.id == client_id)
    return [
        ClientRow(
            row[0],
            row[1],
            row[2],
            row[3],
            tuple(row[4]),
            None if row[5] is None else tuple(row[5]),
            row[6],
            row[7],
            row[8],
            row[9],
        )
        for row in db.session.execute(chosen)
    ]
