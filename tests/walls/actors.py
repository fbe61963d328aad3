"""Who asks: each role in the eastern store, three of them in all stores, programs, an owner, and nobody."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text

from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.crypto import new_token, token_hash
from loyalty.kernel.db import db
from loyalty.staff.rules import FACTOR_ROLES, GROUP_WIDE, PERMISSIONS, ROLES
from loyalty.staff.service import assign, create_account, create_api_client
from tests.fixtures.second_factor import give_factor
from tests.walls.row import OPEN, OWNER, SIGNED_IN, Row

STAFF, CLIENT, PERSON, NOBODY = "staff", "client", "owner", "nobody"
IN_A_STORE = tuple(name for name in PERMISSIONS if name not in GROUP_WIDE)
EVERYWHERE = ("administrator", "manager", "auditor")


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody who sends requests: of a kind, with permissions, in the eastern store or `everywhere`."""

    name: str
    kind: str
    permissions: frozenset[str] = frozenset()
    everywhere: bool = False
    cookie: str = ""
    token: str = ""

    def known_at(self, path: str) -> bool:
        """Return whether requests to that part of the site come from somebody known."""
        part = CLIENT if path.startswith("/api/") else PERSON if path.startswith("/my") else STAFF
        return self.kind == part

    def may(self, row: Row) -> bool:
        """Return whether the row lets in whoever is known."""
        if row.needs == OPEN:
            return True
        if row.needs == OWNER:
            return self.kind == PERSON
        if row.needs == SIGNED_IN:
            return self.kind in {STAFF, CLIENT}
        if row.also and row.also not in self.permissions:
            return False
        return row.needs in self.permissions and (self.everywhere or row.needs not in GROUP_WIDE)

    def sees(self, which: str) -> bool:
        """Return whether that target lies within what the asker may see."""
        return which == "own" or (which == "foreign" and self.everywhere)

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


def seed_askers(east: int, owner_id: int, now) -> Sequence[Asker]:
    """Open accounts, sessions and tokens; return who can ask."""
    askers: list[Asker] = [_staff(role, role, east, now) for role in ROLES]
    askers += [_staff(f"{role} of all stores", role, None, now) for role in EVERYWHERE]
    askers += [_client("program", IN_A_STORE, east, now), _client("program of all stores", PERMISSIONS, None, now)]
    cookie = _session("owner", owner_id, {}, now)
    return (*askers, Asker("owner", PERSON, cookie=cookie), Asker("nobody", NOBODY))


def program_without(permission: str, east: int, now) -> Asker:
    """Return a program that may do everything but that one thing, in the eastern store if it is a thing of stores."""
    where, names = (None, PERMISSIONS) if permission in GROUP_WIDE else (east, IN_A_STORE)
    return _client(f"program without {permission}", [name for name in names if name != permission], where, now)


def program_of(role: str, east: int, now) -> Asker:
    """Return a program with the permissions of a role, in the eastern store unless the role is one of all stores."""
    return _client(f"program of {role}", sorted(ROLES[role]), None if role in EVERYWHERE else east, now)


def _staff(name: str, role: str, store: int | None, now) -> Asker:
    username = name.replace(" ", "-")
    account = create_account(username=username, name=f"{name} 员", password="a long passphrase", now=now, by=SYSTEM)
    assign(account, role, store_id=store, from_day=date(2026, 1, 1), now=now, by=SYSTEM)
    uniquifier = db.session.execute(
        text("SELECT fs_uniquifier FROM staff_accounts WHERE id = :id"), {"id": account}
    ).scalar_one()
    if role in FACTOR_ROLES:
        give_factor(account, now)
    cookie = _session("staff", account, {"_user_id": uniquifier}, now)
    return Asker(name, STAFF, ROLES[role], store is None, cookie=cookie)


def _client(name: str, permissions: Sequence[str], store: int | None, now) -> Asker:
    stores = None if store is None else [store]
    answers = db.session.execute(text("SELECT min(id) FROM staff_accounts")).scalar_one()
    _, token = create_api_client(
        name=name, permissions=permissions, store_ids=stores, owner_id=answers, now=now, by=SYSTEM
    )
    return Asker(name, CLIENT, frozenset(permissions), store is None, token=token)


def _session(kind: str, subject: int, data: Mapping[str, Any], now) -> str:
    """Write a session as a sign-in leaves it, and return its cookie."""
    token = new_token()
    db.session.execute(
        text("""
            INSERT INTO web_sessions
                (id_hash, kind, subject_id, data, agent, address, created_at, seen_at, proved_at, proof)
            VALUES (:id_hash, :kind, :subject, CAST(:data AS jsonb), '', '-', :now, :now, :now, 'code')
        """),
        {"id_hash": token_hash(token), "kind": kind, "subject": subject, "data": json.dumps(data), "now": now},
    )
    return token
