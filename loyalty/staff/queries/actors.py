"""Who is asking: one statement for each request."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from loyalty.kernel.actor import Actor
from loyalty.kernel.crypto import token_hash
from loyalty.kernel.db import run
from loyalty.staff.rules import FACTOR_ROLES, Grant, client_grants, grants_of

# An assignment to all stores is dated in the zone of the group's first store.
_STAFF = text("""
    SELECT a.id, a.name, a.password_given, f.account_id IS NOT NULL AS has_factor, s.role, s.store_id
    FROM staff_accounts a
    LEFT JOIN staff_factors f ON f.account_id = a.id
    LEFT JOIN (
        staff_assignments s
        LEFT JOIN stores t ON t.id = coalesce(s.store_id, (SELECT min(id) FROM stores))
    ) ON s.account_id = a.id AND s.ended_at IS NULL
        AND (CAST(:now AS timestamptz) AT TIME ZONE coalesce(t.zone, 'UTC'))::date
            BETWEEN s.from_day AND coalesce(s.to_day, 'infinity')
    WHERE a.fs_uniquifier = :uniquifier AND a.active
""")

# While a token is replaced, the one before it opens the same for a while.
_CLIENT = text("""
    SELECT id, name, permissions, store_ids FROM api_clients
    WHERE revoked_at IS NULL AND (token_hash = :hash OR (former_hash = :hash AND former_until > :now))
""")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The account of a session: who it is with the roles in force, and what is to be done before anything else.

    `has_factor` says that only a session opened with a code counts; `must_enrol` that a role asks for a second factor
    that is not there yet; `password_given` that somebody else chose the password.
    """

    actor: Actor
    has_factor: bool
    must_enrol: bool
    password_given: bool


def signed_in(uniquifier: str, *, now: datetime, address: str | None = None) -> SignedIn | None:
    """Return the account of a session, or None when it cannot sign in any more."""
    rows = run(_STAFF, {"uniquifier": uniquifier, "now": now})
    if not rows:
        return None
    first = rows[0]
    held = [Grant(row.role, row.store_id) for row in rows if row.role is not None]
    actor = Actor(kind="staff", id=first.id, name=first.name, grants=grants_of(held), address=address)
    needs_factor = not FACTOR_ROLES.isdisjoint(grant.role for grant in held)
    return SignedIn(actor, first.has_factor, needs_factor and not first.has_factor, first.password_given)


def client_actor(token: str, *, now: datetime, address: str | None = None) -> Actor | None:
    """Return the program that a token belongs to, or None when there is none or it was revoked."""
    rows = run(_CLIENT, {"hash": token_hash(token), "now": now})
    if not rows:
        return None
    row = rows[0]
    grants = client_grants(row.permissions, row.store_ids)
    return Actor(kind="client", id=row.id, name=row.name, grants=grants, address=address)
