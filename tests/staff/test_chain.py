"""The audit trail's hash chain: whole whatever the order of commits, and broken by name when somebody edits it."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from jobs import audit as job
from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.db import database_now, db
from loyalty.kernel.errors import Malformed
from loyalty.staff.queries import chain as trail
from loyalty.staff.queries.chain import check_trail
from loyalty.staff.rules.chain import GENESIS, Head, canonical, hash_after
from loyalty.staff.service import AuditEntry, chain, record_audit
from loyalty.staff.service.chain import extend_chain

ROW = "INSERT INTO audit_rows (at, actor_kind, actor_name, action, subject_kind) VALUES (now(), 'job', 'n', 'a', 's')"


@pytest.fixture
def write(clock):
    """Write rows of the trail as a service does."""

    def written(count=1, **more):
        record_audit([AuditEntry("store.created", "store", n, SYSTEM, clock.now, **more) for n in range(count)])
        db.session.commit()

    return written


@pytest.fixture
def connections(committed):
    """Return a function that opens further connections to the test's database, each in a transaction."""
    opened = []

    def connect():
        opened.append(db.engine.connect())
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()


@pytest.fixture
def edit(committed):
    """Run a statement as somebody does who owns the tables, or the server, and takes every safeguard away first."""
    safeguards = (
        "ALTER TABLE audit_rows DISABLE TRIGGER USER",
        "ALTER TABLE audit_links DISABLE TRIGGER USER",
        "ALTER TABLE audit_links DROP CONSTRAINT IF EXISTS fk_audit_links_audit_id",
    )

    def run(statement, **values):
        db.session.rollback()  # what was read so far would hold up the change of a table
        with db.engine.connect() as connection:
            for safeguard in safeguards:
                connection.execute(text(safeguard))
            connection.execute(text(statement), values)
            connection.commit()

    return run


def links():
    return db.session.execute(text("SELECT seq, audit_id, previous, hash FROM audit_links ORDER BY seq")).all()


def unchained():
    return db.session.scalar(
        text("SELECT count(*) FROM audit_rows a WHERE NOT EXISTS (SELECT FROM audit_links l WHERE l.audit_id = a.id)")
    )


def only_break():
    (found,) = check_trail().breaks
    return found.check, found.row["audit_id"]


def test_each_link_follows_the_one_before_from_the_genesis(committed, write, clock):
    write(3)

    assert extend_chain(now=clock.now) == 3

    (one, two, three) = links()
    assert [one.seq, two.seq, three.seq] == [1, 2, 3]
    assert [one.previous, two.previous, three.previous] == [GENESIS, one.hash, two.hash]
    assert check_trail().breaks == []
    assert (check_trail().links, check_trail().waiting) == (3, 0)


def test_chaining_again_adds_nothing(committed, write, clock):
    write(3)
    extend_chain(now=clock.now)

    assert extend_chain(now=clock.now) == 0
    assert len(links()) == 3


def test_more_rows_than_a_batch_are_all_chained_in_order(committed, write, clock):
    write(25)

    assert extend_chain(now=clock.now, batch=10) == 25
    assert [link.audit_id for link in links()] == sorted(link.audit_id for link in links())
    assert check_trail().breaks == []


def test_a_row_that_is_committed_later_under_a_smaller_number_is_chained(committed, write, clock, connections):
    slow = connections()
    slow.execute(text(ROW))
    write(2)

    assert extend_chain(now=clock.now) == 2
    slow.commit()
    assert extend_chain(now=clock.now) == 1

    assert [link.audit_id for link in links()] == [2, 3, 1]
    assert (unchained(), check_trail().breaks) == (0, [])


def test_a_late_row_is_waited_for_over_many_looks_and_full_batches(committed, write, clock, connections):
    slow = connections()
    slow.execute(text(ROW))
    for _ in range(3):
        write(4)
        extend_chain(now=clock.now, batch=2)
    assert db.session.scalar(text("SELECT settled_id FROM audit_chain")) == 0
    slow.commit()

    extend_chain(now=clock.now, batch=2)
    extend_chain(now=clock.now, batch=2)

    assert (unchained(), check_trail().breaks) == (0, [])
    assert db.session.scalar(text("SELECT settled_id FROM audit_chain")) == 13


def test_numbers_that_were_drawn_and_never_used_hold_nothing_up(committed, write, clock, connections):
    undone = connections()
    undone.execute(text(ROW))
    undone.rollback()
    write(1)

    extend_chain(now=clock.now)

    assert db.session.scalar(text("SELECT settled_id FROM audit_chain")) == 2
    assert check_trail().breaks == []


def test_without_looking_at_who_writes_the_late_row_would_be_left_out(
    committed, write, clock, connections, monkeypatch
):
    """The negative control: trusting the numbers alone loses a row, and the audit says so."""
    monkeypatch.setattr(trail, "writers", list)
    slow = connections()
    slow.execute(text(ROW))
    write(2)
    extend_chain(now=clock.now)
    slow.commit()
    extend_chain(now=clock.now)

    assert unchained() == 1
    assert only_break() == ("trail.inserted", 1)


def write_some(engine, odd):
    """Write 40 rows, each in a transaction of its own; every fifth is undone after a while."""
    for turn in range(40):
        with engine.connect() as connection:
            connection.execute(text(ROW))
            if turn % 5 == odd:
                connection.execute(text("SELECT pg_sleep(0.02)"))
                connection.rollback()
            else:
                connection.commit()


def test_rows_under_load_with_workers_side_by_side_make_one_chain(app, committed, clock):
    """Writers that commit and undo in any order, and two workers: each row once, no fork, nothing left out."""
    engine, stop = db.engine, threading.Event()

    def chain_on():
        with app.app_context():
            while not stop.is_set():
                extend_chain(now=clock.now, batch=7)

    with ThreadPoolExecutor(6) as pool:
        workers = [pool.submit(chain_on) for _ in range(2)]
        for done in [pool.submit(write_some, engine, odd) for odd in range(4)]:
            done.result()
        stop.set()
        for worker in workers:
            worker.result()
    extend_chain(now=clock.now)

    assert (len(links()), unchained()) == (4 * 32, 0)
    assert check_trail().breaks == []


def test_the_database_refuses_a_fork_and_any_change_of_a_link(committed, write, clock):
    write(2)
    extend_chain(now=clock.now)

    fork = text("INSERT INTO audit_links SELECT 9, 9, previous, '\\x01' FROM audit_links WHERE seq = 2")
    for statement in (fork, text("UPDATE audit_links SET seq = 9"), text("DELETE FROM audit_links")):
        with pytest.raises(DBAPIError):
            db.session.execute(statement)
        db.session.rollback()


def test_a_changed_row_is_named(committed, write, edit, clock):
    write(5, after={"name": "城东店"})
    extend_chain(now=clock.now)

    edit("UPDATE audit_rows SET after = jsonb_build_object('name', '城西店') WHERE id = 3")

    assert only_break() == ("trail.changed", 3)


def test_every_column_is_under_the_seal(committed, write, edit, clock):
    columns = [name for name in trail.COLUMNS if name != "id"]
    write(len(columns))
    extend_chain(now=clock.now)
    other = {"at": "at + interval '1 microsecond'", "before": "'{}'", "after": "'{}'"}

    for row_id, column in enumerate(columns, start=1):
        edit(f"UPDATE audit_rows SET {column} = {other.get(column, '77')} WHERE id = {row_id}")  # noqa: S608 - ours

    changed = [link.audit_id for link in trail._links() if hash_after(link.previous, link.row) != link.hash]
    assert changed == list(range(1, len(columns) + 1))


def test_a_removed_row_is_named(committed, write, edit, clock):
    write(5)
    extend_chain(now=clock.now)

    edit("DELETE FROM audit_rows WHERE id = 2")

    assert only_break() == ("trail.removed", 2)


def test_a_row_inserted_into_a_gap_is_named(committed, write, edit, clock, connections):
    undone = connections()
    undone.execute(text(ROW))
    undone.rollback()
    write(2)
    extend_chain(now=clock.now)

    edit(ROW.replace("(at,", "(id, at,").replace("(now()", "(1, now()"))
    extend_chain(now=clock.now)

    assert only_break() == ("trail.inserted", 1)


def test_a_row_removed_with_its_link_is_named_by_the_hole_in_the_chain(committed, write, edit, clock):
    write(4)
    extend_chain(now=clock.now)

    edit("DELETE FROM audit_links WHERE seq = 2")
    edit("DELETE FROM audit_rows WHERE id = 2")

    (found,) = check_trail().breaks
    assert (found.check, found.row["seq"]) == ("trail.link", 2)


def test_a_head_noted_elsewhere_tells_of_a_cut_end_and_of_a_chain_written_anew(committed, write, edit, clock):
    write(4)
    extend_chain(now=clock.now)
    noted = check_trail().head
    assert check_trail(noted).breaks == []

    edit("DELETE FROM audit_links WHERE seq = 4")
    edit("DELETE FROM audit_rows WHERE id = 4")

    assert check_trail().breaks == []  # nothing inside of the database can tell
    (found,) = check_trail(Head.parse(str(noted))).breaks
    assert found.check == "trail.head"


def test_a_head_of_another_form_is_refused():
    with pytest.raises(Malformed):
        Head.parse("nothing")


def test_the_row_is_hashed_as_canonical_json():
    row = {"b": 1, "a": {"z": "城", "y": None}}

    assert canonical(row) == '{"a":{"y":null,"z":"城"},"b":1}'.encode()
    assert hash_after(GENESIS, row) != hash_after(bytes([1]) * 32, row)


def test_the_job_is_due_when_rows_wait_and_a_minute_has_passed(committed, write):
    assert trail.chain_due() == []

    write(1)
    assert trail.chain_due() == [1]
    job.extend(1)
    assert (len(links()), trail.chain_due()) == (1, [])

    write(1)
    assert trail.chain_due() == []  # chained a moment ago
    db.session.execute(text("UPDATE audit_chain SET chained_at = chained_at - interval '61 seconds'"))
    db.session.commit()
    assert trail.chain_due() == [1]


def test_the_step_of_the_night_tells_what_it_did_and_would_do(committed, write, clock):
    write(2)
    asked = {"zone": "Asia/Shanghai", "now": database_now(), "by": SYSTEM}

    assert job.chain(clock.now.date(), dry_run=True, **asked)["rows"] == 2
    assert links() == []
    assert job.chain(clock.now.date(), dry_run=False, **asked)["rows"] == 2


def test_a_worker_that_dies_in_a_batch_leaves_nothing_half_done(committed, write, clock, monkeypatch):
    write(10)
    hashed = iter(range(5))

    def dies(previous, row):
        next(hashed)
        return hash_after(previous, row)

    monkeypatch.setattr(chain, "hash_after", dies)
    with pytest.raises(StopIteration):
        extend_chain(now=clock.now)
    assert links() == []
    monkeypatch.undo()

    assert extend_chain(now=clock.now) == 10
    assert check_trail().breaks == []


def test_what_json_has_in_it_is_read_back_as_it_was_hashed(committed, write, clock):
    odd = {"rate": 0.1, "big": 2**60, "text": 'a"b\\c\n😀', "deep": [{"x": [1, 2.50, None, True]}]}
    write(1, before=odd, after=json.loads(json.dumps(odd)))
    extend_chain(now=clock.now)

    db.session.expire_all()

    assert check_trail().breaks == []
