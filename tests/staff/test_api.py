"""Tokens, and stores for programs."""

from datetime import timedelta

import pytest

from loyalty.kernel.actor import SYSTEM
from loyalty.staff import queries, service
from loyalty.staff.rules import ROLES, ClientNotFound


@pytest.fixture
def token_of(db_session, clock):
    """Return a function that makes a token."""
    made = iter(range(1000))

    def make(*permissions, stores=None):
        _, token = service.create_api_client(
            name=f"client {next(made)}", permissions=permissions, store_ids=stores, now=clock.now, by=SYSTEM
        )
        return {"Authorization": f"Bearer {token}"}

    return make


def test_a_token_sees_its_stores(client, token_of, store, far_store):
    here, everywhere = token_of("sales.read", stores=[store]), token_of("sales.read")

    answer = client.get("/api/v1/stores", headers=here)

    assert answer.status_code == 200
    assert answer.json == {"items": [{"code": "CD01", "name": "城东店", "zone": "Asia/Shanghai", "currency": "CNY"}]}
    assert len(client.get("/api/v1/stores", headers=everywhere).json["items"]) == 2


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": "Basic abc"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer 令牌".encode().decode("latin-1")},
    ],
)
def test_without_a_token_that_opens_there_is_401_in_our_body(client, db_session, headers):
    answer = client.get("/api/v1/stores", headers=headers)

    assert (answer.status_code, answer.json["code"]) == (401, "not_signed_in")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_revoked_token_is_401_with_the_next_request(client, clock, db_session):
    client_id, token = service.create_api_client(name="core", permissions=["sales.read"], now=clock.now, by=SYSTEM)
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/v1/stores", headers=headers).status_code == 200

    service.revoke_client(client_id, now=clock.now, by=SYSTEM)

    assert client.get("/api/v1/stores", headers=headers).status_code == 401


def test_a_session_of_the_pages_opens_no_api(administrator):
    assert administrator.get("/api/v1/stores").status_code == 401


NEW = {"username": "chen.ke", "name": "陈可", "password": "kettle orbit tram"}


def test_a_program_opens_an_account_once_for_its_key(client, token_of):
    token = {**token_of("accounts.manage"), "Idempotency-Key": "hire-1"}

    first = client.post("/api/v1/accounts", json=NEW, headers=token)
    again = client.post("/api/v1/accounts", json=NEW, headers=token)
    other = client.post("/api/v1/accounts", json=NEW, headers={**token, "Idempotency-Key": "hire-2"})

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    assert first.json | {"id": 0} == {
        "id": 0,
        "username": "chen.ke",
        "name": "陈可",
        "email": None,
        "active": True,
        "has_second_factor": False,
        "roles": [],
    }
    assert (other.status_code, other.json["code"]) == (409, "staff.username_taken")
    assert queries.account(first.json["id"]).password_given


@pytest.mark.parametrize(
    "body",
    [{**NEW, "password": "short"}, {**NEW, "username": "x"}, {**NEW, "role": "administrator"}, {"username": "chen.ke"}],
)
def test_an_account_that_cannot_be_is_malformed(client, token_of, body):
    answer = client.post("/api/v1/accounts", json=body, headers=token_of("accounts.manage"))

    assert answer.status_code == 422
    assert "password" not in answer.text or "short" not in answer.text
    assert queries.accounts() == []


def test_accounts_come_by_cursor_with_their_roles(client, token_of, make_account, store):
    for username, role in (("a1", "manager"), ("a2", "care_agent"), ("a3", None)):
        make_account(username, role, store=store)
    token = token_of("accounts.manage")

    first = client.get("/api/v1/accounts?limit=2", headers=token).json
    second = client.get(f"/api/v1/accounts?limit=2&cursor={first['next_cursor']}", headers=token).json

    assert [one["username"] for one in first["items"] + second["items"]] == ["a1", "a2", "a3"]
    assert second["next_cursor"] is None
    assert first["items"][0]["roles"] == [
        {"role": "manager", "store": "城东店", "from_day": "2026-01-01", "to_day": None}
    ]
    assert [one["has_second_factor"] for one in first["items"]] == [True, False]


def test_a_program_shuts_an_account_and_opens_it_again(client, token_of, make_account, browser_of):
    account_id, token = make_account("lin.yue"), token_of("accounts.manage")
    person = browser_of()
    person.sign_in("lin.yue")
    address = f"/api/v1/accounts/{account_id}"
    assert len(client.get(f"{address}/sessions", headers=token).json["items"]) == 1

    assert client.post(f"{address}/disable", headers=token).json["active"] is False
    assert person.get("/staff/me").status_code == 303
    assert client.get(f"{address}/sessions", headers=token).json == {"items": []}
    assert client.post(f"{address}/enable", headers=token).json["active"] is True


def test_a_program_signs_an_account_out(client, token_of, make_account, browser_of):
    account_id, token = make_account("lin.yue"), token_of("accounts.manage")
    person = browser_of()
    person.sign_in("lin.yue")

    assert client.delete(f"/api/v1/accounts/{account_id}/sessions", headers=token).json == {"items": []}

    assert person.get("/staff/me").status_code == 303


def test_the_last_administrator_is_kept_from_programs_too(client, token_of, make_account):
    account_id = make_account("admin", "administrator")

    answer = client.post(f"/api/v1/accounts/{account_id}/disable", headers=token_of("accounts.manage"))

    assert (answer.status_code, answer.json["code"]) == (409, "staff.last_administrator")


def test_roles_are_told_with_their_permissions(client, token_of):
    told = {one["role"]: one for one in client.get("/api/v1/roles", headers=token_of("accounts.manage")).json["items"]}

    assert set(told) == set(ROLES)
    assert told["front_desk"]["needs_second_factor"] is False
    assert set(told["manager"]["permissions"]) == ROLES["manager"]


@pytest.mark.parametrize("address", ["/api/v1/accounts", "/api/v1/accounts/1", "/api/v1/roles"])
def test_accounts_are_for_tokens_that_manage_them(client, token_of, address):
    assert client.get(address, headers=token_of("sales.read")).status_code == 403


def test_while_a_token_is_replaced_both_open_and_then_the_new_one_alone(client, db_session, clock):
    client_id, old = service.create_api_client(name="core", permissions=["sales.read"], now=clock.now, by=SYSTEM)
    new = service.rotate_client(client_id, grace=timedelta(days=1), now=clock.now, by=SYSTEM)

    def opens(token):
        return client.get("/api/v1/stores", headers={"Authorization": f"Bearer {token}"}).status_code == 200

    clock.advance(days=1, seconds=-1)
    assert (opens(old), opens(new)) == (True, True)
    clock.advance(seconds=1)
    assert (opens(old), opens(new)) == (False, True)


def test_a_token_that_leaked_ends_at_once(client, db_session, clock):
    client_id, old = service.create_api_client(name="core", permissions=["sales.read"], now=clock.now, by=SYSTEM)
    service.rotate_client(client_id, grace=timedelta(0), now=clock.now, by=SYSTEM)

    assert client.get("/api/v1/stores", headers={"Authorization": f"Bearer {old}"}).status_code == 401


def test_a_revoked_program_gets_no_new_token(db_session, clock):
    client_id, _ = service.create_api_client(name="core", permissions=["sales.read"], now=clock.now, by=SYSTEM)
    service.revoke_client(client_id, now=clock.now, by=SYSTEM)

    with pytest.raises(ClientNotFound):
        service.rotate_client(client_id, grace=timedelta(0), now=clock.now, by=SYSTEM)


def test_the_last_use_of_a_token_is_told_to_ten_minutes(client, token_of, clock, monkeypatch):
    monkeypatch.setattr("loyalty.staff.sign_in._noted", {})  # other databases of the run have clients of the same ids
    token = token_of("sales.read")

    def last_used():
        (row,) = queries.clients()
        return row.last_used_at

    assert last_used() is None
    client.get("/api/v1/stores", headers=token)
    first = last_used()
    clock.advance(minutes=9)
    client.get("/api/v1/stores", headers=token)
    assert last_used() == first == clock.now - timedelta(minutes=9)
    clock.advance(minutes=1)
    client.get("/api/v1/stores", headers=token)
    assert last_used() == clock.now
