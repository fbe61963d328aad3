"""Another index key: everybody is found before, while and after it turns, also when it is killed midway."""

import os
import signal
import subprocess
import sys
from itertools import pairwise

import pytest
from sqlalchemy import func, select, text, update

from loyalty import keyed
from loyalty.customers import service
from loyalty.customers.models import Identifier, Vehicle
from loyalty.customers.queries import customer_ids_by_phone, find, was_erased
from loyalty.customers.rules import Buyer, VehicleSeen
from loyalty.customers.sealed import blind, blind_plate
from loyalty.customers.service import ensure_customers, ensure_vehicles
from loyalty.kernel.actor import EVERYTHING, SYSTEM
from loyalty.kernel.crypto import KeyRing
from loyalty.kernel.db import db
from loyalty.kernel.reindexing import turn, turned
from loyalty.messaging.models import AddressStop
from loyalty.messaging.service import Incoming, receive_reply
from loyalty.staff.service import create_account, create_store, renew_recovery_codes, use_code
from tests.fixtures.second_factor import give_factor

OLD, NEW = "old index key, long enough for us", "new index key, long enough for us"
PEOPLE = 30
FIELD_KEYS = "1:" + "QUFB" * 10 + "QUE="


@pytest.fixture
def keys(app, monkeypatch):
    """Return a function that sets the index key, and another one that is searched by too."""

    def put(index, other=""):
        monkeypatch.setitem(app.extensions, "loyalty.keys", KeyRing.parse(FIELD_KEYS, index, other))

    put(OLD)
    return put


@pytest.fixture
def people(keys, clock, request):
    """Customers with phones and vehicles with plates, indexed by the old key."""
    request.getfixturevalue("committed" if "committed" in request.fixturenames else "db_session")
    store = create_store(code="CD01", name="城东店", now=clock.now, by=SYSTEM)
    buyers = [Buyer("core", f"K{n}", f"车主{n}", f"1381234{n:04}", "person", store) for n in range(PEOPLE)]
    ids = ensure_customers(buyers, now=clock.now, by=SYSTEM)
    moment, day = clock.now, clock.now.date()
    ensure_vehicles(
        [VehicleSeen(f"LSVAA4182E21{n:05}", ids["K0"], moment, day, plate=f"京A1{n:04}") for n in range(3)],
        now=clock.now,
        by=SYSTEM,
    )
    db.session.commit()
    return ids


def rotation_moment():
    return db.session.scalar(text("SELECT now()"))


def all_are_found(ids):
    by_phone = [customer_ids_by_phone(f"+861381234{n:04}") == [ids[f"K{n}"]] for n in range(PEOPLE)]
    searched = [[hit.customer.id for hit in find(typed, EVERYTHING).customers] for typed in PLATES]
    return all(by_phone) and searched == [[ids["K0"]]] * len(PLATES)


PLATES = ("京A10002", "A10002")


def by_key_in_front():
    """How many identifiers the key in front has made."""
    made = [blind("phone", f"+861381234{n:04}") for n in range(PEOPLE)]
    return db.session.scalar(select(func.count()).where(Identifier.blind.in_(made)))


def test_everybody_is_found_at_every_step_and_by_the_new_key_alone_at_the_end(people, keys):
    found, moved = [], []
    for step in ((OLD, NEW), (NEW, OLD)):
        keys(*step)
        found.append(all_are_found(people))
        moved.append(by_key_in_front())

    done = turn(keyed.BLIND, now=rotation_moment(), batch=7, told=lambda *_: found.append(all_are_found(people)))
    over = turned(keyed.BLIND)
    keys(NEW)

    assert moved == [PEOPLE, 0]
    assert done == {"identifiers.blind": PEOPLE, "vehicles.plate_blind": 3}
    assert over
    assert len(found) > PEOPLE // 7
    assert all(found)
    assert all_are_found(people)


def test_without_the_turn_nobody_is_found_by_the_new_key(people, keys):
    """The negative control."""
    keys(NEW)

    assert not any(customer_ids_by_phone(f"+861381234{n:04}") for n in range(PEOPLE))


def test_who_gets_a_phone_anew_while_the_key_turns_has_it_once(people, keys, clock):
    keys(NEW, OLD)
    what = {"scope": EVERYTHING, "now": clock.now, "by": SYSTEM}
    service.add_identifier(people["K1"], "phone", "13700000001", **what)
    buyer = Buyer("core", "K0", "车主0", "13812340000", "person", 1)
    ensure_customers([buyer], now=clock.now, by=SYSTEM)
    twice = {"blind": blind("phone", "+8613812340002"), "created_at": clock.now}
    row = db.session.execute(select(Identifier).where(Identifier.customer_id == people["K2"])).scalar_one()
    db.session.add(Identifier(customer_id=row.customer_id, kind="phone", sealed=row.sealed, tail=row.tail, **twice))
    db.session.flush()

    turn(keyed.BLIND, now=rotation_moment(), batch=5)

    keys(NEW)
    counts = db.session.execute(select(Identifier.customer_id, func.count()).group_by(Identifier.customer_id))
    assert dict(counts.all()) == {at: 2 if number == "K1" else 1 for number, at in people.items()}
    assert all_are_found(people)


def test_what_a_process_with_old_settings_writes_behind_is_found_by_another_pass(people, keys):
    keys(OLD)
    late = blind("phone", "+8613812340000"), blind_plate("京A10000")
    keys(NEW, OLD)
    written = []

    def told(name, done):
        if done == PEOPLE and not written:
            at = people["K0"]
            change = update(Identifier).where(Identifier.customer_id == at).values(blind=late[0])
            written.append(db.session.execute(change).rowcount)
            db.session.execute(update(Vehicle).where(Vehicle.vin.endswith("00")).values(plate_blind=late[1]))

    turn(keyed.BLIND, now=rotation_moment(), batch=PEOPLE, told=told)

    keys(NEW)
    assert written == [1]
    assert all_are_found(people)


def test_an_address_that_wants_nothing_stays_stopped(people, keys, clock):
    def refuse(n):
        told = Incoming("sms", f"reply {n}", f"1381234{n:04}", "TD", clock.now)
        return receive_reply(told, now=clock.now, by=SYSTEM).customer_ids

    def stopped():
        own = (AddressStop.kind == Identifier.kind) & (AddressStop.blind == Identifier.blind)
        return set(db.session.scalars(select(Identifier.customer_id).join(AddressStop, own)))

    refuse(4)
    keys(NEW, OLD)
    assert refuse(5) == (people["K5"],)
    before = stopped()

    turn(keyed.BLIND, now=rotation_moment(), batch=7)

    keys(NEW)
    assert before == stopped() == {people["K4"], people["K5"]}


def test_the_erased_and_codes_on_paper_are_known_while_the_other_key_stays(people, keys, clock):
    at = people["K3"]
    what = {"scope": EVERYTHING, "now": clock.now, "by": SYSTEM}
    service.request_erasure(at, **what)
    service.erase(at, **what)
    account = {"username": "lin.yue", "name": "林悦", "password": "kettle orbit tram"}
    person = create_account(**account, now=clock.now, by=SYSTEM)
    give_factor(person, clock.now)
    paper = renew_recovery_codes(person, now=clock.now, by=SYSTEM)
    keys(NEW, OLD)

    assert was_erased("phone", "+8613812340003")
    assert use_code(person, paper[0], now=clock.now, by=SYSTEM) == 9
    keys(NEW)
    assert not was_erased("phone", "+8613812340003")


def test_nothing_is_done_without_another_key(people, keys):
    assert turn(keyed.BLIND, now=rotation_moment()) == {}


@pytest.mark.processes
def test_a_turn_killed_midway_goes_on_where_it_was(committed, people, keys, environment):
    db.session.rollback()
    environ = os.environ | {
        "LOYALTY_FIELD_KEYS": FIELD_KEYS,
        "LOYALTY_INDEX_KEY": NEW,
        "LOYALTY_INDEX_KEY_OTHER": OLD,
    }

    running = subprocess.Popen([sys.executable, "-c", KILLED], env=environ, stdout=subprocess.PIPE)
    assert running.stdout.read(1) == b"."  # a few batches are in
    running.send_signal(signal.SIGKILL)
    running.wait()
    running.stdout.close()
    keys(NEW, OLD)
    half = by_key_in_front()
    found = all_are_found(people)
    db.session.rollback()

    told = []
    turn(keyed.BLIND, now=rotation_moment(), batch=4, told=lambda *one: told.append(one))

    assert 0 < half < PEOPLE
    assert found
    counted = [done for name, done in told if name == "identifiers.blind"]
    assert counted[0] == half + 4  # counted on from where the killed one was
    assert all(later >= earlier for earlier, later in pairwise(counted[: counted.index(PEOPLE) + 1]))
    keys(NEW)
    assert all_are_found(people)


KILLED = """
import sys, time
from loyalty import keyed
from loyalty.app import create_app
from loyalty.kernel.clock import utc_now
from loyalty.kernel.reindexing import turn

def told(index, done):
    if done >= 9:
        sys.stdout.write(".")
        sys.stdout.flush()
        time.sleep(60)

with create_app().app_context():
    turn(keyed.BLIND, now=utc_now(), batch=3, told=told)
"""


@pytest.mark.processes
def test_the_command_turns_both_and_says_when_the_other_key_can_go(committed, people, keys, environment):
    db.session.rollback()
    environ = os.environ | {
        "LOYALTY_FIELD_KEYS": FIELD_KEYS,
        "LOYALTY_INDEX_KEY": NEW,
        "LOYALTY_INDEX_KEY_OTHER": OLD,
    }

    done = subprocess.run(
        [sys.executable, "-m", "loyalty.cli", "keys", "rotate", "--json"], env=environ, capture_output=True, check=True
    )

    assert f'"identifiers.blind": {PEOPLE}' in done.stdout.decode()
    assert '"other_index_key_can_be_taken_out": true' in done.stdout.decode()
    assert NEW not in (done.stdout + done.stderr).decode()
