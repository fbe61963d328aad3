"""Messages to members: points that end soon, and a level that they reached.

Only active members are told, as a suspended one could use neither. A text that people have retired, or that asks for
values nobody has here, sends nothing: sales and nights go on without it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from loyalty.customers.queries import CustomerView, customers_by_ids
from loyalty.kernel.actor import EVERYTHING, Actor
from loyalty.kernel.clock import day_at, end_of, zone_of
from loyalty.kernel.db import transaction
from loyalty.kernel.effects import Effect
from loyalty.membership import queries
from loyalty.membership.rules import (
    LAPSE_KNOWS,
    LAPSE_TEXT,
    RISE_IS_NEWS,
    RISE_KNOWS,
    RISE_TEXT,
    TOLD_AT,
    is_news,
    lead_due,
)
from loyalty.messaging.queries import can_say, keys_among
from loyalty.messaging.rules import NewMessage
from loyalty.messaging.service import plan
from loyalty.points.queries import Lapsing, lapses_between, lapsing, last_holder
from loyalty.staff.queries import StoreCard, store_cards
from loyalty.tiers.events import LevelReached

CHUNK = 5_000  # customers in one transaction
TOLD = "A message tells of level {level}."
"""Its Chinese reads {level_zh}."""


@dataclass(frozen=True, slots=True)
class _Notice:
    """Points of a member that are told of under a lead, in days; `last_day` is the last on which they can be used."""

    what: Lapsing
    store: StoreCard
    last_day: date
    lead: int

    @property
    def key(self) -> str:
        return f"points:{self.what.account_id}:lapse:{self.last_day.isoformat()}:{self.lead}"


def tell_of_lapses(as_of: date, *, zone: str, dry_run: bool, now: datetime, by: Actor) -> Mapping[str, Any]:
    """Plan a message for each member whose points end within a lead of the policy, seen from the day after `as_of`.

    Each member, end and lead once, however often it runs; return how many messages and of how many points.
    """
    today, over = as_of + timedelta(days=1), end_of(as_of, zone)
    leads = queries.reminder_leads(over)
    told = {"messages": 0, "points": 0}
    if not leads:
        return told
    if not can_say(LAPSE_TEXT, LAPSE_KNOWS):
        return {**told, "passed_over": f"No text {LAPSE_TEXT} is in use that points can fill."}
    cards = {card.id: card for card in store_cards(EVERYTHING)}
    # A day more than the longest lead: in another zone the day may end later.
    span = (max(now, over), end_of(today + timedelta(days=max(leads) + 1), zone))
    for first, last in _chunks(span):
        with transaction():
            notices = _notices(lapsing(*span, first=first, last=last), today, leads, cards)
            if notices and not dry_run:
                people = customers_by_ids({one.what.customer_id for one in notices})
                plan([_lapse(one, people, today, now=now) for one in notices], now=now, by=by)
        told["messages"] += len(notices)
        told["points"] += sum(one.what.points for one in notices)
    return told


def tell_of_rises(levels: Sequence[LevelReached], *, now: datetime, by: Actor) -> list[Effect]:
    """Plan a message for each active member who has reached a level within the last days; return what was planned."""
    news = [one for one in levels if is_news(one.since_day, day_at(now, "UTC"))]
    if not news or not can_say(RISE_TEXT, RISE_KNOWS):
        return []
    stores = queries.active_members({one.customer_id for one in news})
    cards = {card.id: card for card in store_cards(EVERYTHING)} if stores else {}
    told = [one for one in news if one.customer_id in stores]
    people = customers_by_ids({one.customer_id for one in told})
    messages = [_rise(one, people, cards[stores[one.customer_id]], now=now) for one in told]
    new = plan(messages, now=now, by=by).new
    return [
        Effect(
            "membership.told",
            TOLD,
            {"level": one.names["en"], "level_zh": one.names["zh"], "level_code": one.level_code},
            one.customer_id,
        )
        for one, message in zip(told, messages, strict=True)
        if message.dedupe_key in new
    ]


def _chunks(span: tuple[datetime, datetime]) -> Iterator[tuple[int, int]]:
    """Give ranges of customers (first exclusive, last inclusive), none at all when nobody's points end in the span."""
    first = 0
    if lapses_between(*span):
        while (last := last_holder(after=first, size=CHUNK)) is not None:
            yield first, last
            first = last


def _notices(
    found: Sequence[Lapsing], today: date, leads: Sequence[int], cards: Mapping[int, StoreCard]
) -> list[_Notice]:
    """Return what active members are to be told and were not told yet."""
    stores = queries.active_members({one.customer_id for one in found}) if found else {}
    notices = []
    for one in found:
        if one.customer_id in stores:
            card = cards[stores[one.customer_id]]
            last_day = day_at(one.ends_at - timedelta(seconds=1), card.zone)
            lead = lead_due(last_day, today, leads)
            if lead is not None:
                notices.append(_Notice(one, card, last_day, lead))
    known = keys_among([(one.what.customer_id, one.key) for one in notices]) if notices else set()
    return [one for one in notices if one.key not in known]


def _lapse(one: _Notice, people: Mapping[int, CustomerView], today: date, *, now: datetime) -> NewMessage:
    at = datetime.combine(today, time(TOLD_AT), zone_of(one.store.zone)).astimezone(now.tzinfo)
    return NewMessage(
        dedupe_key=one.key,
        customer_id=one.what.customer_id,
        template=LAPSE_TEXT,
        due_at=max(at, now),
        not_after=max(one.what.ends_at, now),
        variables={
            "customer": people[one.what.customer_id].shown_name,
            "points": f"{one.what.points:,}",
            "day": one.last_day.isoformat(),
            "store": one.store.name,
            "phone": one.store.phone or "",
        },
        store_id=one.store.id,
        about_kind="points",
        about_id=one.what.account_id,
    )


def _rise(one: LevelReached, people: Mapping[int, CustomerView], store: StoreCard, *, now: datetime) -> NewMessage:
    return NewMessage(
        dedupe_key=f"tier:{one.customer_id}:up:{one.since_day.isoformat()}:{one.level_code}",
        customer_id=one.customer_id,
        template=RISE_TEXT,
        due_at=now,
        not_after=now + RISE_IS_NEWS,
        variables={
            "customer": people[one.customer_id].shown_name,
            "tier": {"zh_Hans_CN": one.names["zh"], "en": one.names["en"]},
            "store": store.name,
            "phone": store.phone or "",
        },
        store_id=store.id,
        about_kind="tier",
        about_id=one.customer_id,
    )
