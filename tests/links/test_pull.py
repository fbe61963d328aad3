"""A view is read: what is new, changed, struck out, late, twice or wrong, on PostgreSQL and MariaDB alike."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select, text

from jobs import links as jobs
from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.db import db
from loyalty.links import outlets, queries, service
from loyalty.links.adapters import SqlDatabases
from loyalty.links.rules import Busy, CoreAway, Plan, later
from loyalty.links.service import comparing, leases, pulling
from loyalty.sales.models import Sale, SaleVersion
from loyalty.sales.rules import parse_mapping
from tests.links.core import COLUMNS, MAPPING, START, Core


@pytest.fixture(params=["postgresql", "mariadb"])
def core_db(request, clones, worker_number):
    """An empty core database of each kind."""
    if request.param == "mariadb":
        yield Core(request.getfixturevalue("mariadb_url"))
        return
    with clones.empty(f"core_w{worker_number}") as url:
        yield Core(url)


@pytest.fixture
def postgres_core(clones, worker_number):
    """A core database on PostgreSQL, where the kind makes no difference."""
    with clones.empty(f"core_w{worker_number}") as url:
        yield Core(url)


@pytest.fixture
def connect(stores, clock):
    """Make the link `dms` to a core database."""

    def connected(core, **plan):
        mapping = parse_mapping(MAPPING)
        made = Plan("settled", mapping, deleted="deleted_at", **plan)
        common = {"code": "dms", "name": "DMS", "source": "dms", "stores": None, "now": clock.now, "by": SYSTEM}
        service.create_pull(url=core.url, plan=made, **common)

    return connected


@pytest.fixture
def pull(clock):
    """Read the link now."""

    def pulled():
        return service.pull(queries.link_by_code("dms"), now=clock.now, by=SYSTEM, by_hand=True)

    return pulled


def sales():
    rows = db.session.execute(select(Sale.number, Sale.gross_minor, Sale.refunded_gross_minor).order_by(Sale.number))
    return [tuple(row) for row in rows]


def standing():
    return queries.link_by_code("dms").pull


def test_what_is_new_is_read_and_the_same_again_changes_nothing(core_db, connect, pull):
    core_db.put("A-1", "100.00", "20.50")
    core_db.put("A-2", "80.00", customer="K-2")
    connect(core_db)

    first, again = pull(), pull()

    assert (first.state, first.rows, first.counts) == ("done", 3, {"created": 2})
    assert again.counts == {"same": 2}
    assert sales() == [("A-1", 12_050, 0), ("A-2", 8_000, 0)]
    assert standing().watermark.startswith("2026-03-12T09:02")


def test_a_change_of_one_line_is_a_correction_by_line(core_db, connect, pull):
    core_db.put("A-1", "100.00", "20.50")
    connect(core_db)
    pull()
    core_db.moment += timedelta(hours=3)
    core_db.run("UPDATE order_lines SET amount = 30.50, updated_at = :now WHERE line_no = 2", now=core_db.moment)

    assert pull().counts == {"corrected": 1}
    assert sales() == [("A-1", 13_050, 0)]
    before = db.session.execute(select(SaleVersion.content)).scalar_one()
    assert [line["gross_minor"] for line in before["lines"]] == [10_000, 2_050]


def test_rows_that_were_committed_late_are_seen_within_the_overlap(core_db, connect, pull):
    core_db.put("A-1")
    connect(core_db, overlap_seconds=600)
    pull()
    db.session.execute(text("UPDATE link_pulls SET compared_at = :now"), {"now": START.astimezone()})
    core_db.put("A-2", changed=START - timedelta(minutes=8))

    pull()

    assert [number for number, _, _ in sales()] == ["A-1", "A-2"]


def test_without_the_overlap_late_rows_would_be_lost(postgres_core, connect, pull, monkeypatch, clock):
    monkeypatch.setattr(pulling, "begin_of", lambda mark, _overlap: mark and datetime.fromisoformat(mark))
    postgres_core.put("A-1")
    connect(postgres_core)
    pull()
    postgres_core.put("A-2", changed=START - timedelta(minutes=8))

    pull()

    assert [number for number, _, _ in sales()] == ["A-1"]


def test_what_is_struck_out_goes_back_whole(core_db, connect, pull):
    core_db.put("A-1")
    core_db.put("A-2", deleted=START)
    connect(core_db)
    pull()
    core_db.strike_out("A-1")

    assert pull().counts == {"created": 1, "same": 1}
    assert sales() == [("A-1", 10_000, 10_000)]
    assert pull().counts == {"same": 2}


def test_what_stands_again_after_it_was_struck_out_is_rejected_until_somebody_looks(postgres_core, connect, pull):
    postgres_core.put("A-1")
    connect(postgres_core)
    pull()
    postgres_core.strike_out("A-1")
    pull()
    postgres_core.put("A-1")

    assert pull().counts == {"rejected": 1}


def test_what_was_deleted_for_good_is_found_by_the_daily_comparison(core_db, connect, pull, clock):
    for number in range(1, 6):
        core_db.put(f"A-{number}")
    connect(core_db)
    pull()
    core_db.delete("A-3")
    clock.advance(days=1)

    assert pull().counts == {"same": 4, "created_gone": 1}
    assert ("A-3", 10_000, 10_000) in sales()
    assert pull().counts == {"same": 4}


def test_a_view_that_is_suddenly_empty_cancels_nothing_until_somebody_says_so(postgres_core, connect, pull, clock):
    postgres_core.put("A-1")
    postgres_core.put("A-2")
    connect(postgres_core)
    pull()
    postgres_core.delete("A-1", "A-2")
    clock.advance(days=1)

    pull()

    assert [refunded for _, _, refunded in sales()] == [0, 0]
    assert (standing().missing, standing().problem["numbers"]) == (2, {"gone": 2, "compared": 2})
    assert service.accept_missing(queries.link_by_code("dms"), now=clock.now, by=SYSTEM) == 2
    assert [refunded for _, _, refunded in sales()] == [10_000, 10_000]
    assert (standing().missing, standing().problem) == (0, None)


@pytest.mark.parametrize(
    ("gone", "compared", "expected"),
    [
        (0, 0, True),
        (1, 1, True),
        (2, 2, False),
        (20, 21, True),
        (21, 100, False),
        (50, 1_000, True),
        (51, 1_000, False),
    ],
)
def test_how_many_may_be_gone(gone, compared, expected):
    assert comparing.plausible(gone, compared) is expected


def test_a_row_that_cannot_be_taken_is_kept_and_taken_once_it_is_mended(core_db, connect, pull, rejects):
    core_db.put("A-1")
    core_db.run("INSERT INTO order_lines (order_no, line_no, customer_no, amount, settled_at, updated_at)"
                " VALUES ('A-2', 1, 'K-1', -5, :now, :now)", now=core_db.moment)  # fmt: skip
    core_db.run("INSERT INTO order_lines (order_no, line_no, customer_no, amount, updated_at)"
                " VALUES ('A-3', 1, 'K-1', 5, :now)", now=core_db.moment)  # fmt: skip
    connect(core_db)

    assert pull().counts == {"created": 1, "rejected": 2}
    assert [number for number, _, _ in sales()] == ["A-1"]
    assert {key for _, key, _ in rejects()} == {"A-2", "A-3"}
    reject = next(
        one for one in queries.rejects_page(queries.link_by_code("dms").id, limit=9).items if one.key == "A-2"
    )
    assert (reject.flaws[0]["field"], reject.flaws[0]["value"]) == ("amount", "-5.00")

    core_db.put("A-2", "5.00")
    core_db.put("A-3", "6.00")
    assert pull().counts["created"] == 2
    assert rejects() == []


def test_a_rejected_row_is_tried_again_as_it_was_kept(postgres_core, connect, pull, rejects, stores, clock):
    postgres_core.put("A-1")
    connect(postgres_core)
    link = queries.link_by_code("dms")
    body = {**MAPPING, "columns": {**MAPPING["columns"], "store": {"value": "NEW1"}}}
    service.map_columns(link, parse_mapping(body), now=clock.now, by=SYSTEM)
    assert pull().counts == {"rejected": 1}
    service.map_columns(link, parse_mapping(MAPPING), now=clock.now, by=SYSTEM)

    counts = service.retry_rejects(queries.link_by_code("dms"), now=clock.now, by=SYSTEM)

    assert counts == {"created": 1}
    assert (rejects(), sales()) == ([], [("A-1", 10_000, 0)])


def test_a_view_without_a_column_names_it_and_goes_on_when_it_is_back(core_db, connect, pull):
    core_db.put("A-1")
    core_db.view([name for name in COLUMNS if name not in {"amount", "mileage"}])
    connect(core_db)

    failed = pull()

    assert (failed.state, failed.problem.code) == ("failed", "links.columns_missing")
    assert failed.problem.details["missing"] == "amount, mileage"
    assert standing().unreachable_since is None
    core_db.view()
    assert pull().counts == {"created": 1}
    assert standing().problem is None


def test_a_view_that_is_not_there_says_so(core_db, connect, pull):
    connect(core_db)
    core_db.run("DROP VIEW settled")

    assert pull().problem.code == "links.view_missing"


def test_a_watermark_of_a_wrong_type_names_its_column(postgres_core, connect, pull):
    postgres_core.put("A-1")
    postgres_core.run("DROP VIEW settled")
    names = ", ".join(name for name in COLUMNS if name != "updated_at")
    postgres_core.run(f"CREATE VIEW settled AS SELECT {names}, updated_at::date AS updated_at FROM order_lines")  # noqa: S608
    connect(postgres_core)

    problem = pull().problem

    assert (problem.code, problem.details["column"]) == ("links.wrong_type", "updated_at")


def test_a_cell_of_a_wrong_type_names_row_and_column(postgres_core, connect, pull, rejects):
    postgres_core.put("A-1")
    postgres_core.put("A-2")
    postgres_core.run("DROP VIEW settled")
    names = ", ".join(name for name in COLUMNS if name != "amount")
    amount = "CASE order_no WHEN 'A-1' THEN 'viel' ELSE amount::text END AS amount"
    postgres_core.run(f"CREATE VIEW settled AS SELECT {names}, {amount} FROM order_lines")  # noqa: S608
    connect(postgres_core)

    assert pull().counts == {"created": 1, "rejected": 1}
    assert rejects()[0][1:] == ("A-1", ["“viel” is not an amount; write it in plain digits, such as 1234.50."])


def test_rows_twice_in_a_view_count_once_when_they_agree(postgres_core, connect, pull, rejects, clock):
    postgres_core.put("A-1", "10.00")
    postgres_core.put("A-2", "10.00", "20.00")
    postgres_core.run("INSERT INTO order_lines SELECT * FROM order_lines WHERE order_no = 'A-1'")
    connect(postgres_core)
    body = {**MAPPING, "columns": {name: each for name, each in MAPPING["columns"].items() if name != "line"}}
    service.map_columns(queries.link_by_code("dms"), parse_mapping(body), now=clock.now, by=SYSTEM)

    assert pull().counts == {"created": 1, "rejected": 1}
    assert sales() == [("A-1", 1_000, 0)]
    assert [key for _, key, _ in rejects()] == ["A-2"]


def test_batches_are_bounded_and_find_every_row(core_db, connect, pull, monkeypatch):
    monkeypatch.setattr(pulling, "BATCH", 7)
    same = START + timedelta(hours=1)
    for number in range(30):
        core_db.put(f"A-{number:02}", "10.00", "5.00", changed=same if number % 2 else None)
    connect(core_db)

    assert pull().counts == {"created": 30}
    assert sum(gross for _, gross, _ in sales()) == 30 * 1_500


def test_a_wrong_clock_of_the_core_does_not_hide_what_comes_after_it(postgres_core, connect, pull):
    postgres_core.put("A-1", changed=START + timedelta(days=900))
    connect(postgres_core)
    pull()
    postgres_core.put("A-2")

    assert pull().counts["created"] == 1


def test_the_watermark_never_goes_back():
    seen = START.isoformat()

    assert later(seen, [START - timedelta(days=1)], limit=START.astimezone() + timedelta(days=1)) == seen


def test_a_core_database_that_is_gone_for_an_hour_is_waited_for_and_nothing_is_lost(
    core_db, connect, pull, app, monkeypatch
):
    core_db.put("A-1")
    connect(core_db)
    pull()
    real = outlets.core_databases()

    class Gone:
        def open(self, *_):
            raise CoreAway(reason="connection refused")

    with monkeypatch.context() as patch:
        patch.setitem(app.extensions, "loyalty.core_databases", Gone())
        first, second = pull(), pull()
        since = standing().unreachable_since
    assert (first.state, second.state, first.problem.code) == ("failed", "failed", "links.core_away")
    assert since is not None
    assert standing().failures == 2
    wait = db.session.execute(text("SELECT due_at - clock_timestamp() FROM link_pulls")).scalar_one()
    assert timedelta(seconds=100) < wait < timedelta(seconds=130)
    core_db.put("A-2")
    core_db.put("A-3")

    assert outlets.core_databases() is real
    assert pull().counts["created"] == 2
    assert (standing().unreachable_since, standing().failures) == (None, 0)


def test_nobody_is_there_and_the_password_is_not_told(connect, stores, clock, pull):
    core = type("Nowhere", (), {"url": "postgresql://dealer:hunter22@127.0.0.1:1/core"})
    connect(core)

    problem = pull().problem

    assert problem.code == "links.core_away"
    assert "hunter22" not in str(problem)
    assert standing().url_shown == "postgresql://127.0.0.1:1/core"
    sealed = db.session.execute(text("SELECT url_sealed FROM link_pulls")).scalar_one()
    assert b"hunter22" not in bytes(sealed)


def test_a_statement_that_takes_too_long_is_ended(core_db, connect, pull, app, monkeypatch):
    core_db.put("A-1")
    sleep = "SLEEP(5)" if "mariadb" in core_db.url else "pg_sleep(5)::text"
    core_db.run("DROP VIEW settled")
    core_db.run(f"CREATE VIEW settled AS SELECT order_lines.*, {sleep} AS nap FROM order_lines WHERE order_no <> ''")  # noqa: S608
    connect(core_db)
    body = {**MAPPING, "columns": {**MAPPING["columns"], "category": "nap"}}
    service.map_columns(queries.link_by_code("dms"), parse_mapping(body), now=START.astimezone(), by=SYSTEM)
    monkeypatch.setitem(app.extensions, "loyalty.core_databases", SqlDatabases(statement=1))

    assert pull().problem.code == "links.core_away"


def test_the_core_database_cannot_be_written(core_db):
    core_db.put("A-1")
    plan = Plan("settled", parse_mapping(MAPPING))
    with SqlDatabases().open(core_db.url, plan) as view, pytest.raises((CoreAway, Exception), match=r"(?i)read.only"):
        view._line.ask(text("UPDATE order_lines SET amount = 0"))

    assert core_db.run("SELECT amount FROM order_lines").scalar_one() == Decimal("100.00")


def test_two_readers_never_read_one_link_at_once(postgres_core, connect, pull, clock):
    postgres_core.put("A-1")
    connect(postgres_core)
    link = queries.link_by_code("dms")
    held = leases.claim(link, by_hand=True, by=SYSTEM)

    with pytest.raises(Busy):
        pull()
    assert queries.pulls_due() == []
    assert service.pull(link, now=clock.now, by=SYSTEM) is None

    db.session.execute(text("UPDATE link_pulls SET lease_until = clock_timestamp() - interval '1 second'"))
    assert pull().counts == {"created": 1}
    with pytest.raises(leases.LeaseLost):
        leases.keep(held, None)


def test_the_ticker_finds_what_is_due_and_the_job_reads_it_once(postgres_core, connect, clock):
    postgres_core.put("A-1")
    connect(postgres_core)
    db.session.execute(text("UPDATE link_pulls SET due_at = clock_timestamp()"))
    (due,) = queries.pulls_due()

    jobs.read(due)
    jobs.read(due)

    assert queries.pulls_due() == []
    assert sales() == [("A-1", 10_000, 0)]
    assert db.session.scalar(select(func.count()).select_from(text("link_runs"))) == 1


def test_a_rehearsal_tells_what_would_be_and_writes_nothing(postgres_core, connect, clock):
    postgres_core.put("A-1")
    postgres_core.put("A-2", "-5")
    connect(postgres_core)

    told = service.rehearse(queries.link_by_code("dms"), now=clock.now).to_json()

    assert (told["sales"], told["rejected"], told["rows"]) == ({"created": 1, "rejected": 1}, 1, 2)
    assert (sales(), standing().watermark) == ([], None)


def test_a_column_that_changes_its_type_is_read_on(postgres_core, connect, pull):
    postgres_core.put("A-1")
    connect(postgres_core)
    pull()
    postgres_core.run("DROP VIEW settled")
    postgres_core.run("ALTER TABLE order_lines ALTER updated_at TYPE timestamptz")
    postgres_core.view()
    postgres_core.put("A-2")

    assert pull().counts["created"] == 1
    assert datetime.fromisoformat(standing().watermark).tzinfo is not None


def test_a_fault_that_nobody_foresaw_is_shown_and_tried_again(postgres_core, connect, pull, monkeypatch):
    postgres_core.put("A-1")
    connect(postgres_core)
    with monkeypatch.context() as patch:
        patch.setattr(pulling, "later", lambda *_args, **_more: 1 / 0)
        failed = pull()

    assert failed.problem.code == "links.unforeseen"
    assert standing().problem["numbers"] == {"reference": failed.problem.details["reference"]}
    assert pull().counts == {"created": 1}
