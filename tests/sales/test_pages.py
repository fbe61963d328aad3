"""The staff pages of sales and imports."""

from io import BytesIO

import pytest
from sqlalchemy import func, select

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import db
from loyalty.sales.models import ColumnMapping, ImportRun, Sale
from loyalty.sales.queries import imports_due
from loyalty.sales.service import carry_out, record_refunds, uploads_folder
from loyalty.staff.models import AuditRow
from tests.sales.conftest import VIN, a_line, a_refund, a_sale, back, with_gross

CSV = "单号,客户编号,客户姓名,日期,金额\nS-1,K-1,王建国,2026-03-10,100.00\nS-2,K-2,李静,2026-03-11,\n"
COLUMNS = {
    "source": "dms",
    "column-number": "单号",
    "column-customer_no": "客户编号",
    "column-customer_name": "客户姓名",
    "column-date": "日期",
    "column-amount": "金额",
    "value-currency": "CNY",
    "value-store": "CD01",
    "value-kind": "service",
    "amount": "gross",
    "customers": "create",
}


def hand_in(desk, content, name="march.csv"):
    data = content.encode() if isinstance(content, str) else content
    return desk.post("/staff/imports/new", data={"file": (BytesIO(data), name)})


def work(app, clock):
    """Do what the worker does for each import that is due."""
    settings = app.extensions["loyalty.settings"]
    for run_id in imports_due():
        carry_out(
            run_id, folder=uploads_folder(settings.data_dir), most_bytes=settings.upload_limit_bytes, now=clock.now
        )


def sales():
    return db.session.scalar(select(func.count()).select_from(Sale))


def test_a_file_is_handed_in_mapped_checked_and_imported(app, desk, clock):
    handed_in = hand_in(desk, CSV)
    columns = desk.get(handed_in.location).text
    started = desk.post(handed_in.location, data={**COLUMNS, "act": "check", "name": "DMS 结算"})
    waiting = desk.get(started.location).text
    work(app, clock)
    checked = desk.get(started.location).text
    assert sales() == 0
    ran = desk.post(f"{started.location}/run")
    work(app, clock)
    done = desk.get(ran.location).text

    assert (handed_in.status_code, started.status_code, ran.status_code) == (303, 303, 303)
    assert "王建国" in columns
    assert "<option selected>单号</option>" in columns
    assert "data-refresh" in waiting
    assert "data-refresh" not in checked
    assert "¥100.00" in checked
    assert "data-refresh" not in done
    assert sales() == 1
    assert db.session.scalars(select(ColumnMapping.name)).all() == ["DMS 结算"]


def test_rejected_rows_are_shown_and_downloaded_with_place_value_and_reason(app, desk, clock):
    at = hand_in(desk, CSV + "=S-3,K-3,张三,2026-02-29,１２\n").location
    page = desk.post(at, data=COLUMNS | {"act": "import"}).location
    work(app, clock)

    shown = desk.get(page).text
    file = desk.get(f"{page}/rejected.csv", buffered=True)

    assert "2026-02-29" in shown
    lines = file.data.decode("utf-8-sig").splitlines()
    assert len(lines) == 4
    assert lines[1].startswith("3,金额,,")
    assert "'=S-3" in file.text
    assert file.headers["Content-Disposition"].startswith("attachment")
    left = db.session.scalars(select(AuditRow.after).where(AuditRow.action == "list.exported")).all()
    assert [one["list"] for one in left] == ["rejected rows"]


def test_rejected_rows_leave_with_a_fresh_proof_alone(app, desk, clock, monkeypatch):
    at = hand_in(desk, CSV + "S-3,K-3,张三,2026-02-29,12\n").location
    page = desk.post(at, data=COLUMNS | {"act": "import"}).location
    work(app, clock)
    monkeypatch.setitem(app.extensions, "loyalty.proof", lambda: None)

    asked = desk.get(f"{page}/rejected.csv")

    assert (asked.status_code, "/staff/confirm" in asked.location) == (303, True)
    assert db.session.scalars(select(AuditRow.id).where(AuditRow.action == "list.exported")).all() == []


def test_a_saved_mapping_fills_the_form(desk):
    at = hand_in(desk, CSV).location
    desk.post(at, data={**COLUMNS, "act": "check", "name": "结算单", "source": "kerp"})
    [mapping_id] = db.session.scalars(select(ColumnMapping.id))

    again = hand_in(desk, CSV).location
    page = desk.get(f"{again}?mapping={mapping_id}").text

    assert 'value="kerp"' in page


@pytest.mark.parametrize(
    ("content", "status"), [("", 409), (b"\x00\x01\x02", 409), (b"PK\x03\x04 no workbook", 409), ("x", 409)]
)
def test_a_file_that_is_no_table_is_refused_at_once(desk, content, status):
    answer = hand_in(desk, content)

    assert answer.status_code == status
    assert "f-file-error" in answer.text
    assert db.session.scalar(select(func.count()).select_from(ImportRun)) == 0


def test_without_a_file_the_form_says_so(desk):
    answer = desk.post("/staff/imports/new", data={})

    assert (answer.status_code, "f-file-error" in answer.text) == (422, True)


def test_a_mapping_that_lacks_a_field_comes_back_with_what_was_chosen(desk):
    at = hand_in(desk, CSV).location

    answer = desk.post(at, data={**COLUMNS, "column-date": "", "column-amount": "总额"})

    assert answer.status_code == 422
    assert "f-column-date-error" in answer.text
    lacking = desk.post(at, data={**COLUMNS, "column-amount": "总额"})
    assert "f-column-amount-error" in lacking.text


def test_an_import_of_others_is_not_there(desk, far_store):
    at = hand_in(desk, CSV).location
    desk.become(Actor("staff", None, "赵", {"sales.import": frozenset({far_store}), "sales.read": None}))

    assert desk.get(at).status_code == 404
    assert desk.get(at.replace("/columns", "")).status_code == 404
    assert desk.get(at.replace("/columns", "/rejected.csv")).status_code == 404
    assert desk.post(at.replace("/columns", "/run")).status_code == 404
    assert desk.post(at.replace("/columns", "/stop")).status_code == 404
    assert "march.csv" not in desk.get("/staff/imports").text


def test_an_import_is_stopped(app, desk, clock):
    at = hand_in(desk, CSV).location
    page = desk.post(at, data=COLUMNS | {"act": "import"}).location

    desk.post(f"{page}/stop")
    work(app, clock)

    assert sales() == 0
    assert db.session.scalars(select(ImportRun.state)).all() == ["stopped"]


def test_without_the_permission_there_is_no_way_in(desk):
    desk.become(Actor("staff", None, "林悦", {"customers.read": None}))

    for path in ("/staff/imports", "/staff/imports/new", "/staff/sales", "/staff/sales/1"):
        assert desk.get(path).status_code == 403


def test_empty_lists_say_what_comes_next(desk):
    assert "/staff/imports/new" in desk.get("/staff/imports").text
    assert "/staff/imports/new" in desk.get("/staff/sales").text


def test_a_sale_shows_lines_refunds_versions_and_what_came_of_it(desk, record, clock, here, listener):
    first = record(
        a_sale("S-1", a_line(1, 10_000, quantity=2), a_line(2, 500, sku="OIL-5W30"), vin=VIN, odometer=15_000)
    )
    record(with_gross(a_sale("S-1", a_line(1, 10_000, quantity=2), vin=VIN, odometer=15_000), 9_000), mode="correct")
    record_refunds([a_refund("R-1", back(1, quantity=1), reason="退件")], now=clock.now, by=here)

    page = desk.get(f"/staff/sales/{first[0].id}")

    assert page.status_code == 200
    for shown in ("¥90.00", "¥105.00", "R-1", "¥45.00", "退件", VIN, "15,000", "SaleCorrected of S-1"):
        assert shown in page.text


def test_a_sale_of_another_store_is_not_there(desk, record, far_store):
    far = record(a_sale(store="CX01"), by=Actor("client", 8, "group", {"sales.write": None}))

    assert desk.get(f"/staff/sales/{far[0].id}").status_code == desk.get("/staff/sales/999999").status_code == 404
    assert "S-1" not in desk.get("/staff/sales").text


def test_sales_are_listed_and_narrowed(desk, record):
    record(a_sale("S-1"), a_sale("P-2", kind="parts"))

    assert "S-1" in desk.get("/staff/sales").text
    parts = desk.get("/staff/sales?kind=parts&store=CD01").text
    assert ("P-2" in parts, "S-1" in parts) == (True, False)
    assert "S-1" not in desk.get("/staff/sales?kind=warranty").text


def test_the_latest_sales_stand_on_the_customers_page(desk, record):
    outcome = record(a_sale("S-77"))[0]

    page = desk.get(f"/staff/customers/{outcome.customer_id}").text

    assert f"/staff/sales/{outcome.id}" in page
