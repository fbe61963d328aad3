"""Accounts for programs, as a personnel system opens and shuts them.

Roles, passwords of others and second factors are for people on pages: they ask for a fresh second factor, which no
program has.
"""

from typing import Any

from flask import request

from loyalty.kernel.paging import Page, decode_cursor, encode_cursor, page_size
from loyalty.kernel.sessions import SessionRow, open_sessions
from loyalty.staff import queries, service
from loyalty.staff.queries import AccountRow
from loyalty.staff.rules import FACTOR_ROLES, ROLES
from loyalty.staff.schemas import (
    AccountSchema,
    AccountsQuery,
    AccountsSchema,
    NewAccountSchema,
    RolesSchema,
    SessionsSchema,
)
from loyalty.web.api import ApiBlueprint, answer_once
from loyalty.web.guards import guard
from loyalty.web.requests import current_actor, request_now

PERMISSION = "accounts.manage"

operations = ApiBlueprint(
    "accounts",
    __name__,
    url_prefix="/accounts",
    description="Who signs in to the staff pages. Roles are given on pages, by people with a second factor.",
)
roles = ApiBlueprint("roles", __name__, url_prefix="/roles", description="What each role may do")


@operations.get("")
@guard(PERMISSION)
@operations.arguments(AccountsQuery, location="query")
@operations.response(200, AccountsSchema)
def list_accounts(asked: dict[str, Any]) -> Page[AccountRow]:
    """Return the accounts by user name, with the roles that were not ended."""
    size = page_size(asked.get("limit"))
    after = decode_cursor(asked["cursor"], [str])[0] if "cursor" in asked else ""
    found = queries.accounts(after=after, limit=size + 1)
    return Page(found[:size], encode_cursor([found[size - 1].username]) if len(found) > size else None)


@operations.get("/<int:account_id>")
@guard(PERMISSION)
@operations.response(200, AccountSchema)
def show_account(account_id: int) -> AccountRow:
    """Return one account."""
    return queries.account(account_id)


@operations.post("")
@guard(PERMISSION)
@operations.takes_key
@operations.arguments(NewAccountSchema)
@operations.response(201, AccountSchema)
def create_account(asked: dict[str, Any]) -> AccountRow:
    """Open an account without any role; its person changes the password before anything else."""
    by, now = current_actor(), request_now()
    done = answer_once(
        "accounts.create",
        request.get_json(),
        lambda: {"account_id": service.create_account(**asked, given=True, now=now, by=by)},
    )
    return queries.account(done["account_id"])


@operations.post("/<int:account_id>/disable")
@guard(PERMISSION)
@operations.response(200, AccountSchema)
def disable_account(account_id: int) -> AccountRow:
    """Sign an account out and let it sign in no more; again changes nothing. The last administrator is kept."""
    service.disable(account_id, now=request_now(), by=current_actor())
    return queries.account(account_id)


@operations.post("/<int:account_id>/enable")
@guard(PERMISSION)
@operations.response(200, AccountSchema)
def enable_account(account_id: int) -> AccountRow:
    """Let a disabled account sign in again; again changes nothing."""
    service.enable(account_id, now=request_now(), by=current_actor())
    return queries.account(account_id)


@operations.get("/<int:account_id>/sessions")
@guard(PERMISSION)
@operations.response(200, SessionsSchema)
def list_sessions(account_id: int) -> dict[str, list[SessionRow]]:
    """Return where the account is signed in, the session used last first."""
    found = queries.account(account_id)
    return {"items": list(open_sessions("staff", found.id, now=request_now()))}


@operations.delete("/<int:account_id>/sessions")
@guard(PERMISSION)
@operations.response(200, SessionsSchema)
def end_sessions(account_id: int) -> dict[str, list[SessionRow]]:
    """Sign the account out wherever it is signed in, and return what is left: nothing. Again changes nothing."""
    service.end_sessions(account_id, now=request_now(), by=current_actor())
    return {"items": list(open_sessions("staff", account_id, now=request_now()))}


@roles.get("")
@guard(PERMISSION)
@roles.response(200, RolesSchema)
def list_roles() -> dict[str, list[dict[str, Any]]]:
    """Return every role with its permissions."""
    return {
        "items": [
            {"role": role, "permissions": sorted(permissions), "needs_second_factor": role in FACTOR_ROLES}
            for role, permissions in ROLES.items()
        ]
    }
