"""A person is forgotten: no table tells who it was, the books add up as before, and nobody comes back by an import."""

from datetime import date

import pytest
from sqlalchemy import text

from loyalty.customers import queries, service
from loyalty.customers.rules import (
    ConsentGiven,
    ErasedBefore,
    ErasureAsked,
    ErasureNotFound,
)
from loyalty.kernel import sessions
from loyalty.kernel.actor import EVERYTHING, SYSTEM, Actor
from loyalty.kernel.db import Base, db
from loyalty.kernel.sessions import seal_told
from loyalty.points import queries as points
from loyalty.points import service as ledger
from loyalty.points.rules import Ask
from loyalty.points.rules.merging import HeldBeforeErasure, OwedBeforeErasure
from loyalty.sales.queries import reject_place
from loyalty.sales.sealed import seal_reject
from loyalty.sales.service import record_refunds, record_sales
from tests.sales.conftest import VIN, a_line, a_refund, a_sale, back

NAME, PHONE, PLATE, EMAIL = "欧阳建国", "13812345678", "粤A0X12D", "ouyang.jianguo@example.com"
NUMBER = "DMS-7741-002"
NEEDLES = (NAME, PHONE, "138 1234 5678", "+8613812345678", PLATE, "粤A·0X12D", EMAIL, NUMBER)


@pytest.fixture
def person(rules, sell, store, clock, everything):
    """Somebody of whom everything is known that can be known."""
    at = sell(
        a_sale("S-1", a_line(gross=300_000), customer=NUMBER, name=NAME, phone=PHONE, vin=VIN, plate=PLATE),
        a_sale("S-2", a_line(gross=100_000), customer=NUMBER, vin=VIN, occurred=date(2026, 3, 11)),
    )
    what = {"scope": everything, "now": clock.now, "by": SYSTEM}
    service.add_identifier(at, "email", EMAIL, **what)
    service.change_customer(at, {"birthday": date(1985, 6, 7), "gender": "male"}, **what)
    service.change_customer(at, {"name": NAME + "先生"}, **what)
    service.change_customer(at, {"name": NAME}, **what)
    household = service.start_household(at, f"{NAME}的家庭", day=date(2026, 3, 1), **what)
    service.join_household(household, sell(a_sale("F-1", customer="K-8", name="李雷")), day=date(2026, 3, 1), **what)
    service.add_note(at, f"{NAME} 回电 {PHONE}", **what)
    told = ConsentGiven("marketing", "sms", granted=True, at=clock.now, proof=f"{NAME} 签字")
    service.record_consents(at, [told], **what)
    record_refunds([a_refund("R-1", back(gross=100_000), sale="S-2", reason=f"{NAME} 投诉")], now=clock.now, by=SYSTEM)
    ledger.redeem(Ask(at, 500, "U1", store, "service"), now=clock.now, by=SYSTEM)
    return at


@pytest.fixture
def erase(clock):
    def call(customer_id, *, asked=True, dry_run=False):
        if asked:
            service.request_erasure(customer_id, scope=EVERYTHING, now=clock.now, by=SYSTEM)
        return service.erase(customer_id, scope=EVERYTHING, now=clock.now, by=SYSTEM, dry_run=dry_run)

    return call


def hits(needles=NEEDLES):
    """Return where any of the texts stands: (table, text), in clear or as bytes, over every table and column."""
    found = set()
    for table in Base.metadata.tables:
        for row in db.session.execute(text(f'SELECT CAST(t AS text) FROM "{table}" AS t')).scalars():  # noqa: S608
            found |= {(table, one) for one in needles if one in row or one.encode().hex() in row}
    return found


def totals():
    """Return the sums of the ledger by place and unit."""
    return [
        tuple(row)
        for row in db.session.execute(
            text(
                "SELECT a.unit, p.place, sum(p.points) FROM ledger_postings p"
                " JOIN ledger_transactions t ON t.customer_id = p.customer_id AND t.id = p.transaction_id"
                " JOIN points_accounts a ON a.customer_id = t.customer_id AND a.id = t.account_id"
                " GROUP BY 1, 2 ORDER BY 1, 2"
            )
        )
    ]


def plant_elsewhere(clock, person):
    """Let the person's data stand where they come to stand by the way: refused rows, forms that were kept, sessions."""
    db.session.execute(
        text(
            "INSERT INTO import_runs (state, dry_run, file_name, file_bytes, actor_kind, actor_name, created_at)"
            " VALUES ('done', false, 'a.csv', 1, 'system', 'system', :now)"
        ),
        {"now": clock.now},
    )
    run_id = db.session.scalar(text("SELECT max(id) FROM import_runs"))
    sealed = seal_reject(reject_place(run_id, 3, 0), PHONE, ["S-3", NAME, PHONE, PLATE])
    db.session.execute(
        text(
            "INSERT INTO import_rejects (run_id, row, ordinal, field, sentence, numbers, sealed)"
            " VALUES (:run_id, 3, 0, 'phone', 'Enter a day.', '{}', :sealed)"
        ),
        {"run_id": run_id, "sealed": sealed},
    )
    db.session.execute(
        text(
            "INSERT INTO web_sessions (id_hash, kind, subject_id, data, sealed, agent, address, created_at, seen_at)"
            " VALUES ('\\x01', 'owner', :person, '{}', NULL, '', '', :now, :now),"
            " ('\\x02', 'guest', NULL, '{}', :kept, '', '', :now, :now),"
            " ('\\x03', 'guest', NULL, '{}', :others, '', '', :now, :now)"
        ),
        {
            "person": person,
            "now": clock.now,
            "kept": seal_told(b"\x02", {"kept_form": {"typed": {"q": [f"+86 {PHONE}"]}}}),
            "others": seal_told(b"\x03", {"kept_form": {"typed": {"q": ["13911112222", f"{NAME}子"]}}}),
        },
    )


def test_no_table_tells_who_it_was(person, erase, clock):
    plant_elsewhere(clock, person)
    assert {table for table, _ in hits()} >= {"customers", "timeline_rows"}
    refused = "SELECT count(*) FROM import_rejects WHERE sealed IS NOT NULL"
    waiting = "SELECT encode(id_hash, 'hex') FROM web_sessions WHERE sealed IS NOT NULL ORDER BY 1"
    assert db.session.scalar(text(refused)) == 1
    assert db.session.scalars(text(waiting)).all() == ["02", "03"]

    erase(person)

    assert hits() == set()
    assert db.session.scalar(text(refused)) == 0
    assert db.session.scalars(text(waiting)).all() == ["03"]
    assert queries.customer(person, EVERYTHING).state == "erased"


def test_no_table_links_the_vehicle_to_the_pseudonym(person, erase):
    [held] = queries.vehicles_of(person)

    erase(person)

    assert queries.holdings(held.vehicle.id) == []
    assert db.session.scalar(text("SELECT count(*) FROM sales WHERE vehicle_id IS NOT NULL")) == 0
    assert {table for table, _ in hits((VIN,))} == {"vehicles"}  # a car, and nobody's


def test_the_books_add_up_as_before(person, erase):
    before = totals()

    erase(person)

    assert totals() == before
    assert points.audit() == []


def test_a_dry_run_counts_and_changes_nothing(person, erase):
    before = hits()

    tried = erase(person, dry_run=True)

    kinds = {one.kind: dict(one.numbers) for one in tried.effects}
    assert kinds["customers.identifiers_wiped"] == {"count": 2}
    assert kinds["points.unreachable"]["points"] == 2_500
    assert hits() >= before
    assert queries.customer(person, EVERYTHING).state == "active"


def test_owed_points_are_settled_first(person, erase, clock, store):
    ledger.redeem(Ask(person, 2_500, "U2", store, "service"), now=clock.now, by=SYSTEM)
    record_refunds([a_refund("R-2", back(gross=300_000), sale="S-1")], now=clock.now, by=SYSTEM)

    with pytest.raises(OwedBeforeErasure, match="3000"):
        erase(person)

    assert queries.customer(person, EVERYTHING).name == NAME


def test_reserved_points_are_settled_first(person, erase, clock, store):
    ledger.hold(Ask(person, 100, "H1", store, "order"), now=clock.now, by=SYSTEM)

    with pytest.raises(HeldBeforeErasure):
        erase(person)

    ledger.release(Ask(person, 100, "L1", store, "order"), "H1", now=clock.now, by=SYSTEM)
    assert erase(person, asked=False).effects  # the control: without the reservation it is done


def test_an_import_alone_does_not_bring_the_person_back(person, erase, clock):
    erase(person)

    again = record_sales(
        [
            a_sale("S-1", a_line(gross=300_000), customer=NUMBER, name=NAME, phone=PHONE, vin=VIN, plate=PLATE),
            a_sale("S-9", a_line(gross=100_000), customer=NUMBER, name=NAME, phone=PHONE, vin=VIN, plate=PLATE),
        ],
        mode="upsert",
        now=clock.now,
        by=SYSTEM,
    )

    assert [one.state for one in again] == ["same", "created"]
    assert again[1].customer_id == person
    assert hits((NAME, PHONE, EMAIL, NUMBER)) == set()


def test_the_tombstone_knows_the_phone_and_nobody_else_s(person, erase):
    assert not queries.was_erased("phone", f"+86{PHONE}")

    erase(person)

    assert queries.was_erased("phone", f"+86{PHONE}")
    assert not queries.was_erased("phone", "+8613812345679")


def test_all_that_were_merged_into_the_person_are_forgotten(person, sell, erase, clock):
    twin = sell(a_sale("T-1", customer="K-77", name=NAME, phone="13700000077"))
    merged = service.merge_customers(person, twin, {}, scope=EVERYTHING, now=clock.now, by=SYSTEM)

    erase(person)

    assert hits((*NEEDLES, "13700000077", "K-77")) == set()
    with pytest.raises(Exception, match="30 days"):
        service.part_customers(merged.merge_id, scope=EVERYTHING, now=clock.now, by=SYSTEM)


def test_a_car_that_somebody_else_holds_keeps_its_plate(person, make_customer, erase, clock):
    [held] = queries.vehicles_of(person)
    buyer = make_customer("李雷")
    service.change_owner(held.vehicle.id, buyer, day=date(2026, 3, 12), scope=EVERYTHING, now=clock.now, by=SYSTEM)

    erase(person)

    assert [one.vehicle.plate for one in queries.vehicles_of(buyer)] == [PLATE]


def test_it_takes_two_steps_and_one_request(person, erase, clock):
    with pytest.raises(ErasureNotFound):
        erase(person, asked=False)
    service.request_erasure(person, scope=EVERYTHING, now=clock.now, by=SYSTEM)
    with pytest.raises(ErasureAsked):
        service.request_erasure(person, scope=EVERYTHING, now=clock.now, by=SYSTEM)
    service.withdraw_erasure(person, scope=EVERYTHING, now=clock.now, by=SYSTEM)
    with pytest.raises(ErasureNotFound):
        erase(person, asked=False)

    erase(person)
    with pytest.raises(ErasedBefore):
        service.request_erasure(person, scope=EVERYTHING, now=clock.now, by=SYSTEM)


def test_evidence_goes_only_by_the_rules(person):
    with pytest.raises(Exception, match="only added"), db.session.begin_nested():
        db.session.execute(text("DELETE FROM consent_events"))


def test_the_audit_trail_hints_at_names_and_never_tells_them(person):
    trail = [
        str(row) for row in db.session.execute(text("SELECT before, after, actor_name FROM audit_rows")).mappings()
    ]

    assert any("欧**" in row for row in trail)
    assert not any(NAME in row or "1985-06-07" in row for row in trail)


def test_an_owner_is_named_by_the_number_in_all_trails(person, client, clock):
    by = Actor("owner", person, f"C-{person:07d}", customer_id=person)
    service.request_erasure(person, scope=by.scope("customers.read"), now=clock.now, by=by)

    assert queries.open_request(person).asked_by == f"C-{person:07d}"
    assert sessions.end_all("owner", person) == 0
