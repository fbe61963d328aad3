"""Files of sales by the API: what the page does, for programs."""

import base64
import os
from pathlib import Path

import pytest
from sqlalchemy import func, select

from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.db import db
from loyalty.sales.models import Sale
from loyalty.sales.service import carry_out, uploads_folder
from loyalty.staff.service import create_api_client

FILE = "单号,客户,日期,金额\nS-1,K-1,2026-03-01,100.00\nS-2,K-2,2026-02-29,50.00\nS-3,K-1,2026-03-02,70.50\n"
MAPPING = {
    "source": "dms",
    "columns": {
        "number": "单号",
        "customer_no": "客户",
        "date": "日期",
        "amount": "金额",
        "store": {"value": "CD01"},
        "currency": {"value": "CNY"},
        "kind": {"value": "service"},
    },
}


@pytest.fixture
def folder():
    return uploads_folder(Path(os.environ["LOYALTY_DATA"]))


@pytest.fixture
def call(client, store, clock):
    """Call the API as a program that may import."""
    _, token = create_api_client(name="dms", permissions=["sales.import", "sales.write"], now=clock.now, by=SYSTEM)

    def called(method, path, body=None, *, key=None, language="en"):
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": language}
        headers |= {"Idempotency-Key": key} if key else {}
        return client.open(f"/api/v1{path}", method=method, json=body, headers=headers)

    return called


def handed_in(text=FILE, **more):
    body = {"file_name": "march.csv", "content": base64.b64encode(text.encode()).decode(), "mapping": MAPPING}
    return {**body, **more}


def carried_out(run_id, folder, clock):
    return carry_out(run_id, folder=folder, most_bytes=10_000_000, now=clock.now)


def sales():
    return db.session.scalar(select(func.count()).select_from(Sale))


def test_a_file_is_handed_in_read_by_a_worker_and_asked_after(call, folder, clock):
    begun = call("POST", "/imports", handed_in())
    assert (begun.status_code, begun.json["state"], begun.json["rows_done"]) == (202, "due", 0)

    carried_out(begun.json["id"], folder, clock)
    done = call("GET", f"/imports/{begun.json['id']}").json
    rejected = call("GET", f"/imports/{begun.json['id']}/rejected", language="zh").json

    assert (done["state"], done["rows_done"], done["counts"]["sales"]["created"]) == ("done", 4, 2)
    assert [(one["row"], one["sale_number"], one["column"], one["value"]) for one in rejected["items"]] == [
        (3, "S-2", "日期", "2026-02-29")
    ]
    assert "2026-02-29" in rejected["items"][0]["reason"]
    assert rejected["next_cursor"] is None
    assert call("GET", "/imports").json["items"][0]["id"] == begun.json["id"]
    assert sales() == 2


def test_a_file_may_be_checked_first_and_imported_then(call, folder, clock):
    run_id = call("POST", "/imports", handed_in(dry_run=True)).json["id"]
    carried_out(run_id, folder, clock)
    checked = call("GET", f"/imports/{run_id}").json
    assert (checked["state"], checked["dry_run"], checked["counts"]["sales"]["created"], sales()) == (
        "done",
        True,
        2,
        0,
    )

    again = call("POST", f"/imports/{run_id}:run")
    carried_out(run_id, folder, clock)

    assert (again.status_code, again.json["state"]) == (202, "due")
    assert sales() == 2


def test_the_same_key_hands_the_file_in_once(call, folder):
    first = call("POST", "/imports", handed_in(), key="march")
    before = len(list(folder.iterdir()))
    again = call("POST", "/imports", handed_in(), key="march")
    other = call("POST", "/imports", handed_in(FILE + "S-4,K-1,2026-03-03,1.00\n"), key="march")

    assert again.json == first.json
    assert (other.status_code, other.json["code"]) == (422, "key_reused")
    assert len(list(folder.iterdir())) == before
    assert len(call("GET", "/imports").json["items"]) == 1


def test_a_mapping_is_saved_and_named(call):
    saved = call("PUT", "/import-mappings/March", MAPPING)
    named = call("POST", "/imports", {**handed_in(), "mapping": None, "mapping_name": "March"})

    assert saved.status_code == 200
    assert [one["name"] for one in call("GET", "/import-mappings").json["items"]] == ["March"]
    assert (named.status_code, named.json["mapping_name"]) == (202, "March")


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"content": "not base64!"}, "content"),
        ({"content": ""}, None),
        ({"mapping": None}, "mapping"),
        ({"mapping_name": "March"}, "mapping"),
        ({"mapping": None, "mapping_name": "nobody's"}, "mapping_name"),
        ({"mapping": {**MAPPING, "columns": {**MAPPING["columns"], "amount": "nowhere"}}}, "columns.amount"),
        ({"dry_run": "yes"}, "dry_run"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_read_is_named_and_nothing_is_kept(call, folder, changes, place):
    before = sorted(folder.iterdir()) if folder.exists() else []

    answer = call("POST", "/imports", handed_in(**changes))

    assert answer.status_code == (422 if place else 409), answer.json
    if place:
        assert place in answer.json["details"]["errors"]
    assert (sorted(folder.iterdir()) if folder.exists() else []) == before
    assert call("GET", "/imports").json["items"] == []


def test_a_larger_file_is_told_where_to_go(call):
    answer = call("POST", "/imports", handed_in("x" * (10 * 1024 * 1024 + 1)))

    assert answer.status_code == 422
    assert "10 MB" in answer.json["details"]["errors"]["content"][0]


def test_an_import_is_stopped_and_another_program_sees_nothing_of_it(call, client, clock):
    run_id = call("POST", "/imports", handed_in()).json["id"]
    _, other = create_api_client(name="other", permissions=["sales.read"], now=clock.now, by=SYSTEM)

    stopped = call("POST", f"/imports/{run_id}:stop")
    refused = client.get(f"/api/v1/imports/{run_id}", headers={"Authorization": f"Bearer {other}"})

    assert stopped.json["state"] == "stopped"
    assert refused.status_code == 403
    assert call("GET", "/imports/999999").status_code == 404
