"""Tokens, and stores for programs."""

import pytest

from loyalty.kernel.actor import SYSTEM
from loyalty.staff import service


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
