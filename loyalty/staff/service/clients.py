"""API clients and their tokens."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from loyalty.kernel.actor import Actor
from loyalty.kernel.crypto import new_token, token_hash
from loyalty.kernel.db import transaction
from loyalty.kernel.errors import Malformed
from loyalty.staff.models import Account, ApiClient, Store
from loyalty.staff.rules import GROUP_WIDE, AccountNotFound, ClientNotFound, NameTaken, check_permissions
from loyalty.staff.service.audit import AuditEntry, record_audit

USE_EVERY = timedelta(minutes=10)

_TAIL = 4
_NOTE_USE = text("""
    UPDATE api_clients SET last_used_at = :now
    WHERE id = :client AND (last_used_at IS NULL OR last_used_at <= :since)
""")


def create_api_client(
    *,
    name: str,
    permissions: Sequence[str],
    store_ids: Sequence[int] | None = None,
    owner_id: int | None = None,
    now: datetime,
    by: Actor,
) -> tuple[int, str]:
    """Return the id and the token of a new API client; the token is not stored and cannot be shown again.

    `store_ids` None means all stores; `owner_id` is the person who answers for what the program does.
    """
    asked = check_permissions(permissions)
    if store_ids is not None and GROUP_WIDE.intersection(asked):
        raise Malformed({"permissions": ["What is marked (all stores) needs a token for all stores."]})
    token = new_token()
    stores = None if store_ids is None else sorted(set(store_ids))
    with transaction() as session:
        if stores is not None and session.scalar(select(func.count()).where(Store.id.in_(stores))) != len(stores):
            raise Malformed({"stores": ["There is no such store."]})
        if owner_id is not None and session.get(Account, owner_id) is None:
            raise AccountNotFound(account=owner_id)
        added = insert(ApiClient).values(
            name=name,
            owner_id=owner_id,
            token_hash=token_hash(token),
            token_tail=token[-_TAIL:],
            permissions=asked,
            store_ids=stores,
            created_at=now,
        )
        client_id = session.scalar(
            added.on_conflict_do_nothing(index_elements=[ApiClient.name]).returning(ApiClient.id),
        )
        if client_id is None:
            raise NameTaken(client=name)
        after = {"name": name, "permissions": asked, "store_ids": stores, "owner_id": owner_id}
        record_audit([AuditEntry("client.created", "client", client_id, by, now, after=after)])
    return client_id, token


def revoke_client(client_id: int, *, now: datetime, by: Actor) -> None:
    """Let a token open nothing any more, from the next request on."""
    with transaction() as session:
        client = session.get(ApiClient, client_id, with_for_update=True, populate_existing=True)
        if client is None:
            raise ClientNotFound(client=client_id)
        if client.revoked_at is not None:
            return
        client.revoked_at = now
        record_audit([AuditEntry("client.revoked", "client", client_id, by, now, before={"name": client.name})])


def rotate_client(client_id: int, *, grace: timedelta, now: datetime, by: Actor) -> str:
    """Return a new token of an API client, shown this once; the one before it opens the same for `grace` more.

    A revoked client is refused as not found, and a token that was being replaced already ends at once.
    """
    token = new_token()
    with transaction() as session:
        client = session.get(ApiClient, client_id, with_for_update=True, populate_existing=True)
        if client is None or client.revoked_at is not None:
            raise ClientNotFound(client=client_id)
        before = client.token_tail
        client.former_hash, client.former_until = client.token_hash, now + grace
        client.token_hash, client.token_tail, client.rotated_at = token_hash(token), token[-_TAIL:], now
        after = {"token": client.token_tail, "former_until": client.former_until.isoformat()}
        entry = AuditEntry("client.rotated", "client", client_id, by, now, before={"token": before}, after=after)
        record_audit([entry])
    return token


def note_use(client_id: int, *, now: datetime) -> None:
    """Write down that a program came, unless somebody wrote so within the last ten minutes."""
    with transaction() as session:
        session.execute(_NOTE_USE, {"client": client_id, "now": now, "since": now - USE_EVERY})
