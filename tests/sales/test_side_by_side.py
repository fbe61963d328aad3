"""Parts of a chunk that are recorded at the same time: to the same end as one after the other, whatever breaks."""

import json
import random
import threading
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text, update

from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.db import db
from loyalty.points.queries import audit
from loyalty.programme.service import load_file
from loyalty.sales.models import ImportReject, ImportRun, Sale
from loyalty.sales.rules import parse_mapping
from loyalty.sales.rules.parts import Place, apart, done_up_to
from loyalty.sales.service import add_run, carry_out, importing, start_run, taking
from tests.sales.test_imports import MAPPING

PROGRAMME = Path(__file__).parent.parent / "bench" / "programme.json"
ROWS = 240
BAD = 6
IN_THIRD_CHUNK = range(2 * taking.FEW_PARTS + 1, 3 * taking.FEW_PARTS + 1)  # the places of its parts among all
FIGURES = text("""
    SELECT e.number, c.name, s.number AS sale, s.gross_minor, a.available, t.level_code, o.role, right(v.vin, 6)
    FROM external_numbers AS e JOIN customers AS c ON c.id = e.customer_id
    JOIN sales AS s ON s.customer_id = c.id
    JOIN points_accounts AS a ON a.customer_id = c.id AND a.unit = 'points'
    JOIN tier_standings AS t ON t.customer_id = c.id
    LEFT JOIN ownerships AS o ON o.holder_id = c.id LEFT JOIN vehicles AS v ON v.id = o.vehicle_id
    WHERE e.source = :source ORDER BY s.number, v.vin, o.role
""")


def a_file(model):
    """Sales of customers who come again, with vehicles that go from one to another; one row of 40 cannot be read."""
    dice = random.Random(7)
    lines = ["number,customer,name,vin,date,amount"]
    for row in range(ROWS):
        buyer, day = dice.randrange(ROWS // 3), date(2026, 1, 1) + timedelta(days=dice.randrange(60))
        vin = f"LSV{model}4182E2{buyer // 2 if row % 9 else dice.randrange(ROWS // 6):06}"
        amount = "twelve" if row % 40 == 20 else f"{dice.randrange(100, 9_000)}"
        lines.append(f"S-{row},K-{buyer},王{buyer},{vin},{day},{amount}")
    return "\n".join([*lines, lines[5], lines[60]])  # two rows stand there again


@pytest.fixture
def imports(committed, store, clock, tmp_path, monkeypatch):
    """Hand a file in for one source and carry it out; asked again for the source, go on with it."""
    monkeypatch.setattr(importing, "CHUNK", 60)
    monkeypatch.setattr(importing, "FEW", 4)
    load_file(json.loads(PROGRAMME.read_text()), now=clock.now, by=SYSTEM)
    runs = {}

    def call(source, *, side_by_side):
        if source not in runs:
            columns = {**MAPPING["columns"], "vin": "vin", "customer_name": "name"}
            mapping = parse_mapping({**MAPPING, "source": source, "columns": columns})
            (tmp_path / source).write_text(a_file(source[:2].upper()))
            runs[source] = add_run(file_name="f.csv", stored_name=source, file_bytes=1, now=clock.now, by=SYSTEM)
            start_run(runs[source], mapping, mapping_name=None, dry_run=False, now=clock.now, by=SYSTEM)
        db.session.execute(update(ImportRun).values(due_at=func.clock_timestamp(), lease_until=func.clock_timestamp()))
        db.session.commit()
        return carry_out(runs[source], folder=tmp_path, most_bytes=10**6, now=clock.now, side_by_side=side_by_side)

    return call


@pytest.fixture
def broken_part(monkeypatch):
    """Let one part of the third chunk fail when it has done its work and is not committed yet; the next try holds."""
    whole, failing = taking.Taker.take, []

    def break_off(kind, place):
        failing[:] = [kind]
        calls = []

        def take(self, sales, taken):
            whole(self, sales, taken)
            calls.append(sales)
            if len(calls) == place and failing:
                raise failing.pop()

        monkeypatch.setattr(taking.Taker, "take", take)

    return break_off


def figures(source):
    return [tuple(row) for row in db.session.execute(FIGURES, {"source": source})]


def lanes():
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("lane")]


def test_side_by_side_comes_to_the_same_as_one_after_the_other(imports):
    alone, beside = imports("alone", side_by_side=False), imports("beside", side_by_side=True)

    assert (beside.state, beside.counts, beside.rows_done) == ("done", alone.counts, alone.rows_done)
    assert beside.counts["sales"]["created"] == ROWS - BAD
    assert figures("beside") == figures("alone")
    assert len({role for *_, role, _ in figures("beside")}) > 1  # vehicles did go from one to another
    assert (audit(), lanes()) == ([], [])


@pytest.mark.parametrize("place", IN_THIRD_CHUNK)
def test_what_one_part_did_counts_once_when_another_one_was_killed(imports, broken_part, place):
    alone = imports("alone", side_by_side=False)
    broken_part(KeyboardInterrupt, place)

    with pytest.raises(KeyboardInterrupt):
        imports("beside", side_by_side=True)
    half = db.session.execute(select(ImportRun.parts_done, ImportRun.counts).order_by(ImportRun.id.desc())).first()
    stored = db.session.scalar(select(func.count()).select_from(Sale).where(Sale.source == "beside"))
    done = imports("beside", side_by_side=True)

    assert (len(half.parts_done), half.counts["sales"]["created"]) == (taking.FEW_PARTS - 1, stored)
    assert (done.state, done.counts) == ("done", alone.counts)
    assert figures("beside") == figures("alone")
    assert db.session.scalar(select(func.count()).select_from(ImportReject)) == 2 * BAD


def test_an_import_that_was_killed_side_by_side_goes_on_alone(imports, broken_part):
    alone = imports("alone", side_by_side=False)
    broken_part(KeyboardInterrupt, IN_THIRD_CHUNK[0])

    with pytest.raises(KeyboardInterrupt):
        imports("beside", side_by_side=True)
    done = imports("beside", side_by_side=False)

    assert done.counts == alone.counts


def test_an_error_in_one_part_stops_the_import_and_leaves_nothing_running(imports, broken_part):
    broken_part(ZeroDivisionError("in a lane"), IN_THIRD_CHUNK[0])

    with pytest.raises(ZeroDivisionError):
        imports("beside", side_by_side=True)

    state, rows_done = db.session.execute(select(ImportRun.state, ImportRun.rows_done)).one()
    assert (state, rows_done, lanes()) == ("due", 121, [])


Names = st.lists(st.tuples(st.integers(0, 30), st.one_of(st.none(), st.integers(31, 50))), max_size=60)


@given(Names)
def test_parts_share_no_name_and_keep_the_order(named):
    sales = list(range(len(named)))
    names = [[name for name in own if name is not None] for own in named]

    parts = apart(sales, names, 2)

    seen = [{name for sale in part for name in names[sale]} for part in parts]
    assert sorted(sale for part in parts for sale in part) == sales
    assert all(part == sorted(part) and part for part in parts)
    assert len(parts) < 2 or not seen[0] & seen[1]


def test_parts_are_of_one_size_where_names_let_them():
    sizes = [len(part) for part in apart(range(10_000), [[number] for number in range(10_000)], 4)]

    assert (len(sizes), sum(sizes)) == (4, 10_000)
    assert all(2_300 < size < 2_700 for size in sizes)
    assert [len(part) for part in apart(range(100), [["one company"]] * 100, 2)] == [100]


def test_who_comes_again_in_another_chunk_comes_in_the_same_part():
    names = [[f"customer {number}", f"vin {number % 7}{number}"] for number in range(500)]
    moved = [[f"customer {number}", f"vin new {number}"] for number in reversed(range(500))]

    parts, later = apart(range(500), names, 3), apart(range(500), moved, 3)

    assert [sorted(part) for part in parts] == [sorted(499 - sale for sale in part) for part in later]


@pytest.mark.parametrize(
    ("done", "rows", "left"),
    [
        ([(0, 9, 0, 2)], 0, [(0, 9, 0, 2)]),
        ([(0, 9, 0, 2), (0, 9, 1, 2)], 9, []),
        ([(0, 9, 0, 2), (9, 17, 1, 2), (9, 17, 0, 2)], 0, [(0, 9, 0, 2), (9, 17, 1, 2), (9, 17, 0, 2)]),
        ([(0, 9, 1, 2), (9, 17, 1, 2), (0, 9, 0, 2)], 9, [(9, 17, 1, 2)]),
        ([(9, 17, 0, 1), (0, 9, 0, 1)], 17, []),
    ],
    ids=["half of one", "one", "the next one first", "one and a half", "both"],
)
def test_all_is_done_up_to_the_first_chunk_that_lacks_a_part(done, rows, left):
    assert done_up_to(0, [Place(*one) for one in done]) == (rows, tuple(left))
