"""Files of sales: every way in which they can be written, and every way in which they can be wrong."""

import json
import tracemalloc
from datetime import date, datetime, timedelta

import pytest
import xlsxwriter
from sqlalchemy import func, select, update

from loyalty.customers.models import Customer
from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.db import db
from loyalty.kernel.errors import Malformed
from loyalty.sales.models import ImportReject, ImportRun, Sale, SaleLine, SaleVersion
from loyalty.sales.queries import imports_due
from loyalty.sales.rules import guess_columns, mapping_body, parse_mapping, safe_cell
from loyalty.sales.service import add_run, carry_out, import_file, importing, start_run, taking
from loyalty.sales.service.runs import claim
from tests.sales.conftest import a_line, a_sale

HEADER = "number,customer,date,amount\n"
MAPPING = {
    "source": "core",
    "columns": {
        "number": "number",
        "customer_no": "customer",
        "date": "date",
        "amount": "amount",
        "currency": {"value": "CNY"},
        "store": {"value": "CD01"},
        "kind": {"value": "service"},
    },
}


def mapping(**columns):
    return parse_mapping({**MAPPING, "columns": {**MAPPING["columns"], **columns}})


@pytest.fixture
def bring(store, clock, tmp_path):
    """Import a text, bytes or an existing file; give the result as the command tells it."""

    def call(content, by_mapping=None, *, dry_run=False, encoding="utf-8", **limits):
        path = content
        if isinstance(content, str | bytes):
            path = tmp_path / "sales.csv"
            path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
        given = by_mapping or mapping()
        return import_file(path, given, dry_run=dry_run, now=clock.now, by=SYSTEM, **limits).to_json()

    return call


@pytest.fixture
def workbook(tmp_path):
    """Write a workbook by a function that gets it and its sheet; give the path."""

    def make(write):
        path = tmp_path / "sales.xlsx"
        with xlsxwriter.Workbook(path) as book:
            write(book, book.add_worksheet("Sales"))
        return path

    return make


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def reasons(result):
    return [(reject["row"], reject["column"], reject["reason"]) for reject in result["rejects"]]


def test_rows_become_sales(bring):
    result = bring(HEADER + 'S-1,K-1,2026-03-10,100\nS-2,K-2,2026/3/11 14:08,"1,234.50"\n')

    assert result["sales"] == {"total": 2, "created": 2, "corrected": 0, "same": 0, "rejected": 0}
    assert (result["rows"], result["customers"], result["amounts"]) == (2, 2, {"CNY": "1334.50"})
    sale = db.session.scalars(select(Sale).where(Sale.number == "S-2")).one()
    assert (sale.gross_minor, sale.occurred_at.isoformat()) == (123_450, "2026-03-11T06:08:00+00:00")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_every_usual_encoding_is_read(bring, encoding):
    names = mapping(number="单号", customer_no="客户编号", customer_name="姓名", date="日期", amount="金额")

    result = bring("单号,客户编号,姓名,日期,金额\nS-1,K-1,王建国,2026年3月10日,100.00\n", names, encoding=encoding)

    assert result["sales"]["created"] == 1
    assert db.session.scalars(select(Customer.name)).all() == ["王建国"]


@pytest.mark.parametrize("sign", [";", "\t", "|"])
def test_other_delimiters_are_found(bring, sign):
    assert bring((HEADER + "S-1,K-1,2026-03-10,100\n").replace(",", sign))["sales"]["created"] == 1


def test_titles_above_the_header_and_empty_rows_are_passed_over(bring):
    result = bring("三月结算,,,\n,,,\n" + HEADER + ",,,\nS-1,K-1,2026-02-30,1\n")

    assert reasons(result) == [(5, "date", "“2026-02-30” is not a day of the calendar.")]


@pytest.mark.parametrize(
    ("row", "column", "value", "words"),
    [
        ("S-1,K-1,2026-03-10,１２", "amount", "１２", "full-width digits; write 12"),
        ("S-1,K-1,2026-03-10,abc", "amount", "abc", "is not an amount"),
        ("S-1,K-1,2026-03-10,-5", "amount", "-5", "is below 0"),
        ("S-1,K-1,2026-03-10,1.005", "amount", "1.005", "more decimals"),
        ("S-1,K-1,2026-03-10,1e5", "amount", "1e5", "is not an amount"),
        ("S-1,K-1,2026-03-10,NaN", "amount", "NaN", "is not an amount"),
        ("S-1,K-1,2026-03-10,", "amount", "", "empty"),
        ("S-1,K-1,2026-03-10,99999999999999", "amount", "99999999999999", "too large"),
        ("S-1,K-1,2026-02-29,1", "date", "2026-02-29", "not a day of the calendar"),
        ("S-1,K-1,10.3.2026,1", "date", "10.3.2026", "is not a date"),
        ("S-1,K-1,2026-03-10 25:00,1", "date", "2026-03-10 25:00", "is not a time"),
        ("S-1,K-1,2026-03-20,1", "date", "2026-03-20", "has not come yet"),
        ("S-1,K-1,,1", "date", "", "empty"),
        (",K-1,2026-03-10,1", "number", "", "empty"),
        ("S-1,,2026-03-10,1", "customer", "", "empty"),
    ],
)
def test_a_wrong_cell_is_named_with_row_column_and_value(bring, row, column, value, words):
    result = bring(HEADER + "S-0,K-0,2026-03-10,1\n" + row + "\n")

    [reject] = result["rejects"]
    assert (reject["row"], reject["column"], reject["value"]) == (3, column, value)
    assert words in reject["reason"]
    assert (result["sales"]["created"], result["rejected"]) == (1, 1)


def test_unknown_stores_currencies_kinds_and_vins_are_named(bring):
    columns = mapping(store="store", currency="currency", kind="kind", vin="vin")
    head = "number,customer,date,amount,store,currency,kind,vin\n"
    rows = [
        "S-1,K-1,2026-03-10,1,CD99,CNY,service,",
        "S-2,K-1,2026-03-10,1,,CNY,service,",
        "S-3,K-1,2026-03-10,1,CD01,RMB,service,",
        "S-4,K-1,2026-03-10,1,CD01,CNY,gift,",
        "S-5,K-1,2026-03-10,1,CD01,CNY,service,LSVAA4182E2I2345O",
    ]

    result = bring(head + "\n".join(rows), columns)

    assert [(row, column) for row, column, _ in reasons(result)] == [
        (2, "store"),
        (3, "store"),
        (4, "currency"),
        (5, "kind"),
        (6, "vin"),
    ]
    assert count(Sale) == 0


def test_cells_are_translated_and_empty_ones_filled(bring):
    columns = mapping(
        kind={"column": "类型", "values": {"维修": "service", "整车": "vehicle"}, "value": "other"},
        store={"column": "门店", "values": {"城东店": "CD01"}},
    )

    bring(
        "number,customer,date,amount,类型,门店\nS-1,K-1,2026-03-10,1,维修,城东店\nS-2,K-1,2026-03-10,1,,CD01\n", columns
    )

    assert db.session.scalars(select(Sale.kind).order_by(Sale.number)).all() == ["service", "other"]


def test_the_same_number_twice_with_other_content_names_both_rows(bring):
    result = bring(HEADER + "S-1,K-1,2026-03-10,1\nS-2,K-1,2026-03-10,1\nS-1,K-1,2026-03-10,2\n")

    told = "Sale S-1 stands in rows 2, 4 with different content; keep one of them."
    assert reasons(result) == [(2, "number", told), (4, "number", told)]
    assert db.session.scalars(select(Sale.number)).all() == ["S-2"]


@pytest.mark.parametrize("again", ["S-1,K-1,2026-03-10,1", "S-1,K-1,2026/03/10,1.00"])
def test_the_same_number_twice_with_the_same_content_counts_once(bring, again):
    result = bring(HEADER + "S-1,K-1,2026-03-10,1\n" + again + "\n")

    assert (result["sales"]["created"], result["repeated"], result["rejected"]) == (1, 1, 0)


def test_rows_of_one_sale_become_its_lines(bring):
    columns = mapping(line="line", quantity="quantity", category="category")
    head = "number,customer,date,amount,line,quantity,category\n"

    result = bring(
        head
        + "S-1,K-1,2026-03-10,100,1,2,工时\nS-1,K-1,2026-03-10,50,2,1.5,机油\nS-2,K-1,2026-03-10,5,1,1,机油\n"
        + "S-3,K-1,2026-03-10,5,1,1,a\nS-3,K-2,2026-03-10,5,1,1,b\n",
        columns,
    )

    assert result["sales"] == {"total": 2, "created": 2, "corrected": 0, "same": 0, "rejected": 1}
    assert [(row, column) for row, column, _ in reasons(result)] == [(6, "customer")]
    assert count(SaleLine) == 3


def test_net_amounts_and_tax_rates_are_turned_into_both(bring):
    body = mapping_body(mapping())

    bring(HEADER + "S-1,K-1,2026-03-10,113\n", parse_mapping({**body, "tax_rate": 1300}))
    bring(HEADER + "S-2,K-1,2026-03-10,100\n", parse_mapping({**body, "tax_rate": 1300, "amount": "net"}))

    sums = db.session.execute(select(Sale.net_minor, Sale.gross_minor)).all()
    assert {tuple(each) for each in sums} == {(10_000, 11_300)}


def test_with_must_exist_unknown_customers_are_rejected(bring):
    result = bring(HEADER + "S-1,K-1,2026-03-10,1\n", parse_mapping({**MAPPING, "customers": "must_exist"}))

    assert [(row, column) for row, column, _ in reasons(result)] == [(2, "customer")]
    assert (count(Customer), count(Sale)) == (0, 0)


def test_other_content_in_a_file_corrects_that_sale_alone(bring):
    bring(HEADER + "S-1,K-1,2026-03-10,1\nS-2,K-1,2026-03-10,2\n")

    result = bring(HEADER + "S-1,K-1,2026-03-10,1\nS-2,K-1,2026-03-10,3\n")

    assert result["sales"] == {"total": 2, "created": 0, "corrected": 1, "same": 1, "rejected": 0}
    assert [version.content["gross_minor"] for version in db.session.scalars(select(SaleVersion))] == [200]


def test_a_row_passed_over_is_read_again_after_somebody_else_corrected_its_sale(bring, record):
    bring(HEADER + "S-1,K-1,2026-03-10,1\n")
    record(a_sale("S-1", a_line(1, 700), occurred=date(2026, 3, 10)), mode="correct", by=SYSTEM)

    result = bring(HEADER + "S-1,K-1,2026-03-10,1\n")

    assert (result["sales"]["corrected"], db.session.scalar(select(Sale.gross_minor))) == (1, 100)


def test_a_sale_known_from_the_api_is_passed_over_from_the_second_time_on(bring, record, monkeypatch):
    record(a_sale("S-1", a_line(1, 100, category="other"), occurred=date(2026, 3, 10)), by=SYSTEM)
    first = bring(HEADER + "S-1,K-1,2026-03-10,1\n")
    monkeypatch.setattr(taking, "record_sales", lambda *_args, **_more: pytest.fail("was read again"))

    second = bring(HEADER + "S-1,K-1,2026-03-10,1\n")

    assert first["sales"] == second["sales"] == {"total": 1, "created": 0, "corrected": 0, "same": 1, "rejected": 0}


def test_a_dry_run_tells_all_and_writes_nothing(bring):
    result = bring(HEADER + "S-1,K-1,2026-03-10,1\nS-2,K-1,2026-03-10,x\n", dry_run=True)

    assert (result["sales"]["created"], result["sales"]["rejected"], result["dry_run"]) == (1, 1, True)
    assert (count(Sale), count(Customer), count(ImportReject)) == (0, 0, 1)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (HEADER.encode(), "no rows below it"),
        (b"a,b\n1,2\n", "no column number, date, customer, amount; its header says: a, b"),
        (b"number,customer,date\nS-1,K-1,2026-03-10\n", "no column amount"),
        (b"\x00\x01\x02\x03", "neither CSV"),
        (b"\xff\xff\xff\xff\xff", "neither CSV"),
        (b"PK\x03\x04 broken", "neither CSV"),
        (HEADER.encode() + b'S-1,"K-1,2026-03-10,1\n' + b"x" * 200_000, "begins in line 2"),
    ],
)
def test_a_file_that_cannot_be_read_as_a_whole_is_refused_and_nothing_is_done(bring, content, words):
    result = bring(content)

    assert (result["state"], result["rejected"]) == ("refused", 1)
    assert words in result["problem"]
    assert count(Sale) == 0


def test_a_file_above_the_limit_is_refused_by_the_name_of_the_setting(bring, tmp_path):
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024)

    result = bring(path, most_bytes=100 * 1024 * 1024)

    assert result["state"] == "refused"
    assert "LOYALTY_UPLOAD_LIMIT_BYTES" in result["problem"]


def test_one_byte_below_and_above_the_limit(bring):
    content = HEADER + "S-1,K-1,2026-03-10,1\n"

    assert bring(content, most_bytes=len(content))["state"] == "done"
    assert bring(content, most_bytes=len(content) - 1)["state"] == "refused"


def test_excel_with_formulas_dates_and_merged_cells(bring, workbook):
    def write(book, sheet):
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.merge_range("A1:D1", "三月结算")
        sheet.write_row("A2", ["number", "customer", "date", "amount"])
        sheet.write_row("A3", ["S-1", "K-1"])
        sheet.merge_range("C3:C4", datetime(2026, 3, 10), day)  # noqa: DTZ001 - a workbook has no zones
        sheet.write_formula("D3", "=50*2", None, 100.1)
        sheet.write_row("A4", [2, "K-2"])
        sheet.write_number("D4", 0.1 + 0.2)

    result = bring(workbook(write))

    assert result["rejects"] == []
    rows = db.session.execute(select(Sale.number, Sale.business_day, Sale.gross_minor).order_by(Sale.number)).all()
    assert [tuple(row) for row in rows] == [("2", date(2026, 3, 10), 30), ("S-1", date(2026, 3, 10), 10_010)]


def test_merged_amounts_and_formulas_without_a_value_are_rejected(bring, workbook):
    def write(_book, sheet):
        sheet.write_row("A1", ["number", "customer", "date", "amount"])
        sheet.write_row("A2", ["S-1", "K-1", "2026-03-10"])
        sheet.write_row("A3", ["S-2", "K-2", "2026-03-10"])
        sheet.merge_range("D2:D3", 100)
        sheet.write_row("A4", ["S-3", "K-3", "2026-03-10"])
        sheet.write_formula("D4", "=1/0", None, "#DIV/0!")

    result = bring(workbook(write))

    assert [(row, column) for row, column, _ in reasons(result)] == [(3, "amount"), (4, "amount")]
    assert "unmerge" in reasons(result)[0][2]
    assert "formula" in reasons(result)[1][2]
    assert db.session.scalars(select(Sale.number)).all() == ["S-1"]


def test_rejected_cells_never_become_formulas():
    assert [safe_cell(cell) for cell in ("=1+1", "+1", "-1", "@x", "＝1", " =1", "\t=1", "1=1", "")] == [
        "'=1+1",
        "'+1",
        "'-1",
        "'@x",
        "'＝1",
        "' =1",
        "'\t=1",
        "1=1",
        "",
    ]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"source": ""}, "source"),
        ({"colums": {}}, "colums"),
        ({"columns": []}, "columns"),
        ({"amount": "brutto"}, "amount"),
        ({"customers": "ask"}, "customers"),
        ({"tax_rate": 13.5}, "tax_rate"),
        ({"tax_rate": True}, "tax_rate"),
        ({"columns": {**MAPPING["columns"], "colour": "x"}}, "columns.colour"),
        ({"columns": {**MAPPING["columns"], "date": {"value": "2026-03-10"}}}, "columns.date"),
        ({"columns": {**MAPPING["columns"], "date": {"format": "%d"}}}, "columns.date"),
        ({"columns": {**MAPPING["columns"], "kind": 5}}, "columns.kind"),
        ({"columns": {"number": "number"}}, "columns.store"),
    ],
)
def test_a_wrong_mapping_is_named_by_its_place(change, place):
    with pytest.raises(Malformed) as problem:
        parse_mapping({**MAPPING, **change})

    assert place in problem.value.errors


def test_a_mapping_survives_being_stored():
    whole = mapping(
        kind={"column": "类型", "values": {"维修": "service"}}, date={"column": "day", "format": "%d.%m.%Y"}
    )

    assert parse_mapping(json.loads(json.dumps(mapping_body(whole)))) == whole


def test_headers_in_both_languages_are_guessed():
    assert guess_columns(["结算单号", "客户编号", "车牌号", "日期", "金额", "门店代码", "备注"]) == {
        "number": "结算单号",
        "customer_no": "客户编号",
        "plate": "车牌号",
        "date": "日期",
        "amount": "金额",
        "store": "门店代码",
    }
    assert guess_columns(["Order_No", "Customer No", "VIN"])["number"] == "Order_No"


def a_run(folder, clock, content):
    """Hand a file in and make its import due, as the page does."""
    (folder / "kept").write_text(content)
    run_id = add_run(file_name="f.csv", stored_name="kept", file_bytes=1, now=clock.now, by=SYSTEM)
    start_run(run_id, mapping(), mapping_name=None, dry_run=False, now=clock.now, by=SYSTEM)
    return run_id


def test_an_import_is_carried_out_once_however_often_it_is_called(store, clock, tmp_path):
    run_id = a_run(tmp_path, clock, HEADER + "S-1,K-1,2026-03-10,1\n")

    first = carry_out(run_id, folder=tmp_path, most_bytes=10**6, now=clock.now)
    again = carry_out(run_id, folder=tmp_path, most_bytes=10**6, now=clock.now)

    assert (first.state, again, imports_due()) == ("done", None, [])


def test_after_a_kill_the_next_worker_goes_on_where_the_last_chunk_ended(store, clock, tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 2)
    rows = [f"S-{n},K-{n},2026-03-10,{n}" for n in range(1, 8)]
    run_id = a_run(tmp_path, clock, HEADER + "\n".join([*rows, "S-1,K-1,2026-03-10,1", "S-9,K-9,2026-03-10,x"]))

    def die(rows_done):
        if rows_done >= 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        carry_out(run_id, folder=tmp_path, most_bytes=10**6, now=clock.now, progress=die)
    assert (count(Sale), imports_due()) == (4, [])
    db.session.execute(update(ImportRun).values(lease_until=func.clock_timestamp()))
    db.session.commit()
    run = carry_out(run_id, folder=tmp_path, most_bytes=10**6, now=clock.now)

    assert (run.state, count(Sale)) == ("done", 7)
    assert run.counts["sales"] == {"total": 7, "created": 7, "corrected": 0, "same": 0, "rejected": 1}
    assert (run.counts["customers"], run.counts["repeated"], run.counts["amounts"]) == (7, 1, {"CNY": "28.00"})
    assert count(ImportReject) == 1


@pytest.mark.parametrize(("dry_run", "minutes"), [(False, 3), (True, 20)])
def test_a_killed_import_is_free_again_soon_and_a_dry_run_has_time_for_all(store, clock, tmp_path, dry_run, minutes):
    run_id = a_run(tmp_path, clock, HEADER + "S-1,K-1,2026-03-10,1\n")
    db.session.execute(update(ImportRun).values(dry_run=dry_run))

    claim(run_id, tmp_path)

    left = db.session.scalar(select(ImportRun.lease_until - func.clock_timestamp()))
    assert timedelta(minutes=minutes - 1) < left <= timedelta(minutes=minutes)


def test_a_stopped_import_does_nothing_more_even_in_the_hands_of_a_worker(store, clock, tmp_path):
    run_id = a_run(tmp_path, clock, HEADER + "S-1,K-1,2026-03-10,1\n")
    claimed = claim(run_id, tmp_path)
    db.session.execute(update(ImportRun).values(state="stopped", token=None))
    db.session.commit()

    assert claimed is not None
    assert carry_out(run_id, folder=tmp_path, most_bytes=10**6, now=clock.now) is None
    assert count(Sale) == 0


def test_an_import_that_fails_unexpectedly_is_due_again_and_given_up_after_some_tries(
    store, clock, tmp_path, monkeypatch
):
    run_id = a_run(tmp_path, clock, HEADER + "S-1,K-1,2026-03-10,1\n")
    monkeypatch.setattr(taking, "record_sales", lambda *_args, **_more: 1 / 0)

    states = []
    for _ in range(5):
        with pytest.raises(ZeroDivisionError):
            carry_out(run_id, folder=tmp_path, most_bytes=10**6, now=clock.now)
        states.append(db.session.scalar(select(ImportRun.state)))
        db.session.execute(update(ImportRun).values(due_at=func.clock_timestamp()))
        db.session.commit()

    assert states == ["due"] * 4 + ["refused"]


def test_memory_does_not_grow_with_the_rows(bring, monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 200)
    few = HEADER + "".join(f"A-{n},K-{n % 50},2026-03-10,{n}\n" for n in range(1_000))
    many = HEADER + "".join(f"B-{n},K-{n % 50},2026-03-10,{n}\n" for n in range(4_000))
    bring(few)

    peaks = []
    for content in (few.replace("A-", "C-"), many):
        tracemalloc.start()
        bring(content)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[1] < peaks[0] * 2
