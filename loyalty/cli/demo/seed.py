"""`loyalty seed`: write the demo's dealer group, once; `--show` tells who can sign in."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from itertools import groupby
from pathlib import Path
from random import Random

import click

from jobs.schedule import STEPS
from loyalty.cli.application import application
from loyalty.cli.demo import history
from loyalty.cli.demo.calls import record_calls
from loyalty.cli.demo.diary import fill_diary
from loyalty.cli.demo.people import Owner, owners
from loyalty.cli.demo.staff import PASSWORD, PEOPLE, SECRET, ZONE, hire, open_stores
from loyalty.cli.demo.waiting import ask_for_approvals
from loyalty.customers import service as customers
from loyalty.customers.rules import CHANNELS, ConsentGiven, CustomerDraft
from loyalty.kernel.actor import EVERYTHING, SYSTEM
from loyalty.kernel.clock import add_months, day_at, midnight, month_start, utc_now, zone_of
from loyalty.kernel.db import transaction
from loyalty.kernel.errors import Refused
from loyalty.membership import queries as members
from loyalty.membership import service as membership
from loyalty.membership.rules import Use
from loyalty.programme.service import load_file, load_tables
from loyalty.sales.rules import SaleFact
from loyalty.sales.service import record_sales
from loyalty.staff.queries import stores as known_stores

SEED = 20260312
FOLLOW_UP = frozenset({"reminders", "hand-over"})
OWNERS = 300
PROGRAMME = Path(__file__).parent / "programme.json"


@click.command()
@click.option("--show", is_flag=True, help="Tell the accounts of the demo and write nothing.")
def seed(*, show: bool) -> None:
    """Write the demo's dealer group into an empty installation; an installation with stores is left alone."""
    with application():
        if show:
            _show()
        elif known_stores(EVERYTHING):
            click.echo("The data of the last time is kept.", err=True)
        else:
            click.echo("Writing two years of a small dealer group ...", err=True)
            with transaction():  # all or nothing: a stopped first start begins anew
                write(utc_now())


def write(now: datetime) -> None:
    """Write stores, staff, programme and the history up to the day before `now`."""
    random = Random(SEED)
    today = day_at(now, ZONE)
    began = now - timedelta(days=history.DAYS + 30)
    stores = open_stores(began)
    hire(stores, began)
    load_file(PROGRAMME, now=began, by=SYSTEM)
    load_tables(now=began, by=SYSTEM)
    people = list(owners(random, OWNERS, len(stores)))
    ids = _register(random, people, list(stores.values()), began)
    told = history.sales(random, people, list(stores), today)
    for facts, at in _by_month(told, now):
        for outcome in record_sales(facts, mode="create", now=at, by=SYSTEM):
            if outcome.problem is not None:
                raise click.ClickException(f"The demo's own history was refused: {outcome.problem}")
        for step in STEPS:
            if step.name in FOLLOW_UP and at < now:
                continue  # what was to be done in those months is long done
            step.run(day_at(at, ZONE) - timedelta(days=1), zone=ZONE, now=at)
        _use_points(random, ids, list(stores.values()), at)
    record_calls(random, now)
    shops = list(stores.values())
    fill_diary(random, [(number, shops[owner.home]) for number, owner in zip(ids, people, strict=True)], now)
    ask_for_approvals(stores["NH"], now)


def _register(random: Random, people: Sequence[Owner], stores: Sequence[int], now: datetime) -> list[int]:
    ids = []
    for owner in people:
        draft = CustomerDraft(
            name=owner.name,
            kind=owner.kind,
            gender=owner.gender,
            birthday=owner.birthday,
            home_store_id=stores[owner.home],
            identifiers=(("phone", owner.phone),),
            source=history.SOURCE,
            external_number=owner.number,
        )
        customer_id = customers.create_customer(draft, scope=EVERYTHING, now=now, by=SYSTEM).customer_id
        given = [
            ConsentGiven(purpose, channel, granted=True, at=now, text_version="2024-01", by=owner.name)
            for purpose, channel in _consents(random)
        ]
        customers.record_consents(customer_id, given, scope=EVERYTHING, now=now, by=SYSTEM)
        ids.append(customer_id)
    return ids


def _consents(random: Random) -> Iterator[tuple[str, str]]:
    yield "privacy", "all"
    for channel in CHANNELS:
        yield "service", channel
        if random.random() < 0.6:
            yield "marketing", channel


def _by_month(told: Sequence[SaleFact], now: datetime) -> Iterator[tuple[list[SaleFact], datetime]]:
    """Yield the sales of each month with the moment at which they are written: the end of the month, or now."""

    def month(fact: SaleFact) -> datetime:
        day = fact.occurred.date() if isinstance(fact.occurred, datetime) else fact.occurred
        return midnight(add_months(month_start(day), 1), ZONE)

    for end, facts in groupby(told, month):
        yield list(facts), min(end + timedelta(hours=3), now)


def _use_points(random: Random, ids: Sequence[int], stores: Sequence[int], now: datetime) -> None:
    for customer_id in random.sample(ids, 6):
        member = members.member_of(customer_id, EVERYTHING)
        if member is None:
            continue
        points = random.choice((200, 300, 500, 800))
        at = datetime.combine(now.astimezone(zone_of(ZONE)).date(), time(0), zone_of(ZONE))
        use = Use(
            member.number,
            points,
            reason=random.choice(("精洗一次", "机油代金券", "保养抵扣")),
            store_id=random.choice(stores) if random.random() < 0.2 else member.store_id,
            occurred_at=min(at, now),
        )
        try:
            membership.redeem(use, scope=EVERYTHING, now=now, by=SYSTEM)
        except Refused:
            continue  # not enough yet: this owner comes back another month


def _show() -> None:
    names: Mapping[str | None, str] = {store.code: store.name for store in known_stores(EVERYTHING)}
    click.echo(f"Staff sign in at /staff/login, all with the password {PASSWORD}\n")
    for username, name, role, store in PEOPLE:
        click.echo(f"  {username:<10} {name}  {role.replace('_', ' '):<16} {names.get(store, '全部门店')}")
    click.echo(
        "\nFinance, managers and administrators also need a code. It changes every 30 seconds and is taken once:\n"
    )
    click.echo("  loyalty staff code zhao.gang   (the code of now)")
    click.echo(f"  or add this key to an authenticator app: {SECRET}")
    click.echo("\nOwners sign in at /my/login by phone; the code is printed here. For example:\n")
    for phone, name, level in sample_owners():
        click.echo(f"  {phone}  {name}  {level}")
    click.echo("")


def sample_owners() -> list[tuple[str, str, str]]:
    """Return phone, name and level of one owner for each level that somebody has, the highest first."""
    invented = list(owners(Random(SEED), OWNERS, len(known_stores(EVERYTHING))))
    times = Counter(owner.name for owner in invented)
    phones = {owner.name: owner.phone for owner in invented if times[owner.name] == 1}
    samples = []
    for level in reversed(json.loads(PROGRAMME.read_text())["versions"][-1]["body"]["levels"]):
        found = members.listed(members.Filter(level_code=level["code"]), EVERYTHING, limit=50)
        name = next((row.name for row in found.items if row.name in phones), None)
        if name:
            samples.append((phones[name], name, level["name"]["zh"]))
    return samples
