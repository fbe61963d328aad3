"""A real purchase history on its way in: figures that were worked out independently of this code."""

import json
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.db import db
from loyalty.points.queries import audit
from loyalty.programme.service import load_file
from loyalty.sales.models import Sale, SaleVersion
from loyalty.sales.rules import parse_mapping
from loyalty.sales.service import add_run, carry_out, import_file, keep_upload, start_run
from loyalty.staff.models import AuditRow
from loyalty.staff.service import create_store
from loyalty.tiers.service import review

MOST_BYTES = 10_000_000
DATA = Path(__file__).parent.parent / "data"
SALES = DATA / "cdnow_sales.csv"
MAPPING = json.loads((DATA / "cdnow_mapping.json").read_text())
PROGRAMME = json.loads((DATA / "cdnow_programme.json").read_text())


@pytest.fixture
def shop(db_session, clock):
    """The shop with its programme, and the way to import a file of its sales."""
    create_store(code="CDNOW", name="CDNOW", zone="America/New_York", currency="USD", now=clock.now, by=SYSTEM)

    def run(path=SALES, *, programme=None, dry_run=False):
        if programme:
            load_file(programme, now=clock.now, by=SYSTEM)
        return import_file(path, parse_mapping(MAPPING), dry_run=dry_run, now=clock.now, by=SYSTEM).to_json()

    return run


def calendar_programme():
    """The same rules with spend and visits counted by the calendar year."""
    rolling, calendar = '"window": {"kind": "rolling", "months": 12}', '"window": {"kind": "calendar"}'
    text = json.dumps(PROGRAMME).replace(rolling, calendar)
    return json.loads(text)


def changed(tmp_path, old, new):
    text = SALES.read_text()
    assert text.count(old) == 1
    path = tmp_path / "changed.csv"
    path.write_text(text.replace(old, new))
    return path


def test_the_figures_of_the_file(shop, clock):
    result = shop(programme=PROGRAMME)

    assert result["sales"] == {"total": 6919, "created": 6919, "corrected": 0, "same": 0, "rejected": 0}
    assert (result["customers"], result["amounts"], result["zero_sales"]) == (2357, {"USD": "244091.94"}, 8)
    assert result["points_issued"] == 239_444
    assert audit() == []

    levels = review(date(1998, 6, 30), dry_run=True, now=clock.now, by=SYSTEM)

    assert qualified(levels) == {"basic": 1806, "silver": 399, "gold": 128, "platinum": 24}


def test_a_file_handed_in_on_the_page_comes_to_the_same(shop, clock, tmp_path):
    load_file(PROGRAMME, now=clock.now, by=SYSTEM)
    with SALES.open("rb") as stream:
        kept = keep_upload(stream, tmp_path, most_bytes=MOST_BYTES)
    run_id = add_run(
        file_name=SALES.name,
        stored_name=kept.name,
        stored_key=kept.key,
        file_bytes=kept.size,
        now=clock.now,
        by=SYSTEM,
    )
    start_run(run_id, parse_mapping(MAPPING), mapping_name=None, dry_run=False, now=clock.now, by=SYSTEM)

    counts = carry_out(run_id, folder=tmp_path, most_bytes=MOST_BYTES, now=clock.now).counts

    assert counts["sales"] == {"total": 6919, "created": 6919, "corrected": 0, "same": 0, "rejected": 0}
    assert (counts["customers"], counts["amounts"], counts["zero_sales"]) == (2357, {"USD": "244091.94"}, 8)
    assert counts["points_issued"] == 239_444


def test_the_levels_of_a_calendar_year(shop, clock):
    shop(programme=calendar_programme())

    levels = review(date(1997, 12, 31), dry_run=True, now=clock.now, by=SYSTEM)

    assert qualified(levels) == {"basic": 1127, "silver": 989, "gold": 208, "platinum": 33}


def qualified(report):
    return dict(report["by_rules_alone"])


def state():
    sums = select(func.count(), func.sum(Sale.gross_minor), func.max(Sale.version), func.max(Sale.recorded_at))
    trail = db.session.scalar(select(func.count()).select_from(AuditRow).where(AuditRow.subject_kind != "import"))
    return [*db.session.execute(sums).one(), trail]


def test_the_same_file_again_changes_nothing(shop, clock):
    first = shop(programme=PROGRAMME)
    before = state()
    clock.advance(days=1)

    again = shop()

    assert again["sales"] == {"total": 6919, "created": 0, "corrected": 0, "same": 6919, "rejected": 0}
    assert (again["points_issued"], again["effects"]) == (0, {})
    for figure in ("customers", "amounts", "zero_sales"):
        assert again[figure] == first[figure]
    assert state() == before
    assert audit() == []


def test_a_changed_amount_corrects_that_sale_alone(shop, tmp_path, clock):
    shop(programme=PROGRAMME)

    result = shop(changed(tmp_path, "CD000001,C00004,1997-01-01,2,29.33", "CD000001,C00004,1997-01-01,2,49.33"))

    assert result["sales"] == {"total": 6919, "created": 0, "corrected": 1, "same": 6918, "rejected": 0}
    assert result["points_issued"] == 20
    assert result["amounts"] == {"USD": "244111.94"}
    assert db.session.scalars(select(SaleVersion.version)).all() == [1]
    assert db.session.scalar(select(func.count()).select_from(Sale).where(Sale.version > 1)) == 1
    assert audit() == []


def test_a_dry_run_tells_the_same_and_writes_nothing(shop):
    dry = shop(programme=PROGRAMME, dry_run=True)
    assert db.session.scalar(select(func.count()).select_from(Sale)) == 0

    real = shop()

    for figure in ("sales", "customers", "amounts", "zero_sales", "points_issued", "effects"):
        assert dry[figure] == real[figure]
