"""The pages of sales and imports in real Chromium: readable by everybody, on a desk and on a phone, light and dark."""

import pytest

from loyalty.sales.queries import imports_due
from loyalty.sales.service import carry_out, record_refunds, uploads_folder
from tests.fixtures.browsers import DESK, PHONE, faults
from tests.sales.conftest import VIN, a_line, a_refund, a_sale, back, with_gross

pytestmark = pytest.mark.browser

CSV = "结算单号,客户编号,客户姓名,结算日期,金额\n" + "".join(
    f"S-{n},K-{n % 7},客户{n},2026-03-{n % 10 + 1:02},{n}.50\n" for n in range(1, 40)
)
BAD = "S-90,K-1,王建国,2026-02-29,１２\nS-91,K-1,王建国,2026-03-10,-5\n"
LOOKS = {
    "desk-zh-light": {"size": DESK, "lang": "zh-CN", "dark": False},
    "phone-zh-dark": {"size": PHONE, "lang": "zh-CN", "dark": True},
    "desk-en-dark": {"size": DESK, "lang": "en-GB", "dark": True},
    "phone-en-light": {"size": PHONE, "lang": "en-GB", "dark": False},
}


def work(app, clock):
    settings = app.extensions["loyalty.settings"]
    for run_id in imports_due():
        carry_out(run_id, folder=uploads_folder(settings.data_dir), most_bytes=10**8, now=clock.now)


@pytest.mark.usefixtures("acting")
@pytest.mark.parametrize("look", LOOKS)
def test_a_file_is_handed_in_checked_and_imported(app, clock, open_page, tmp_path, look):
    file = tmp_path / "三月结算.csv"
    file.write_text(CSV + BAD)
    page = open_page("/staff/imports/new", **LOOKS[look])
    page.set_input_files("input[type=file]", file)
    page.locator("form[data-main] button").click()
    page.wait_for_url("**/columns")
    page.fill("#f-source", "dms")
    columns = faults(page, f"sales-columns-{look}")
    page.click("button[value=check]")
    page.wait_for_selector("#progress[data-refresh]")
    waiting = faults(page, f"sales-waiting-{look}")
    work(app, clock)
    page.wait_for_selector("#progress:not([data-refresh])")  # it has refreshed by itself
    checked = faults(page, f"sales-checked-{look}")
    page.locator("form[action$='/run'] button").click()
    page.wait_for_selector("#progress[data-refresh]")
    work(app, clock)
    page.wait_for_selector("#progress:not([data-refresh])")

    assert (columns, waiting, checked) == ([], [], [])
    assert "39" in page.inner_text("#progress")


@pytest.mark.usefixtures("committed", "acting", "listener")
@pytest.mark.parametrize("look", LOOKS)
def test_sales_look_right(record, here, clock, open_page, look):
    oil = a_line(2, 500, sku="OIL-5W30", category="机油")
    sale = a_sale("R-88214", a_line(1, 48_600, quantity=2, category="工时"), oil, vin=VIN, odometer=15_230)
    at = record(sale)[0].id
    record(with_gross(sale, 45_000), mode="correct")
    given_back = a_refund("T-1", back(1, quantity=1), sale="R-88214", reason="退件", dealer_fault=True)
    record_refunds([given_back], now=clock.now, by=here)

    page = open_page(f"/staff/sales/{at}", **LOOKS[look])
    one = faults(page, f"sales-sale-{look}")
    page.goto("/staff/sales")

    assert (one, faults(page, f"sales-list-{look}")) == ([], [])
