"""Customers and vehicles for programs."""

import pytest
from sqlalchemy import func, select

from loyalty.customers.models import Customer
from loyalty.customers.schemas import CustomersSchema, HitSchema
from loyalty.kernel.db import db

VIN = "LSVAA4182E2123456"
BODY = {
    "source": "core",
    "external_number": "K-1",
    "name": "王建国",
    "store": "CD01",
    "birthday": "1980-02-29",
    "identifiers": [{"kind": "phone", "value": "138 1234 5678"}],
}


@pytest.fixture
def program(desk):
    return desk


def count(model=Customer):
    return db.session.scalar(select(func.count()).select_from(model))


def test_a_customer_is_created_once_for_its_external_number(program, store):
    first = program.post("/api/v1/customers", json=BODY)
    again = program.post("/api/v1/customers", json=BODY)
    other = program.post("/api/v1/customers", json={**BODY, "name": "王建军"})

    assert first.status_code == again.status_code == 201
    assert first.json == again.json
    assert first.json["identifiers"] == [{"kind": "phone", "masked": "138****5678"}]
    assert (other.status_code, other.json["code"]) == (409, "customers.number_taken")
    assert count() == 1


def test_an_idempotency_key_gives_one_customer_and_refuses_another_body(program, store):
    body = {"name": "王建国", "store": "CD01"}
    key = {"Idempotency-Key": "a1"}

    first = program.post("/api/v1/customers", json=body, headers=key)
    again = program.post("/api/v1/customers", json=body, headers=key)
    other = program.post("/api/v1/customers", json={**body, "name": "李雷"}, headers=key)

    assert first.json["number"] == again.json["number"]
    assert (other.status_code, other.json["code"]) == (422, "key_reused")
    assert count() == 1


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"surprise": 1}, "surprise"),
        ({"name": ""}, "name"),
        ({"store": "XX"}, "store"),
        ({"birthday": "2026-02-29"}, "birthday"),
        ({"birthday": "2999-01-01"}, "birthday"),
        ({"kind": "robot"}, "kind"),
        ({"lunar": "yes"}, "lunar"),
        ({"identifiers": [{"kind": "phone", "value": "１２"}]}, "phone"),
        ({"external_number": "K-2", "source": "\n"}, "source"),
    ],
)
def test_what_is_malformed_is_told_by_its_field_and_nothing_is_written(program, store, change, place):
    answer = program.post("/api/v1/customers", json={**BODY, **change})

    assert (answer.status_code, answer.json["code"]) == (422, "malformed")
    assert place in str(answer.json["details"])
    assert count() == 0


def test_a_store_outside_the_token_is_like_a_missing_one(program, store, far_store):
    answer = program.post("/api/v1/customers", json={**BODY, "store": "CX01"})

    assert (answer.status_code, count()) == (422, 0)


def test_customers_are_read_searched_and_changed(program, make_customer, far_store):
    at = make_customer(phone="13812345678")
    make_customer("周迅", home=far_store)
    number = f"C-{at:07d}"

    changed = program.patch(f"/api/v1/customers/{number}", json={"name": "王建军", "gender": "male"})
    found = program.get("/api/v1/customers?q=wjj").json["items"]
    listed = program.get("/api/v1/customers").json["items"]

    assert (changed.status_code, changed.json["name"]) == (200, "王建军")
    assert [one["number"] for one in found] == [one["number"] for one in listed] == [number]
    told = {"dry_run": False, "effects": []}
    assert program.get(f"/api/v1/customers/{number}").json | told == changed.json


@pytest.mark.parametrize("number", ["C-9999999", "nobody", "C-１２"])
def test_a_missing_and_a_foreign_customer_are_the_same(program, make_customer, far_store, number):
    foreign = f"C-{make_customer(home=far_store):07d}"

    answers = [program.get(f"/api/v1/customers/{one}") for one in (number, foreign)]

    assert [(one.status_code, one.json["code"]) for one in answers] == [(404, "customers.not_found")] * 2


def test_consents_are_recorded_and_read(program, make_customer):
    address = f"/api/v1/customers/C-{make_customer():07d}/consents"
    said = [{"purpose": "marketing", "channel": "sms", "granted": True, "text_version": "2026-11"}]

    answer = program.post(address, json={"consents": said})
    wrong = program.post(address, json={"consents": [{"purpose": "privacy", "channel": "sms", "granted": True}]})
    tomorrow = program.post(
        address, json={"consents": [{**said[0], "granted": False, "at": "2026-03-13T12:00:00+08:00"}]}
    )

    assert answer.status_code == 200
    assert [(one["channel"], one["granted"]) for one in program.get(address).json["items"]] == [("sms", True)]
    assert [wrong.status_code, tomorrow.status_code] == [422, 422]


def test_a_vehicle_goes_from_owner_to_owner(program, make_customer):
    old, new = (f"C-{make_customer(name):07d}" for name in ("王建国", "李雷"))

    made = program.post(
        "/api/v1/vehicles", json={"vin": VIN, "owner": old, "plate": "粤A·0X12D", "since": "2026-03-01"}
    )
    again = program.post("/api/v1/vehicles", json={"vin": VIN, "owner": new})
    wrong = program.post("/api/v1/vehicles", json={"vin": VIN.replace("2", "Q"), "owner": new})
    moved = program.put(f"/api/v1/vehicles/{VIN}/owner", json={"owner": new, "since": "2026-03-10"})

    assert (made.status_code, made.json["plate"], made.json["check_digit_fits"]) == (201, "粤A0X12D", False)
    assert (again.status_code, again.json["code"]) == (409, "customers.vin_taken")
    assert (wrong.status_code, list(wrong.json["details"]["errors"])) == (422, ["vin"])
    assert [(one["customer"], one["until"]) for one in moved.json["holders"]] == [(new, None), (old, "2026-03-10")]


def test_mileage_is_a_whole_number_that_goes_upward(program, make_customer):
    program.post("/api/v1/vehicles", json={"vin": VIN, "owner": f"C-{make_customer():07d}"})
    address = f"/api/v1/vehicles/{VIN}/readings"

    answers = [
        program.post(address, json={"km": km, "day": day, **more})
        for km, day, more in [
            (5_000, "2026-03-10", {}),
            (4_000, "2026-03-11", {}),
            (True, "2026-03-11", {}),
            (4_000.5, "2026-03-11", {}),
            (4_000, "0001-01-01", {}),
            (4_000, "2026-03-12", {"reason": "抄错了"}),
        ]
    ]

    assert [one.status_code for one in answers] == [201, 409, 422, 422, 422, 201]
    assert [one["km"] for one in program.get(address).json["items"]] == [4_000, 5_000]


def test_a_change_on_an_old_version_is_refused(program, store):
    number = program.post("/api/v1/customers", json=BODY).json["number"]
    place = f"/api/v1/customers/{number}"
    version = program.get(place).json["version"]

    first = program.patch(place, json={"gender": "male", "version": version})
    second = program.patch(place, json={"gender": "female", "version": version})

    assert first.status_code == 200
    assert (second.status_code, second.json["code"]) == (409, "customers.changed_meanwhile")
    assert program.get(place).json["gender"] == "male"


def test_programs_hold_households_and_drivers(program, store):
    numbers = [
        program.post("/api/v1/customers", json={**BODY, "external_number": number}).json["number"]
        for number in ("K-1", "K-2")
    ]
    first, second = (f"/api/v1/customers/{number}" for number in numbers)
    program.post("/api/v1/vehicles", json={"vin": VIN, "owner": numbers[0], "since": "2026-03-01"})

    begun = program.put(f"{first}/household", json={"name": "王家", "since": "2026-03-12"})
    joined = program.post(f"{first}/household/people", json={"customer": numbers[1], "since": "2026-03-12"})
    again = program.post(f"{first}/household/people", json={"customer": numbers[1], "since": "2026-03-12"})
    left = program.post(f"{second}/household/leave", json={"day": "2026-03-13"})
    driver = {"customer": numbers[1], "role": "driver", "since": "2026-03-12"}
    driving = program.post(f"/api/v1/vehicles/{VIN}/holders", json=driver)
    ended = program.post(f"/api/v1/vehicles/{VIN}/holders/{numbers[1]}/end", json={"day": "2026-03-13"})

    assert begun.json["cars"] == [{"vin": VIN, "customer": numbers[0], "role": "owner"}]
    assert [one["customer"] for one in joined.json["people"]] == numbers
    assert (again.status_code, left.status_code) == (409, 200)
    assert program.get(f"{second}/household").status_code == 404
    assert {one["role"]: one["until"] for one in driving.json["holders"]} == {"owner": None, "driver": None}
    assert {one["role"]: one["until"] for one in ended.json["holders"]} == {"owner": None, "driver": "2026-03-13"}


@pytest.mark.parametrize("query", ["", "?q=wjg", "?store=CD01&state=active&limit=1"])
def test_lists_written_by_hand_are_what_the_document_promises(program, store, query):
    number = program.post("/api/v1/customers", json=BODY).json["number"]
    car = {"vin": VIN, "plate": "粤A0X12D", "owner": number}
    assert program.post("/api/v1/vehicles", json=car).status_code == 201

    answer = program.get(f"/api/v1/customers{query}").json

    (item,) = answer["items"]
    assert CustomersSchema().dump(answer) == answer
    assert set(item) == set(HitSchema().fields)
    assert (item["number"], item["phone"], item["plates"]) == (number, "138****5678", ["粤A·0X12D"])
