"""A program that may do everything, beside a store, rules, a customer with a vehicle, and a sale to it."""

import pytest

from loyalty.kernel.actor import SYSTEM
from loyalty.programme.service import load_file
from loyalty.staff.rules import PERMISSIONS
from loyalty.staff.service import create_api_client, create_store

VIN = "LSVAA4182E2123456"
RULES = {
    "programme": "probe",
    "versions": [
        {
            "kind": "earning",
            "effective_from": "2020-01-01",
            "body": {
                "rounding": "floor",
                "stacking": "best",
                "rules": [
                    {
                        "code": "spend",
                        "name": {"zh": "消费积分", "en": "Points for spending"},
                        "per": "amount",
                        "points": "1",
                        "each": {"minor": 100, "currency": "CNY"},
                    }
                ],
            },
        },
        {"kind": "membership", "effective_from": "2020-01-01", "body": {"enrol": "first_sale"}},
    ],
}


def sale(number="S-1", **more):
    """A service order of ¥100.00 for the vehicle, unless told otherwise."""
    return {
        "source": "core",
        "number": number,
        "kind": "service",
        "store": "CD01",
        "customer": {"number": "K-1", "name": "王建国"},
        "vehicle": {"vin": VIN, "plate": "京A12345"},
        "occurred_at": "2026-03-10T10:00:00+08:00",
        "lines": [{"number": 1, "category": "labour", "quantity": 4, "gross": {"minor": 10_000, "currency": "CNY"}}],
    } | more


class Program:
    """Calls the API with a token, in English unless told otherwise."""

    def __init__(self, client, token):
        self.client = client
        self.headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}

    def call(self, method, path, body=None, *, raw=None, key=None, language="en"):
        headers = self.headers | {"Accept-Language": language} | ({"Idempotency-Key": key} if key else {})
        if raw is not None:
            sent = {"data": raw, "content_type": "application/json"}
        else:
            sent = {} if body is None else {"json": body}
        return self.client.open("/api/v1" + path, method=method, headers=headers, **sent)


@pytest.fixture
def program(client, clock):
    create_store(code="CD01", name="城东店", zone="Asia/Shanghai", currency="CNY", now=clock.now, by=SYSTEM)
    load_file(RULES, now=clock.now, by=SYSTEM)
    _, token = create_api_client(name="probe", permissions=list(PERMISSIONS), now=clock.now, by=SYSTEM)
    made = Program(client, token)
    assert made.call("POST", "/sales", sale()).status_code == 201
    return made


@pytest.fixture
def member(program):
    """The number of the member that the sale made."""
    return program.call("GET", "/members").json["items"][0]["number"].replace(" ", "")
