"""What is written about a person while visits are planned, messages sent and tasks done is gone after an erasure.

Each table of these features that has rows of a customer gets one of the person and one of somebody else, by its own
columns: a text that people may read stands in every field that takes any. So a new table or column is held to this as
it comes.
"""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Boolean, Date, DateTime, Integer, LargeBinary, Text, Uuid, func, insert, select
from sqlalchemy.dialects.postgresql import JSONB

from loyalty.customers.rules import Buyer, VehicleSeen
from loyalty.customers.service import ensure_customers, ensure_vehicles, erase, request_erasure
from loyalty.kernel.actor import EVERYTHING, SYSTEM
from loyalty.kernel.crypto import seal
from loyalty.kernel.db import Base, db
from loyalty.messaging.models import TemplateVersion
from loyalty.messaging.service import TemplateDraft, create_template
from loyalty.staff.service import create_store
from loyalty.tasks.service import moving
from tests.messaging.conftest import READY

WORDS = "司徒明月 13913572468"
OTHER, STORE = "另一人", "CD01"
FEATURES = ("loyalty.visits", "loyalty.messaging", "loyalty.tasks")
NAMES_OF_ROWS = ("customer_id", "about_customer_id")

# What is no free text: words of the product itself, names of staff, and keys that programs made of numbers.
FIXED = {
    "plan_facts": {"trigger": "service"},
    "plans": {
        "key": "service:1",
        "trigger": "service",
        "state": "active",
        "reason": None,
        "ended_at": None,
        "basis": {"hour": "10:00"},
    },
    "plan_steps": {
        "code": "x",
        "task_kind": "call",
        "channel": "sms",
        "template": "visits.call",
        "names": {"zh": "回访"},
        "why": [],
        "state": "planned",
    },
    "tasks": {
        "dedupe_key": "x",
        "kind": "call",
        "state": "open",
        "outcome": None,
        "ended_at": None,
        "ended_by": None,
        "about_kind": "x",
        "owner_id": None,
        "taken_by": None,
        "taken_until": None,
    },
    "task_attempts": {"outcome": "done", "means": "reached", "by_name": "林悦", "takes_back_id": None},
    "task_changes": {"act": "opened", "before": None, "after": "open", "by_kind": "staff", "by_name": "林悦"},
    "messages": {
        "dedupe_key": "x",
        "purpose": "service",
        "language": "zh",
        "channel": "sms",
        "state": "due",
        "rule": None,
        "about_kind": None,
        "planned_by": "林悦",
        "problem": None,
        "reference": "of the provider",
        "token": None,
        "lease_until": None,
        "handed_at": None,
        "ended_at": None,
        "resends_id": None,
        "attempts": 0,
    },
    "message_attempts": {"outcome": "accepted", "reference": "of the provider"},
    "send_decisions": {"verdict": "hold", "rule": "quiet_hours"},
    "message_inquiries": {"said": None},
    "message_receipts": {"kind": "delivered", "source": "provider", "by_name": "林悦"},
    "message_replies": {"channel": "sms", "provider_id": "x", "handled_by": "林悦"},
}
# The rows that others hang on come first.
ORDER = ("plans", "tasks", "messages")


def tables():
    """The tables of these features that have rows of a customer, those that others hang on first."""
    found = [
        mapper.local_table
        for mapper in Base.registry.mappers
        if mapper.class_.__module__.startswith(FEATURES) and set(NAMES_OF_ROWS) & set(mapper.local_table.c.keys())
    ]
    return sorted(found, key=lambda table: (table.name not in ORDER, table.name))


def whose(table):
    """The column that says whose a row is."""
    return next(table.c[name] for name in NAMES_OF_ROWS if name in table.c)


def value_of(column, at, known, clock):
    """What stands in a column of a row of that customer: the words, wherever it takes a text."""
    if column.name in known:
        return known[column.name]
    kinds = {
        Text: WORDS,
        JSONB: [WORDS] if column.name == "remarks" else {"said": WORDS},
        LargeBinary: seal(WORDS, place="of no matter"),
        DateTime: clock.now,
        Date: clock.now.date(),
        Boolean: False,
        Integer: 1,
        Uuid: UUID(int=at),
    }
    return next(value for kind, value in kinds.items() if isinstance(column.type, kind))


def plant(at, store, vehicle, version, clock):
    """Write a row of that customer into each of the tables."""
    made = {"store_id": store, "vehicle_id": vehicle, "version_id": version, "policy_id": None}
    for table in tables():
        known = made | FIXED[table.name] | {whose(table).name: at}
        known |= {"policy_version_id": None, "follows_id": None, "sale_id": 1, "provider_id": f"of {at}"}
        asked = [column for column in table.c if column.identity is None]
        values = {column.name: value_of(column, at, known, clock) for column in asked}
        row = db.session.execute(insert(table).values(values).returning(*table.primary_key)).mappings().one()
        if table.name in ORDER:
            made[table.name.removesuffix("s") + "_id"] = row["id"]


def rows_of(at):
    """What stands in the rows of that customer, by table: their texts, what is sealed, and their vehicle."""
    told = {}
    for table in tables():
        rows = db.session.execute(select(table).where(whose(table) == at)).mappings().all()
        assert rows
        cells = [cell for row in rows for cell in row.items()]
        told[table.name] = {
            name
            for name, value in cells
            if WORDS in str(value) or isinstance(value, bytes) or (name == "vehicle_id" and value is not None)
        }
    return told


@pytest.fixture
def people(db_session, clock):
    """The person and somebody else, with a row each in every table."""
    now = {"now": clock.now, "by": SYSTEM}
    store = create_store(code=STORE, name="城东店", **now)
    buyers = [Buyer("core", name, name, None, "person", store) for name in (WORDS[:4], OTHER)]
    ids = list(ensure_customers(buyers, **now).values())
    create_template(TemplateDraft("ready", "Ready", "service", READY), **now)
    version = db.session.scalar(select(func.min(TemplateVersion.id)))
    for place, at in enumerate(ids):
        vin = f"LSVAA4182E210000{place}"
        vehicle = ensure_vehicles([VehicleSeen(vin, at, clock.now, clock.now.date())], **now)[vin]
        plant(at, store, vehicle, version, clock)
    return ids


def forget(at, clock):
    how = {"scope": EVERYTHING, "now": clock.now + timedelta(minutes=1), "by": SYSTEM}
    request_erasure(at, **how)
    erase(at, **how)
    db.session.expire_all()


def test_each_table_gets_its_rows(people):
    assert {table.name for table in tables()} == set(FIXED)
    told = rows_of(people[0])
    assert {name for name, found in told.items() if found} >= {
        "plan_facts",
        "plans",
        "tasks",
        "task_attempts",
        "task_changes",
        "messages",
        "message_attempts",
        "message_inquiries",
        "message_receipts",
        "message_replies",
    }


def test_nothing_of_the_person_is_left_and_all_of_the_other(people, clock):
    person, other = people
    before = rows_of(other)

    forget(person, clock)

    assert {name: found for name, found in rows_of(person).items() if found} == {}
    assert rows_of(other) == before


def test_without_the_safeguard_it_is_left(people, clock, monkeypatch):
    """The negative control."""
    monkeypatch.setattr(moving, "_FORGET", moving._FORGET[:1])

    forget(people[0], clock)

    left = {name for name, found in rows_of(people[0]).items() if found}
    assert left == {"task_attempts", "task_changes"}
