"""No call to a core database is without an end, whatever hangs; and what links leave behind is tidied up."""

import gc
import socket
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.db import db
from loyalty.links import queries, service
from loyalty.links.adapters import SqlDatabases
from loyalty.links.rules import CoreAway, Plan
from loyalty.sales.rules import parse_mapping
from tests.links.conftest import a_sale, an_event
from tests.links.core import MAPPING, Core

PLAN = Plan("settled", parse_mapping(MAPPING))
QUICK = SqlDatabases(connect=1, statement=1, patience=0)


@pytest.fixture
def mute():
    """The port of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]
    gc.collect()  # what a driver left behind, here and not amid another test


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # a driver leaves its socket to the collector
@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
def test_a_server_that_never_answers_is_given_up(mute, kind):
    begun = time.monotonic()

    with pytest.raises(CoreAway), QUICK.open(f"{kind}://dealer:p@127.0.0.1:{mute}/core", PLAN):
        pass

    assert time.monotonic() - begun < 10


class Wire:
    """A line to a server that can be made to hold back everything, as when its machine stands still."""

    def __init__(self, place):
        self.place, self.still = place, threading.Event()
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.lines = [self.server]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        near, _ = self.server.accept()
        far = socket.socket(socket.AF_UNIX)
        far.connect(self.place)
        self.lines += [near, far]
        for one, other in ((near, far), (far, near)):
            threading.Thread(target=self.carry, args=(one, other), daemon=True).start()

    def carry(self, one, other):
        try:
            while data := one.recv(65_536):
                if not self.still.is_set():
                    other.sendall(data)
        except OSError:
            pass

    def close(self):
        for line in self.lines:
            line.close()


@pytest.fixture
def wire(clones, worker_number):
    """A wire to a core database, and the address that goes over it."""
    with clones.empty(f"wire_w{worker_number}") as url:
        Core(url).put("A-1")
        place = make_url(url).query["host"]
        line = Wire(f"{place}/.s.PGSQL.5432")
        address = make_url(url).set(host="127.0.0.1", port=line.port, query={})
        yield line, address.render_as_string(hide_password=False)
        line.close()


def test_a_server_that_stands_still_amid_the_work_is_hung_up_on(wire):
    line, address = wire
    with QUICK.open(address, PLAN) as view:
        assert view.changes(None, None, 10).numbers == ("A-1",)
        line.still.set()
        begun = time.monotonic()

        with pytest.raises(CoreAway):
            view.changes(None, None, 10)

    assert time.monotonic() - begun < 10


def test_old_answers_settled_rejects_and_former_secrets_are_tidied_away(core, link, clock):
    core.send(an_event(sales=[a_sale(), a_sale("S-2", store="XX")]))
    reject = queries.rejects_page(link().id, limit=1).items[0]
    service.dismiss_reject(link(), reject.id, now=clock.now, by=SYSTEM)
    service.rotate_secret(link(), now=clock.now, by=SYSTEM)
    work = (service.forget_answers, service.forget_settled, service.sweep_secrets)
    assert [each(clock.now, dry_run=False) for each in work] == [0, 0, 0]
    later = clock.now + timedelta(days=91)

    assert [each(later, dry_run=True) for each in work] == [1, 1, 1]
    assert [each(later, dry_run=False) for each in work] == [1, 1, 1]

    assert db.session.execute(text("SELECT body_sealed, answer_sealed FROM link_events")).one() == (None, None)
    assert core.send(an_event(sales=[a_sale(), a_sale("S-2", store="XX")]), secret=secret_of(link)).status_code == 200


def secret_of(link):
    return queries.secrets_in_force(link().id, queries.link_by_code("dms").created_at)[0]


def test_figures_tell_which_link_needs_somebody(core, link):
    core.send(an_event(sales=[a_sale("S-2", store="XX")]))

    told = {(one.name, one.labels["link"]): one.value for one in queries.link_measures()}

    assert told == {("loyalty_link_rejects", "dms"): 1, ("loyalty_link_events_waiting", "dms"): 0}


@pytest.mark.processes
@pytest.mark.usefixtures("committed", "stores")
def test_a_link_is_made_by_the_command():
    words = [sys.executable, "-m", "loyalty.cli", "links", "webhook", "dms", "--name", "DMS", "--source", "dms"]

    made = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)

    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout.strip() in queries.secrets_in_force(
        queries.link_by_code("dms").id, queries.link_by_code("dms").created_at
    )
