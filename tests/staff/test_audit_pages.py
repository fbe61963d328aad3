"""The audit trail for people: filtered by the address, one row in words, and as a file that computes nothing."""

import csv
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
import python_calamine
from sqlalchemy import text

from loyalty.kernel.actor import SYSTEM, Actor
from loyalty.kernel.db import db
from loyalty.staff.service import AuditEntry, create_store, record_audit
from loyalty.staff.service.chain import extend_chain

ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def reader(app, client, store, monkeypatch):
    """Return a function that lets requests come from somebody with these permissions in the first store, or in all."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)

    def act(*permissions, everywhere=True, fresh=True):
        where = None if everywhere else frozenset({store})
        actor = Actor("staff", 1, "林悦", dict.fromkeys(permissions, where))
        monkeypatch.setitem(app.extensions, "loyalty.actor_loaders", {"/staff": lambda: actor})
        proved = app.extensions["loyalty.clock"]() if fresh else None
        monkeypatch.setitem(app.extensions, "loyalty.proof", lambda: proved)
        return client

    return act


@pytest.fixture
def row(clock, store):
    """Write one row and give its id."""

    def written(action="store.changed", *, at=None, by=SYSTEM, subject_id=7, **more):
        entry = AuditEntry(action, "store", subject_id, by, at or clock.now, **{"store_id": store, **more})
        record_audit([entry])
        return last_id()

    return written


def last_id():
    return db.session.scalar(text("SELECT max(id) FROM audit_rows"))


def listed(answer):
    """The ids of the rows that a page lists."""
    return [int(part.split('"')[0]) for part in answer.text.split('href="/staff/audit/')[1:] if part[0].isdigit()]


def test_each_filter_of_the_address_narrows_the_list(reader, row, clock, store):
    yesterday = clock.now - timedelta(days=1)
    far = create_store(code="CX01", name="城西店", now=clock.now, by=SYSTEM)
    one = row(by=Actor("staff", 5, "王芳", {}), customer_id=42, at=yesterday)
    two = row("store.created", subject_id=987654, store_id=far)
    desk = reader("audit.read")

    found = {query: listed(desk.get(f"/staff/audit?{query}")) for query in (
        "actor=王芳", "action=store.created&subject_id=987654", "customer_id=42", f"store_id={far}", "until=2026-03-11",
        "since=2026-03-12&subject=store&subject_id=987654")}  # fmt: skip

    assert found["actor=王芳"] == found["customer_id=42"] == found["until=2026-03-11"] == [one]
    assert found["action=store.created&subject_id=987654"] == [two]
    assert two in found[f"store_id={far}"]
    assert one not in found[f"store_id={far}"]
    assert found["since=2026-03-12&subject=store&subject_id=987654"] == [two]


def test_a_filter_that_is_no_filter_is_told_at_its_field(reader):
    answer = reader("audit.read").get("/staff/audit?customer_id=x&since=2026-02-30")

    assert answer.status_code == 422


def test_pages_follow_by_key_and_keep_the_filter(reader, row):
    written = [row(subject_id=5) for _ in range(60)]
    desk = reader("audit.read")

    first = desk.get("/staff/audit?subject=store&subject_id=5")
    following = first.text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = desk.get(following)

    assert "subject_id=5" in following
    assert listed(first) + listed(second) == written[::-1]


def test_a_row_is_told_in_words(reader, row, store, clock):
    at = row(
        before={"role": "manager", "store_id": store, "works": True, "odd_name": None},
        after={"role": "finance", "gross_minor": 123456, "currency": "CNY", "permissions": ["sales.read"]},
    )

    page = reader("audit.read", "sales.read").get(f"/staff/audit/{at}", headers=ENGLISH)

    for told in ("Manager", "Finance", "城东店", "Workday", "Yes", "odd name", "¥1,234.56", "See sales", "Waiting"):
        assert told in page.text, told
    assert "gross_minor" not in page.text
    extend_chain(now=clock.now)
    assert "Link " in reader("audit.read").get(f"/staff/audit/{at}", headers=ENGLISH).text


def test_what_is_written_in_a_row_is_shown_and_never_run(reader, row):
    at = row(after={"name": "<script>alert(1)</script>"})

    page = reader("audit.read").get(f"/staff/audit/{at}")

    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert" in page.text


def test_a_row_of_another_store_is_not_there(reader, row, clock):
    far = create_store(code="CX01", name="城西店", now=clock.now, by=SYSTEM)
    foreign, own = row(store_id=far), row()
    desk = reader("audit.read", everywhere=False)

    assert desk.get(f"/staff/audit/{own}").status_code == 200
    assert desk.get(f"/staff/audit/{foreign}").status_code == desk.get("/staff/audit/999999").status_code == 404


def test_the_sheet_and_the_file_have_exactly_the_filter_and_compute_nothing(reader, row):
    at = row(subject_id=5, by=Actor("staff", 5, "=1+1", {}), after={"name": "@SUM(A1)"})
    row(subject_id=6)
    desk = reader("audit.read", "exports.run")

    sheet = desk.get("/staff/audit/export.xlsx?subject=store&subject_id=5")
    file = desk.get("/staff/audit/export.csv?subject=store&subject_id=5")

    cells = python_calamine.CalamineWorkbook.from_filelike(BytesIO(sheet.data)).get_sheet_by_index(0).to_python()
    lines = list(csv.reader(StringIO(file.data.decode("utf-8-sig"))))
    assert [line[0] for line in cells[1:]] == [at]
    assert [line[0] for line in lines[1:]] == [str(at)]
    assert cells[1][2] == lines[1][2] == "'=1+1"


def test_a_list_that_left_the_house_is_a_row_of_the_trail(reader, row):
    row()
    desk = reader("audit.read", "exports.run")

    desk.get("/staff/audit/export.csv?subject=store")

    assert "list.exported" in str(exported_actions())


def exported_actions():
    return db.session.scalars(text("SELECT action FROM audit_rows ORDER BY id DESC LIMIT 1")).all()


def test_without_the_permission_or_a_fresh_proof_nothing_leaves(reader, row):
    row()

    assert reader("audit.read").get("/staff/audit/export.csv").status_code == 403
    assert reader("exports.run").get("/staff/audit/export.csv").status_code == 403
    stale = reader("audit.read", "exports.run", fresh=False).get("/staff/audit/export.xlsx")
    assert (stale.status_code, "/staff/confirm" in stale.location) == (303, True)


def test_exports_of_all_lists_together_have_their_limit(reader):
    desk = reader("audit.read", "exports.run", "approvals.read")

    statuses = [desk.get(f"/staff/audit/export.{kind}").status_code for kind in ("xlsx", "csv") for _ in range(15)]
    refused = desk.get("/staff/audit/export.csv")

    assert set(statuses) == {200}
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 3600 + 1  # rounded up
