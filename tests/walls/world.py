"""Two stores with the same things in each: what staff of the east see and must not see, and what is nowhere.

`seed` writes it by the product's own services. Each thing has three targets, `own` (east), `foreign` (west) and
`missing`, which hold the values that fill in the address of a route and the bodies of the table. `marks` are texts
that only one store's things have, so that a list that shows a foreign thing is found.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import UUID

from sqlalchemy import text

from loyalty.appointments.rules import Draft
from loyalty.appointments.service import make
from loyalty.customers.queries import card
from loyalty.customers.rules import CustomerDraft, customer_number
from loyalty.customers.service import (
    add_holder,
    create_customer,
    merge_customers,
    request_erasure,
    start_household,
)
from loyalty.kernel.actor import EVERYTHING, SYSTEM, Actor, Scope
from loyalty.kernel.clock import day_at, midnight
from loyalty.kernel.db import db
from loyalty.links.queries import link_by_code, rejects_page
from loyalty.links.rules import Plan
from loyalty.links.service import create_pull, create_webhook, receive
from loyalty.membership.rules import Use, number_of
from loyalty.membership.service import ask_for_level, hold, redeem
from loyalty.programme.rules.tables import Facts
from loyalty.programme.service import draft, draft_table, load_file, set_own_day, submit, submit_table
from loyalty.sales import service as sales
from loyalty.sales.rules import CustomerFact, LineFact, SaleFact, VehicleFact, parse_mapping
from loyalty.saved.service import save_filter
from loyalty.staff.rules import PERMISSIONS
from loyalty.staff.service import assign, create_account, create_api_client, create_store
from loyalty.tasks.rules import BY_HAND, NewTask, Sentenced
from loyalty.tasks.service import open_tasks
from loyalty.visits.queries import plans_page
from loyalty.visits.service import plan_facts
from tests.membership.conftest import programme
from tests.walls.mail import hooks, letters, text_draft

NOWHERE = 900_000_000  # far beyond what sequences reach while the tests run
MAPPING = {
    "source": "core",
    "columns": {
        "number": {"column": "order_no"},
        "customer_no": {"column": "customer"},
        "date": {"column": "day"},
        "amount": {"column": "amount"},
        "currency": {"value": "CNY"},
        "store": {"column": "store"},
    },
}


@dataclass(frozen=True, slots=True)
class Side:
    """One store and who has to do with it."""

    code: str
    store: str
    person: str
    phone: str
    vin: str
    plate: str

    @property
    def sale(self) -> str:
        return f"{self.code}-77001"

    @property
    def mates_sale(self) -> str:
        return f"{self.code}-77002"

    @property
    def clerk(self) -> str:
        return f"{self.code}柜员"

    @property
    def link(self) -> str:
        return f"dms-of-{self.code.lower()}"

    @property
    def file(self) -> str:
        return f"sales-of-{self.code}.csv"


EAST = Side("EAST1", "城东店", "欧阳东来", "13812340001", "LSVAA4182E2123456", "京A10001")
WEST = Side("WEST1", "城西店", "欧阳西去", "13987650002", "LFV2A21K8G4012345", "京B20002")


@dataclass(slots=True)
class World:
    """The things by name, each as own, foreign and missing."""

    things: dict[str, dict[str, Mapping[str, Any]]] = field(default_factory=dict)
    marks: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    stores: dict[str, int] = field(default_factory=dict)
    customers: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, own: Mapping[str, Any], foreign: Mapping[str, Any] | None, **missing: Any) -> None:
        self.things[name] = {"own": own, "foreign": foreign or {}, "missing": {**(foreign or own), **missing}}

    @property
    def foreign_marks(self) -> frozenset[str]:
        """Texts that nobody outside the western store may read."""
        return frozenset(mark for marks in self.marks.values() for mark in marks["foreign"])


def seed(now, data_dir) -> World:
    """Write the world and give it."""
    world = World()
    load_file(programme(), now=now, by=SYSTEM)
    made = {side: _side(side, now, data_dir) for side in (EAST, WEST)}
    own, foreign = made[EAST], made[WEST]
    shared = {"east": own["store"]["store_id"], **own["other"]}  # what bodies may name beside the target
    world.add("nothing", shared, None)
    for name, missing in MISSING.items():
        world.add(name, shared | own[name], shared | foreign[name], **missing)
    # Where the address is one's own and the body names the other.
    for name, address in (
        ("recipient", own["member"]),
        ("next owner", own["vehicle"]),
        ("second half", own["customer"]),
    ):
        nobody = {"person": customer_number(NOWHERE), "mate": number_of(NOWHERE)}
        world.add(name, shared | address, shared | address | foreign["other"], **nobody)
    for kind, marks in _marks(own, foreign).items():
        world.marks[kind] = marks
    world.stores = {"own": own["store"]["store_id"], "foreign": foreign["store"]["store_id"]}
    world.customers = {"own": own["customer"]["customer_id"], "foreign": foreign["customer"]["customer_id"]}
    _group(world, now)
    return world


# What is nowhere: another value for what the address names.
MISSING: dict[str, dict[str, Any]] = {
    "store": {"store_id": NOWHERE, "code": "NOWHERE"},
    "customer": {"customer_id": NOWHERE, "number": customer_number(NOWHERE)},
    "identifier": {"identifier_id": NOWHERE},
    "merge": {"merge_id": NOWHERE},
    "erasure": {"customer_id": NOWHERE, "number": customer_number(NOWHERE)},
    "household": {"household_id": NOWHERE, "customer_id": NOWHERE, "number": customer_number(NOWHERE)},
    "holder": {"vehicle_id": NOWHERE, "vin": "LSVAA4182E2999999"},
    "vehicle": {"vehicle_id": NOWHERE, "vin": "LSVAA4182E2999999"},
    "sale": {"sale_id": NOWHERE, "number": "NOWHERE-1"},
    "member": {"number": number_of(NOWHERE)},
    "movement": {"movement_id": NOWHERE},
    "redemption": {"number": number_of(NOWHERE), "key": "nowhere"},
    "hold": {"number": number_of(NOWHERE), "key": "nowhere"},
    "request": {"approval_id": NOWHERE},
    "appointment": {"appointment_id": NOWHERE},
    "visitor": {"customer_id": NOWHERE, "number": customer_number(NOWHERE)},
    "filter": {"number": NOWHERE},
    "task": {"task_id": NOWHERE},
    "plan": {"plan_id": NOWHERE},
    "import": {"run_id": NOWHERE},
    "audit row": {"row_id": NOWHERE},
    "link": {"code": "dms-of-nowhere"},
    "due message": {"message_id": NOWHERE},
    "unknown message": {"message_id": NOWHERE},
    "failed message": {"message_id": NOWHERE},
    "reply": {"reply_id": NOWHERE},
    "opt-out link": {"token": "1-0"},
}


def _side(side: Side, now, data_dir) -> dict[str, dict[str, Any]]:
    store_id = create_store(code=side.code, name=side.store, now=now, by=SYSTEM)
    _sell(side, now)
    customer_id, mate = customer_of(side.sale), customer_of(side.mates_sale)
    shown = card(customer_id, EVERYTHING)
    number = number_of(customer_id)
    clerk = Actor("staff", 1, side.clerk, dict.fromkeys(PERMISSIONS, frozenset({store_id})))
    use = Use(number, 10, "walls", document="W-1")
    redemption = redeem(use, scope=EVERYTHING, now=now, by=clerk)
    held = hold(use, scope=EVERYTHING, now=now, by=clerk)
    setter = create_account(username=f"setter-{side.code}", name=f"{side.store}值班", password=LONG, now=now, by=SYSTEM)
    by = Actor("staff", setter, "值班", {})
    until = now.date() + timedelta(days=90)
    asked = ask_for_level(number, "gold", until=until, reason="walls", scope=EVERYTHING, now=now, by=by)
    run_id = _import(side, now, data_dir, clerk)
    create_webhook(code=side.link, name=side.link, source=side.link, stores=[store_id], now=now, by=SYSTEM)
    sale_id, vehicle_id, movement_id = _ids(customer_id)
    car = {"vehicle_id": vehicle_id, "vin": side.vin}
    return {
        **_kin(side, store_id, car, now),
        "store": {"store_id": store_id, "code": side.code},
        "customer": {"customer_id": customer_id, "number": customer_number(customer_id)},
        "identifier": {"customer_id": customer_id, "identifier_id": shown.identifiers[0].id},
        "vehicle": car,
        "sale": {"sale_id": sale_id, "source": "core", "number": side.sale},
        "member": {"number": number},
        "movement": {"number": number, "movement_id": movement_id},
        "redemption": {"number": number, "key": redemption.key},
        "hold": {"number": number, "key": held.key},
        "request": {"approval_id": asked},
        "appointment": {"appointment_id": _appointment(customer_id, store_id, now)},
        "visitor": {"customer_id": customer_id, "number": customer_number(customer_id), "code": side.code},
        "filter": {"number": _filter(setter, store_id, now)},
        "task": {"task_id": _task(side, customer_id, store_id, now)},
        "plan": {"plan_id": _plan(customer_id, now)},
        "import": {"run_id": run_id},
        "audit row": {"row_id": _audit_row(side.clerk)},
        "link": {"code": side.link},
        **letters(side.code, customer_id, side.phone, now),
        "other": {"person": customer_number(mate), "mate": number_of(mate)},
    }


def _task(side: Side, customer_id: int, store_id: int, now) -> int:
    """Open a task for today, in the zone of the stores."""
    what = Sentenced("{note}", {"note": f"回访{side.code}"})
    day = day_at(now, "Asia/Shanghai")
    asked = NewTask("walls", BY_HAND.code, customer_id, store_id, day, day, what)
    return open_tasks([asked], now=now, by=SYSTEM)[0]


def _appointment(customer_id: int, store_id: int, now) -> int:
    """Make an appointment for the first hour of the next week."""
    day = day_at(now, "Asia/Shanghai")
    monday = midnight(day + timedelta(days=7 - day.weekday()), "Asia/Shanghai")
    return make(Draft(customer_id, store_id, monday + timedelta(hours=9), "repair", "walls"), now=now, by=SYSTEM).id


def _filter(account_id: int, store_id: int, now) -> int:
    """Save a filter and share it with the store."""
    scope = Scope(stores=frozenset({store_id}))
    about = {"store_id": store_id, "account_id": account_id, "scope": scope, "now": now}
    return save_filter("tasks", "walls", {"view": "overdue"}, **about).id


def _plan(customer_id: int, now) -> int:
    """Plan what follows the sales so far, and return the plan of this customer."""
    plan_facts(now=now, by=SYSTEM)
    return plans_page(EVERYTHING, state=None, customer_id=customer_id).items[0].id


def _kin(side: Side, store_id: int, car: Mapping[str, Any], now) -> dict[str, dict[str, Any]]:
    """Add people who are merged, live together, drive the car, and ask to be forgotten; nobody of them is a member."""
    what = {"scope": EVERYTHING, "now": now, "by": SYSTEM}
    names = [f"{side.person}{kin}" for kin in ("父", "母", "子")]
    people = [create_customer(CustomerDraft(name, home_store_id=store_id), **what).customer_id for name in names]
    kept, gone, asks = people
    merged = merge_customers(kept, gone, {}, **what)
    household = start_household(kept, f"{side.person}家", day=now.date(), **what)
    add_holder(car["vehicle_id"], kept, "driver", day=now.date(), **what)
    request_erasure(asks, **what)
    who = {"customer_id": kept, "number": customer_number(kept)}
    return {
        "merge": {"merge_id": merged.merge_id, **who},
        "household": {"household_id": household, **who},
        "holder": {**car, **who},
        "erasure": {"customer_id": asks, "number": customer_number(asks)},
    }


LONG = "correct horse staple"


def customer_of(sale: str) -> int:
    """Return the customer of a sale."""
    return db.session.execute(
        text("SELECT customer_id FROM sale_numbers WHERE source = 'core' AND number = :number"), {"number": sale}
    ).scalar_one()


def _audit_row(actor: str) -> int:
    """Return the row of the trail that tells of the redemption of a side's clerk."""
    return db.session.execute(
        text("SELECT max(id) FROM audit_rows WHERE actor_name = :actor AND action = 'points.redeem'"), {"actor": actor}
    ).scalar_one()


def _sell(side: Side, now) -> None:
    """Sell to the person of a side, and to a mate of theirs."""
    line = LineFact(1, None, "labour", Decimal(1), 900_000, 0, 900_000)
    shared = {"source": "core", "kind": "service", "store": side.code, "occurred": date(2026, 3, 10)}
    person = CustomerFact(f"K-{side.code}", side.person, side.phone)
    car = VehicleFact(side.vin, side.plate)
    mate = CustomerFact(f"M-{side.code}", f"{side.person}友")
    facts = [
        SaleFact(**shared, number=side.sale, customer=person, currency="CNY", lines=(line,), vehicle=car),
        SaleFact(**shared, number=side.mates_sale, customer=mate, currency="CNY", lines=(line,)),
    ]
    outcomes = sales.record_sales(facts, mode="create", now=now, by=SYSTEM)
    assert [outcome.state for outcome in outcomes] == ["created", "created"]


def _ids(customer_id: int) -> tuple[int, int, int]:
    found = db.session.execute(
        text("""
            SELECT (SELECT min(id) FROM sales WHERE customer_id = :customer),
                   (SELECT min(vehicle_id) FROM ownerships WHERE holder_id = :customer),
                   (SELECT min(id) FROM ledger_transactions WHERE customer_id = :customer)
        """),
        {"customer": customer_id},
    ).one()
    return found[0], found[1], found[2]


def _import(side: Side, now, data_dir, by: Actor) -> int:
    rows = f"order_no,customer,day,amount,store\n{side.code}-1,K-{side.code},2026-03-01,10.00,{side.code}\n"
    folder = sales.uploads_folder(data_dir)
    kept = sales.keep_upload(BytesIO(rows.encode()), folder, most_bytes=10_000)
    run_id = sales.add_run(
        file_name=side.file, stored_name=kept.name, stored_key=kept.key, file_bytes=kept.size, now=now, by=by
    )
    sales.start_run(run_id, parse_mapping(MAPPING), mapping_name=None, dry_run=True, now=now, by=by)
    return run_id


def _marks(own: Mapping[str, Any], foreign: Mapping[str, Any]) -> dict[str, dict[str, tuple[str, ...]]]:
    sides = {"own": (EAST, own), "foreign": (WEST, foreign)}
    return {
        "customers": {which: (side.person,) for which, (side, _) in sides.items()},
        "vehicles": {which: (side.vin,) for which, (side, _) in sides.items()},
        "plates": {which: (f"{side.plate[:2]}·{side.plate[2:]}",) for which, (side, _) in sides.items()},
        "erasures": {which: (f"{side.person}子",) for which, (side, _) in sides.items()},
        "sales": {which: (side.sale,) for which, (side, _) in sides.items()},
        "members": {which: (things["member"]["number"],) for which, (_, things) in sides.items()},
        "requests": {which: (things["member"]["number"],) for which, (_, things) in sides.items()},
        "plans": {which: (side.person,) for which, (side, _) in sides.items()},
        "appointments": {which: (side.person,) for which, (side, _) in sides.items()},
        "tasks": {which: (f"回访{side.code}",) for which, (side, _) in sides.items()},
        "imports": {which: (side.file,) for which, (side, _) in sides.items()},
        "links": {which: (side.link,) for which, (side, _) in sides.items()},
        "customer numbers": {which: (things["customer"]["number"],) for which, (_, things) in sides.items()},
        "clerks": {which: (side.clerk,) for which, (side, _) in sides.items()},
        "stores": {which: (side.code,) for which, (side, _) in sides.items()},
    }


FACTS = Facts(
    kind="pricing_factor",
    region="CN",
    valid_from=date(2026, 1, 1),
    valid_to=None,
    source="通知",
    certainty="seen",
    remark="",
    rows=[{"least": "0.5", "most": "1.5"}],
)


def _group(world: World, now) -> None:
    """Add what belongs to the group: rules, accounts, tokens, days of the calendar."""
    author = create_account(username="author", name="规则作者", password=LONG, now=now, by=SYSTEM)
    world_by = Actor("staff", author, "规则作者", dict.fromkeys(PERMISSIONS))
    body = {"mode": "months", "months": 36}
    drafted = draft("expiry", body, now=now, by=world_by)
    asked = draft("expiry", {**body, "months": 30}, now=now, by=world_by)
    submit(asked, now=now, by=world_by)
    world.add("mapping", {"mapping_name": "monthly"}, None, mapping_name="daily")
    world.add("draft", {"version_id": drafted}, None, version_id=NOWHERE)
    world.add("version in review", {"version_id": asked}, None, version_id=NOWHERE)
    tables = [draft_table(FACTS, now=now, by=world_by) for _ in range(2)]
    submit_table(tables[1], now=now, by=world_by)
    world.add("table draft", {"table_id": tables[0]}, None, table_id=NOWHERE)
    world.add("table in review", {"table_id": tables[1]}, None, table_id=NOWHERE)
    set_own_day(date(2026, 7, 1), works=False, name="店庆", now=now, by=world_by)
    receiver = hooks(now)
    world.add("receiver", receiver, None, hook_id=NOWHERE)
    world.add("hook delivery", receiver, None, delivery_id=NOWHERE)
    world.things["text draft"] = {"own": {"name": text_draft(now)}, "foreign": {}, "missing": {"name": "nowhere"}}
    world.things["template"] = {"own": {"name": "walls"}, "foreign": {}, "missing": {"name": "nowhere"}}
    world.add("channel", {"channel": "sms"}, None, channel="fax")
    world.add("own day", {"day": "2026-07-01"}, None, day="2026-07-02")
    account = create_account(username="walled", name="林小悦", password=LONG, now=now, by=SYSTEM)
    assignment = assign(account, "care_agent", store_id=None, from_day=date(2026, 1, 1), now=now, by=SYSTEM)
    world.add("account", {"account_id": account}, None, account_id=NOWHERE)
    world.add("device", {"session_id": "0" * 64}, None, session_id=NOWHERE)
    world.add("role", {"account_id": account, "assignment_id": assignment}, None, assignment_id=NOWHERE)
    _links(world, now)
    client, _ = create_api_client(name="walled link", permissions=["sales.read"], now=now, by=SYSTEM)
    world.add("client", {"client_id": client}, None, client_id=NOWHERE)


def _links(world: World, now) -> None:
    """Add links of the group: a webhook with something rejected, and a view that nobody reaches."""
    shared = {"source": "dms", "stores": None, "now": now, "by": SYSTEM}
    create_webhook(code="group-hook", name="walled webhook", **shared)
    url, plan = "postgresql://u:p@127.0.0.1:1/core", Plan("settled", parse_mapping(MAPPING))
    create_pull(code="group-view", name="walled view", url=url, plan=plan, **shared)
    hook = link_by_code("group-hook")
    receive(hook, "E-1", b'{"id": "E-1", "sales": [{"number": "S-1"}]}', now=now)
    rejected = str(rejects_page(hook.id, limit=1).items[0].id)
    world.add("webhook", {"code": hook.code}, None, code="nowhere")
    world.add("linked view", {"code": "group-view"}, None, code="nowhere")
    world.add("rejected", {"code": hook.code, "reject_id": rejected}, None, reject_id=str(UUID(int=NOWHERE)))
