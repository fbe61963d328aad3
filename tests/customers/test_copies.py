"""The copy of everything about a person is whole, and cannot be forgotten by a later feature."""

import json

import pytest
from sqlalchemy import text

from loyalty import personal_data
from loyalty.customers import queries, service
from loyalty.kernel.actor import EVERYTHING, SYSTEM, Actor
from loyalty.kernel.db import Base, db
from tests.sales.conftest import a_line, a_sale

NAMES = ("customers.read", "customers.edit", "customers.copy", "customers.erase")
MARKS = ("customer_id", "about_customer_id", "holder_id")


@pytest.fixture
def manager(client, acting, store, app, clock, monkeypatch):
    """A manager who has just proved who she is."""
    acting(Actor(kind="staff", id=1, name="林悦", grants=dict.fromkeys(NAMES, frozenset({store}))))
    monkeypatch.setitem(app.extensions, "loyalty.proof", lambda: clock.now)
    return client


def untold(tables, parts=personal_data.PARTS, left_out=personal_data.NOT_IN_COPY):
    """Return the tables that name a customer and are neither in the copy nor left out for a reason."""
    told = {table for part in parts for table in part.tables} | set(left_out)
    return {table.name for table in tables if any(mark in table.columns for mark in MARKS)} - told


def test_every_table_that_names_a_customer_is_in_the_copy_or_has_its_reason():
    assert untold(Base.metadata.tables.values()) == set()


def test_a_forgotten_table_is_found():
    fewer = [part for part in personal_data.PARTS if part.name != "timeline"]

    assert untold(Base.metadata.tables.values(), parts=fewer) == {"timeline_rows"}


def test_reasons_are_given_for_tables_that_exist():
    named = set(personal_data.NOT_IN_COPY) | {table for part in personal_data.PARTS for table in part.tables}

    assert named <= set(Base.metadata.tables)
    assert all(personal_data.NOT_IN_COPY.values())


def test_the_copy_holds_what_is_known_and_what_was_merged(kept, gone, clock):
    service.add_note(kept, "喜欢周末来", scope=EVERYTHING, now=clock.now, by=SYSTEM)
    service.merge_customers(kept, gone, {}, scope=EVERYTHING, now=clock.now, by=SYSTEM)

    copy = queries.copy_of(kept)

    assert {row["value"] for row in copy["identifiers"]} >= {"+8613812345678", "+8613900000001", "K-1", "K-2"}
    assert {row["number"] for row in copy["sales"]} == {"A-1", "B-0", "B-1", "B-2", "B-3"}
    assert sum(row["remaining"] for row in copy["lots"] if row["unit"] == "points") == 14_000
    assert len(copy["vehicles"]) == 2
    assert any(row["numbers"].get("note") == "喜欢周末来" for row in copy["timeline"])
    assert [row["state"] for row in copy["requests"]] == ["merged"]


def test_the_copy_of_one_holds_nothing_of_another(kept, gone):
    told = json.dumps(queries.copy_of(kept), default=str)

    assert "K-2" not in told
    assert "13900000001" not in told


def test_staff_hand_it_out_as_a_page_and_as_a_file_and_that_is_written_down(manager, kept):
    page = manager.post(f"/staff/customers/{kept}/data/print")
    file = manager.post(f"/staff/customers/{kept}/data/file")

    assert "+8613812345678" in page.text
    assert "A-1" in page.text
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert json.loads(file.text)["person"][0]["number"] == f"C-{kept:07d}"
    taken = text("SELECT count(*) FROM audit_rows WHERE action = 'customer.copied' AND about_customer_id = :at")
    assert db.session.scalar(taken, {"at": kept}) == 2


def test_it_asks_for_a_fresh_proof(manager, kept, app, monkeypatch):
    monkeypatch.setitem(app.extensions, "loyalty.proof", lambda: None)

    assert "K-1" not in manager.post(f"/staff/customers/{kept}/data/file", follow_redirects=False).text


def test_programs_take_it_too(manager, kept):
    parts = manager.post(f"/api/v1/customers/C-{kept:07d}/copy").json["parts"]

    assert set(parts) == {part.name for part in personal_data.PARTS}
    assert parts["membership"][0]["state"] == "active"


def test_somebody_of_a_far_store_is_like_a_missing_one(manager, rules, sell, make_customer, far_store):
    far = make_customer("李雷", home=far_store)

    answers = [manager.post(f"/staff/customers/{at}/data/file").status_code for at in (far, 999_999)]

    assert answers == [404, 404]


def test_two_steps_on_the_pages_and_the_effect_in_numbers(manager, sell, rules):
    at = sell(a_sale("S-1", a_line(gross=100_000), customer="K-9", phone="13812345678"))
    place = f"/staff/customers/{at}"

    early = manager.post(f"{place}/erasure/done")
    manager.post(f"{place}/erasure")
    listed = manager.get("/staff/erasures").text
    check = manager.post(f"{place}/erasure/check").text
    done = manager.post(f"{place}/erasure/done")

    assert early.status_code == 404
    assert "王建国" in listed
    assert "1,000" in check
    assert done.location == "/staff/erasures"
    assert "13812345678" not in manager.get(place).text
    assert "C-" in manager.get(place).text


def test_programs_ask_check_and_erase(manager, make_customer):
    at = make_customer("王建国", "13812345678")
    place = f"/api/v1/customers/C-{at:07d}/erasure"

    assert manager.get(place).json["waiting"] is False
    assert manager.post(f"{place}/done", json={}).json["code"] == "customers.erasure_not_found"
    assert manager.put(place).json["waiting"] is True
    assert manager.put(place).status_code == 409
    tried = manager.post(f"{place}/done", json={"dry_run": True})
    done = manager.post(f"{place}/done", json={})

    assert tried.json == done.json
    assert manager.get(f"/api/v1/customers/C-{at:07d}").json["name"] is None


def test_a_request_can_be_withdrawn_by_programs(manager, make_customer):
    at = make_customer("王建国")
    place = f"/api/v1/customers/C-{at:07d}/erasure"
    manager.put(place)

    assert manager.delete(place).json["waiting"] is False
    assert manager.delete(place).status_code == 404
