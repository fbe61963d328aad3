"""What people type about a person is gone after the erasure: out of a dump of the database, wherever it was typed.

A name, a phone and a plate go into every field of every form and body that belongs to that person and takes free text.
"""

import re
import subprocess

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from loyalty.customers.queries import vehicles_of
from loyalty.engines.binaries import postgres_clients
from loyalty.kernel.actor import SYSTEM, Actor
from loyalty.kernel.db import db
from loyalty.membership.rules import number_of
from loyalty.messaging.service import Incoming, receive_reply
from loyalty.points.queries import audit
from loyalty.programme.service import load_file
from loyalty.sales.queries import lock_numbers
from loyalty.staff.rules import PERMISSIONS
from loyalty.staff.service import AuditEntry, create_account, create_api_client, create_store, record_audit
from tests.api.conftest import RULES, Program, sale

NAME, PHONE, PLATE, EMAIL = "司徒明月", "13913572468", "粤B7X340", "situ.mingyue@example.com"
NUMBER = "K-77-SITU"
WORDS = f"{NAME} {PHONE} {PLATE}"
VIN = "LSVAA4182E2123456"
PASSWORD = "kettle orbit tram"
NEEDLES = (NAME, NAME[1:], PHONE, f"+86{PHONE}", "139 1357 2468", PLATE, "粤B·7X340", EMAIL, NUMBER)


def hidden_in(page):
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))


class Desk:
    """A browser: forms are sent as their page has them, with what is typed."""

    def __init__(self, client):
        self.client = client

    def send(self, path, page=None, **typed):
        answer = self.client.post(path, data=hidden_in(self.client.get(page or path)) | typed)
        assert answer.status_code == 303, (path, answer.status_code)
        return answer.location

    def use(self, path, **typed):
        """Send a form that moves points by its check page."""
        check = self.client.post(f"{path}/check", data=hidden_in(self.client.get(path)) | typed)
        answer = self.client.post(path, data=hidden_in(check) | typed)
        assert (check.status_code, answer.status_code) == (200, 303), path


class Everybody:
    """A store with two people at its desk, each with a program of their own, and owners."""

    def __init__(self, app, clock, monkeypatch):
        self.app, self.monkeypatch = app, monkeypatch
        monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
        monkeypatch.setitem(app.extensions, "loyalty.proof", lambda: clock.now)
        how = {"now": clock.now, "by": SYSTEM}
        self.store = create_store(code="CD01", name="城东店", **how)
        load_file(PROGRAMME, **how)
        self.people = [create_account(username=name, name=name, password=PASSWORD, **how) for name in ("lin", "zhao")]
        self.programs = [Program(app.test_client(), self._token(owner, **how)) for owner in self.people]

    def _token(self, owner, **how):
        return create_api_client(name=f"of {owner}", permissions=list(PERMISSIONS), owner_id=owner, **how)[1]

    def desk(self, person=0):
        return self._browser("/staff", Actor("staff", self.people[person], "林悦", dict.fromkeys(PERMISSIONS)))

    def portal(self, customer_id):
        return self._browser("/my", Actor("owner", customer_id, f"C-{customer_id:07d}", customer_id=customer_id))

    def _browser(self, start, actor):
        self.monkeypatch.setitem(self.app.extensions["loyalty.actor_loaders"], start, lambda: actor)
        return Desk(self.app.test_client())

    def call(self, method, path, body=None, *, person=0, key=None):
        answer = self.programs[person].call(method, path, body, key=key)
        assert answer.status_code in {200, 201, 202}, (path, answer.json)
        return answer.json


SILVER = {
    "code": "silver",
    "name": {"zh": "银卡", "en": "Silver"},
    "rank": 1,
    "qualify": {
        "combine": "all",
        "criteria": [{"metric": "visits", "threshold": 9, "window": {"kind": "lifetime"}}],
    },
}
BODIES = {
    "membership": {"enrol": "first_sale", "adjustment_limit": 100},
    "tiers": {
        "currency": "CNY",
        "levels": [{"code": "basic", "name": {"zh": "普通", "en": "Basic"}, "rank": 0}, SILVER],
        "review": {"kind": "rolling", "months": 12},
    },
}
PROGRAMME = RULES | {
    "versions": [
        *(one for one in RULES["versions"] if one["kind"] not in BODIES),
        *({"kind": kind, "effective_from": "2020-01-01", "body": body} for kind, body in BODIES.items()),
    ]
}


@pytest.fixture
def everybody(app, committed, clock, monkeypatch):
    made = Everybody(app, clock, monkeypatch)
    db.session.commit()
    return made


def typed_into_customers(everybody):
    """Type about the person on the pages of customers, cars and households; return the customer and another one."""
    person = {"number": NUMBER, "name": NAME, "phone": PHONE}
    sold = {"customer": person, "vehicle": {"vin": VIN, "plate": PLATE}, "lines": [paid(90_000)]}
    everybody.call("POST", "/sales", sale(**sold))
    everybody.call("POST", "/sales", sale("S-2", customer={"number": "K-2", "name": "李雷"}, vehicle=None))
    everybody.call("POST", "/sales", sale("S-3", customer=person, vehicle=None))
    back = {"number": "G-1", "occurred_at": "2026-03-11T09:00:00+08:00", "reason": WORDS}
    everybody.call("POST", "/sales/core/S-3/refunds", back)
    at, other, desk = buyer_of("S-1"), buyer_of("S-2"), everybody.desk()
    page = f"/staff/customers/{at}"
    for name in (f"{NAME}女士", NAME):
        data = {"name": name, "kind": "person", "language": "en", "home_store_id": everybody.store, "state": "active"}
        desk.send(f"{page}/edit", **data)
    desk.send(f"{page}/identifiers", f"{page}/edit", kind="email", value=EMAIL)
    for kind in ("note", "call"):
        desk.send(f"{page}/notes", page, kind=kind, note=WORDS)
    desk.send(f"{page}/consents", **{"marketing-sms": "yes", "proof": WORDS})
    home = desk.send(f"{page}/household", name=f"{NAME}一家", day="2026-03-01")
    desk.send(f"{home}/people", home, number=f"C-{other:07d}", day="2026-03-01")
    [car] = cars_of(at)
    for km, reason in (("100", ""), ("90", WORDS)):
        desk.send(f"/staff/vehicles/{car}/readings", f"/staff/vehicles/{car}", km=km, day="2026-03-11", reason=reason)
    desk.send(f"/staff/vehicles/{car}/holders/new", number=f"C-{other:07d}", role="driver", day="2026-03-01")
    return at, other


def typed_into_points(everybody, at, other):
    """Type about the person wherever points, levels and the membership ask for a reason or a note."""
    desk, call, member, taker = everybody.desk(), everybody.call, number_of(at), number_of(other)
    page, path = f"/staff/members/{member}", f"/members/{member}"
    desk.use(f"{page}/redeem", points="10", document="R-1", reason=WORDS)
    desk.use(f"{page}/adjust", direction="add", points="20", reason=WORDS)
    desk.use(f"{page}/transfer", to=taker, points="5", reason=WORDS)
    held = call("POST", f"{path}/holds", {"points": 7, "reason": WORDS}, key="1")["key"]
    call("POST", f"{path}/holds/{held}:capture", {"points": 3, "reason": WORDS}, key="2")
    redeemed = call("POST", f"{path}/redemptions", {"points": 6, "reason": WORDS}, key="3")["key"]
    call("POST", f"{path}/redemptions/{redeemed}:return", {"points": 2, "reason": WORDS}, key="4")
    call("POST", f"{path}/adjustments", {"points": -1, "reason": WORDS}, key="5")
    call("POST", f"{path}/transfers", {"points": 1, "to": taker, "reason": WORDS}, key="6")
    for move in ("suspend", "resume"):
        desk.send(f"{page}/state", move=move, reason=WORDS)
    call("POST", f"{path}/state", {"move": "suspend", "reason": WORDS}, key="7")
    call("POST", f"{path}/state", {"move": "resume"}, key="8")


def typed_into_approvals(everybody, at):
    """Ask a second person, who answers with notes, on pages and by a program."""
    desk, member = everybody.desk(), number_of(at)
    level = {"level": "silver", "until": "2026-12-31", "reason": WORDS}
    for decide in (decided_on_the_page, decided_by_program):
        for decision in ("return", "approve"):
            asked = {"points": 500, "reason": WORDS, "ask": True}
            first = everybody.call("POST", f"/members/{member}/adjustments", asked, key=f"{decide} {decision}")
            decide(everybody, first["approval"], decision)
            desk.send(f"/staff/members/{member}/level", **level)
            decide(everybody, first["approval"] + 1, decision)


def typed_into_tasks(everybody, at):
    """Arrange work for the person, and say how it went, on pages and by a program."""
    desk = everybody.desk()
    for record, path in enumerate(("skip", "record")):
        form = {"customer": f"C-{at:07d}", "note": WORDS, "day": "2026-03-12", "key": f"key {record}"}
        desk.send("/staff/tasks/new", **form)
        task = db.session.scalar(text("SELECT max(id) FROM tasks"))
        told = {"reason": WORDS} if path == "skip" else {"outcome": "settled", "note": WORDS}
        answer = desk.client.post(f"/staff/tasks/{task}/{path}", data=told)
        assert answer.status_code == 303, path
    told = Incoming("sms", "reply 1", PHONE, WORDS, db.session.scalar(text("SELECT now()")))
    receive_reply(told, now=told.received_at, by=SYSTEM)
    db.session.commit()


def decided_on_the_page(everybody, approval, decision):
    path = f"/staff/approvals/{approval}"
    everybody.desk(1).send(f"{path}/{decision}", path, note=WORDS)
    everybody.desk(0)


def decided_by_program(everybody, approval, decision):
    note = {"note": WORDS} if decision == "return" else {}
    everybody.call("POST", f"/approvals/{approval}:{decision}", note, person=1, key=f"{decision} {approval}")


def searched(everybody):
    """Look for the person wherever something is searched and exported."""
    desk = everybody.desk()
    for path in ("/staff/search", "/staff/members", "/staff/customers", "/staff/members/export.xlsx"):
        assert desk.client.get(f"{path}?q={NAME}").status_code in {200, 302, 303}


def paid(minor):
    return {"number": 1, "category": "labour", "quantity": 1, "gross": {"minor": minor, "currency": "CNY"}}


def buyer_of(sale_number):
    return lock_numbers([("core", sale_number)])["core", sale_number][0]


def cars_of(customer_id):
    return [held.vehicle.id for held in vehicles_of(customer_id)]


def dumped():
    """The database as `pg_dump` writes it."""
    url = make_url(db.engine.url).set(drivername="postgresql").render_as_string(hide_password=False)
    program = postgres_clients({}) / "pg_dump"
    done = subprocess.run([program, "--data-only", f"--dbname={url}"], capture_output=True, check=True)
    return done.stdout.decode()


def hits(dump):
    """Return (table, text) for each of the texts that stands in the rows of a table."""
    parts = re.findall(r"^COPY public\.(\w+).*?$(.*?)^\\\.$", dump, re.DOTALL | re.MULTILINE)
    return {(table, one) for table, rows in parts for one in NEEDLES if one in rows or one.encode().hex() in rows}


def test_whatever_was_typed_about_a_person_is_gone(everybody):
    at, other = typed_into_customers(everybody)
    typed_into_points(everybody, at, other)
    typed_into_approvals(everybody, at)
    typed_into_tasks(everybody, at)
    searched(everybody)
    before = {table for table, _ in hits(dumped())}
    everybody.portal(at).send("/my/erasure", "/my/privacy")

    everybody.desk().send(f"/staff/customers/{at}/erasure/done", f"/staff/customers/{at}/data")

    kept = {"customers", "consent_events", "households", "odometer_readings", "refunds", "timeline_rows"}
    assert before >= kept | {"points_remarks", "approvals", "tier_floors", "tasks", "task_attempts"}
    assert hits(dumped()) == set()
    assert audit() == []


def test_a_text_that_stays_is_found(committed, clock):
    """The negative control: the trail never forgets what is written into it."""
    entry = AuditEntry("member.suspended", "member", 1, SYSTEM, clock.now, after={"reason": WORDS})
    record_audit([entry])
    db.session.commit()

    assert {table for table, _ in hits(dumped())} == {"audit_rows"}
