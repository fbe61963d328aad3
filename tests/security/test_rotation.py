"""Rotation of the field keys: nothing forgotten, nothing lost when killed, others may write meanwhile."""

import base64
import os
import signal
import subprocess
import sys
from io import BytesIO

import pytest
from sqlalchemy import LargeBinary, select, text, update

from loyalty import keyed
from loyalty.customers.models import Identifier, Vehicle
from loyalty.customers.rules import Buyer, VehicleSeen
from loyalty.customers.sealed import open_identifier, open_plate
from loyalty.customers.service import ensure_customers, ensure_vehicles
from loyalty.kernel import rotation
from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.crypto import BrokenSeal, KeyRing, seal
from loyalty.kernel.db import Base, db
from loyalty.kernel.rotation import SealedColumn, counts, left, rotate
from loyalty.kernel.sessions import open_told, seal_told
from loyalty.sales.queries import stored_file
from loyalty.sales.sealed_files import opened
from loyalty.sales.service import add_run, keep_upload
from loyalty.staff.service import create_store

OLD, NEW = 1, 2
PEOPLE = 30

# Bytes that are no sealed values: hashes and keyed hashes, which nobody can open and no key seals.
HASHES = {
    "api_clients.former_hash",
    "api_clients.token_hash",
    "audit_links.hash",
    "audit_links.previous",
    "idempotency_keys.body_hash",
    "link_events.body_hash",
    "owner_codes.address_hash",
    "owner_codes.code_hash",
    "owner_codes.phone_hash",
    "policy_versions.loaded_from",
    "policy_versions.sha256",
    "refunds.content_hash",
    "rule_tables.loaded_from",
    "rule_tables.sha256",
    "sale_numbers.row_hash",
    "sales.content_hash",
    "staff_recovery_codes.code_hash",
    "staff_sign_in_failures.name_hash",
    "tombstones.hash",
    "web_sessions.id_hash",
}


def key(number):
    return base64.b64encode(bytes([number]) * 32).decode()


@pytest.fixture
def ring(app, monkeypatch):
    """Return a function that puts a ring of keys into the application, the first of which seals."""

    def put(*numbers):
        text_of = ",".join(f"{number}:{key(number)}" for number in numbers)
        monkeypatch.setitem(app.extensions, "loyalty.keys", KeyRing.parse(text_of, "index"))
        return text_of

    put(OLD)
    return put


@pytest.fixture
def people(ring, clock, request):
    """Customers with phones, and vehicles with plates, sealed by the old key."""
    request.getfixturevalue("committed" if "committed" in request.fixturenames else "db_session")
    store = create_store(code="CD01", name="城东店", now=clock.now, by=SYSTEM)
    buyers = [Buyer("core", f"K{n}", f"车主{n}", f"1381234{n:04}", "person", store) for n in range(PEOPLE)]
    ids = ensure_customers(buyers, now=clock.now, by=SYSTEM)
    first = ids["K0"]
    seen = [
        VehicleSeen(f"LSVAA4182E21{n:05}", first, clock.now, clock.now.date(), plate=f"京A1{n:04}") for n in range(3)
    ]
    ensure_vehicles(seen, now=clock.now, by=SYSTEM)
    db.session.commit()
    return ids


def phones():
    """Every phone, opened."""
    rows = db.session.execute(select(Identifier.customer_id, Identifier.sealed)).all()
    return sorted(open_identifier(row.customer_id, row.sealed) for row in rows)


def rotation_moment():
    """The database's clock."""
    return db.session.scalar(text("SELECT now()"))


def sealed_of(customer_id):
    """The identifier of a customer as it is stored."""
    row = db.session.execute(select(Identifier.sealed).where(Identifier.customer_id == customer_id)).scalar_one()
    return bytes(row)


def test_every_column_of_bytes_is_rotated_or_known_to_be_no_sealed_value():
    rotated = {column.name for column in keyed.SEALED} | {name for index in keyed.BLIND for name in index.columns}
    binary = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.c
        if isinstance(column.type, LargeBinary)
    }

    assert binary - HASHES == rotated
    assert HASHES - binary == set()


def test_everything_is_sealed_by_the_first_key_and_opens_without_the_old(people, ring):
    before = phones()
    ring(NEW, OLD)

    sealed = rotate(keyed.SEALED, now=rotation_moment(), batch=7)

    assert (sealed["identifiers.sealed"], sealed["vehicles.plate_sealed"]) == (PEOPLE, 3)
    ring(NEW)
    db.session.expire_all()
    assert phones() == before
    vehicle = db.session.scalars(select(Vehicle).order_by(Vehicle.id)).first()
    assert open_plate(vehicle.vin, vehicle.plate_sealed) == "京A10000"


def test_what_waits_in_sessions_and_files_that_were_handed_in_open_by_the_new_key(ring, db_session, clock, tmp_path):
    told = {"kept_form": {"typed": {"phone": ["13812345678"]}}}
    for number in range(5):
        id_hash = bytes([number, 0, 92, 255])  # a key of bytes is passed on from batch to batch
        values = {"id": id_hash, "sealed": seal_told(id_hash, told), "now": clock.now}
        insert = "INSERT INTO web_sessions VALUES (:id, 'guest', NULL, '{}', '', '', :now, :now, NULL, NULL, :sealed)"
        db_session.execute(text(insert), values)
    kept = keep_upload(BytesIO(b"a,b\n1,2\n"), tmp_path, most_bytes=100)
    run = {"file_name": "a.csv", "stored_name": kept.name, "stored_key": kept.key, "file_bytes": kept.size}
    run_id = add_run(**run, now=clock.now, by=SYSTEM)
    ring(NEW, OLD)

    sealed = rotate(keyed.SEALED, now=rotation_moment(), batch=2)

    ring(NEW)
    assert (sealed["web_sessions.sealed"], sealed["import_runs.stored_key"]) == (5, 1)
    rows = db_session.execute(text("SELECT id_hash, sealed FROM web_sessions")).all()
    assert [open_told(row.id_hash, row.sealed) for row in rows] == [told] * 5
    with opened(stored_file(run_id, SYSTEM, tmp_path)) as file:
        assert file.read() == b"a,b\n1,2\n"


def test_without_the_rotation_nothing_opens_when_the_old_key_is_gone(people, ring):
    """The negative control."""
    ring(NEW)

    with pytest.raises(BrokenSeal):
        phones()


def test_how_many_values_each_key_seals_is_told(people, ring):
    ring(NEW, OLD)
    assert counts(keyed.SEALED) == {NEW: 0, OLD: PEOPLE + 3}

    rotate(keyed.SEALED, now=rotation_moment())

    assert counts(keyed.SEALED) == {NEW: PEOPLE + 3, OLD: 0}


def test_a_second_rotation_goes_through_everything_again(people, ring):
    ring(NEW, OLD)
    rotate(keyed.SEALED, now=rotation_moment())
    ring(OLD, NEW)

    assert rotate(keyed.SEALED, now=rotation_moment())["identifiers.sealed"] == PEOPLE
    assert rotate(keyed.SEALED, now=rotation_moment())["identifiers.sealed"] == 0


def test_a_value_that_is_changed_meanwhile_keeps_the_change(people, ring, monkeypatch):
    ring(NEW, OLD)
    customer = people["K5"]
    read = rotation._next

    def changed_in_between(column, after, batch):
        rows = read(column, after, batch)
        if column.name == "identifiers.sealed" and rows:
            sealed = seal("+8613999999999", place=f"identifiers.sealed:{customer}")
            db.session.execute(update(Identifier).where(Identifier.customer_id == customer).values(sealed=sealed))
        return rows

    monkeypatch.setattr(rotation, "_next", changed_in_between)
    rotate(keyed.SEALED, now=rotation_moment())

    assert "+8613999999999" in phones()


def test_what_a_process_with_old_settings_writes_behind_is_found_by_another_pass(people, ring, monkeypatch):
    ring(NEW, OLD)
    late = sealed_of(people["K0"])
    written = []

    def told(name, done):
        if name == "identifiers.sealed" and done == PEOPLE and not written:
            change = update(Identifier).where(Identifier.customer_id == people["K0"]).values(sealed=late)
            written.append(db.session.execute(change).rowcount)

    rotate(keyed.SEALED, now=rotation_moment(), batch=10, told=told)

    assert written == [1]
    assert left(SealedColumn("identifiers", "sealed", "identifiers.sealed:{customer_id}")) == 0


def test_a_value_that_does_not_open_is_named_and_stops_before_it_is_lost(people, ring):
    broken = b"\x01" + b"x" * 40
    db.session.execute(update(Identifier).where(Identifier.customer_id == people["K3"]).values(sealed=broken))
    ring(NEW, OLD)

    with pytest.raises(BrokenSeal, match=f"identifiers.sealed:{people['K3']}"):
        rotate(keyed.SEALED, now=rotation_moment(), batch=5)

    assert sealed_of(people["K3"]) == broken


@pytest.mark.processes
def test_a_rotation_killed_midway_goes_on_where_it_was(committed, people, ring, environment):
    before = phones()
    db.session.rollback()
    command = [sys.executable, "-c", KILLED]
    environ = os.environ | {"LOYALTY_FIELD_KEYS": ring(NEW, OLD)}

    running = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE)
    assert running.stdout.read(1) == b"."  # a few batches are in
    running.send_signal(signal.SIGKILL)
    running.wait()
    running.stdout.close()
    half = left(keyed.SEALED[0])
    db.session.rollback()
    assert 0 < half < PEOPLE

    told = []
    sealed = rotate(keyed.SEALED, now=rotation_moment(), told=lambda *one: told.append(one))

    assert sealed["identifiers.sealed"] == half
    assert ("identifiers.sealed", PEOPLE) in told  # counted on from where the killed one was
    ring(NEW)
    db.session.expire_all()
    assert phones() == before


KILLED = """
import sys, time
from loyalty import keyed
from loyalty.app import create_app
from loyalty.kernel.clock import utc_now
from loyalty.kernel.rotation import rotate

def told(column, done):
    if done >= 9:
        sys.stdout.write(".")
        sys.stdout.flush()
        time.sleep(60)

with create_app().app_context():
    rotate(keyed.SEALED, now=utc_now(), batch=3, told=told)
"""


@pytest.mark.processes
def test_the_command_rotates_and_says_which_key_can_be_taken_out(committed, people, ring):
    db.session.rollback()
    environ = os.environ | {"LOYALTY_FIELD_KEYS": ring(NEW, OLD)}

    done = subprocess.run(
        [sys.executable, "-m", "loyalty.cli", "keys", "rotate", "--json"], env=environ, capture_output=True, check=True
    )

    assert f'"can_be_taken_out": [{OLD}]' in done.stdout.decode()
    assert f"identifiers.sealed: {PEOPLE}" in done.stderr.decode()
    assert key(NEW) not in (done.stdout + done.stderr).decode()
