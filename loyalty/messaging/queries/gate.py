"""What the gate must know of messages at the moment they are handed over; a few statements for a whole group."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import text

from loyalty.customers.queries import standing_for
from loyalty.kernel.db import batch, db, id_array
from loyalty.messaging.rules import IDENTIFIERS, Facts, Gate
from loyalty.messaging.rules.gate import FARTHEST, USUAL
from loyalty.programme.queries import in_force, work_calendar, work_calendars
from loyalty.programme.rules import WorkCalendar

KIND = "gate"

# Whoever records a withdrawal holds the customer alone until it is committed. Those who are held now are left out, so
# that nobody waits; and messages of one customer are counted by one hand at a time.
_LOCK = text("""
    SELECT id, state, clock_timestamp() AS now FROM customers
    WHERE id = ANY (CAST(:ids AS bigint[])) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
""")

# A second statement, since what was committed while the first waited is seen by this one alone.
_FACTS = text("""
    SELECT r.owner_id, r.id, m.purpose, m.language, m.dedupe_key, m.body_sealed, m.not_after, r.recipient_id,
        c.state AS customer_state, s.id AS store_id, s.code AS store, coalesce(s.zone, :usual_zone) AS zone,
        i.sealed AS address_sealed, i.bounced, i.opted_out, consent.granted, earlier.moments
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (owner_id bigint, id bigint, recipient_id bigint)
    JOIN messages AS m ON m.customer_id = r.owner_id AND m.id = r.id
    JOIN customers AS c ON c.id = r.recipient_id
    LEFT JOIN stores AS s ON s.id = coalesce(m.store_id, c.home_store_id)
    LEFT JOIN LATERAL (
        SELECT own.sealed, EXISTS (SELECT FROM address_stops AS a WHERE a.kind = own.kind AND a.blind = own.blind
                AND a.reason = 'bounced') AS bounced,
            EXISTS (SELECT FROM address_stops AS a WHERE a.kind = own.kind AND a.blind = own.blind
                AND a.reason = 'opted_out') AS opted_out
        FROM identifiers AS own WHERE own.customer_id = c.id AND own.kind = :kind ORDER BY 2, own.id LIMIT 1
    ) AS i ON true
    LEFT JOIN LATERAL (
        SELECT e.granted FROM consent_events AS e
        WHERE e.customer_id = c.id AND e.channel = :channel
            AND e.purpose = CASE m.purpose WHEN 'service' THEN 'service' ELSE 'marketing' END
        ORDER BY e.at DESC, e.id DESC LIMIT 1
    ) AS consent ON true
    LEFT JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_array(o.purpose, o.handed_at)) AS moments
        FROM messages AS o
        WHERE m.purpose = ANY (:counted) AND o.id <> m.id
            AND o.customer_id = ANY (ARRAY(SELECT own.id FROM customers AS own
                WHERE own.id = c.id OR own.merged_into_id = c.id))
            AND o.handed_at > :since AND o.purpose = ANY (:counted) AND o.channel <> 'inbox'
            AND o.state IN ('sending', 'sent', 'delivered', 'unknown')
    ) AS earlier ON true
""")
_PAUSED = text("SELECT 1 FROM message_channels WHERE channel = :channel AND paused_at IS NOT NULL")


@dataclass(frozen=True, slots=True)
class Asked:
    """A message before the gate: what is known, and what its call needs; `address_sealed` None without an address.

    `store_id` is the store whose hours and calendar count: that of the message, or the customer's own.
    """

    owner_id: int
    id: int
    recipient_id: int
    store_id: int | None
    facts: Facts
    language: str
    dedupe_key: str
    body_sealed: bytes | None
    address_sealed: bytes | None


@dataclass(frozen=True, slots=True)
class Policy:
    """The gate in force and the version it is of; `version_id` None for the usual figures."""

    gate: Gate
    version_id: int | None


def gate_at(now: datetime) -> Policy:
    """Return the policy of kind "gate" in force at a moment; without one the usual figures."""
    version = in_force(KIND, now)
    return Policy(USUAL, None) if version is None else Policy(version.rules, version.id)


def paused(channel: str) -> bool:
    """Return whether nothing goes out by the channel at present."""
    return db.session.execute(_PAUSED, {"channel": channel}).first() is not None


def hold_recipients(customer_ids: Collection[int]) -> tuple[dict[int, int], datetime | None]:
    """Hold the customers until the transaction ends, and return who stands for each of them, with the moment.

    Left out: customers whom somebody else holds right now. The moment is None when there is none at all.
    """
    held, now = _hold(customer_ids)
    merged = [customer_id for customer_id, state in held.items() if state == "merged"]
    stand = {customer_id: customer_id for customer_id, state in held.items() if state != "merged"}
    if merged:
        standing = standing_for(merged)
        more, later = _hold([one for one in standing.values() if one not in held])
        known = held | more
        stand |= {gone: kept for gone, kept in standing.items() if known.get(kept, "merged") != "merged"}
        now = later or now
    return stand, now


def _hold(customer_ids: Collection[int]) -> tuple[dict[int, str], datetime | None]:
    rows = list(db.session.execute(_LOCK, {"ids": id_array(sorted(set(customer_ids)))})) if customer_ids else []
    return {row.id: row.state for row in rows}, max((row.now for row in rows), default=None)


def asked(rows: Sequence[Mapping[str, int]], channel: str, *, gate: Gate, now: datetime) -> list[Asked]:
    """Return what is known of messages, given as owner_id, id and recipient_id, before the gate at `now`."""
    values = {
        "rows": batch(list(rows)),
        "channel": channel,
        "kind": IDENTIFIERS[channel] or "",
        "usual_zone": "Asia/Shanghai",
        "counted": sorted(gate.counted()),
        "since": now - gate.longest,
    }
    halted = paused(channel)
    return [_asked(row, channel, halted=halted) for row in db.session.execute(_FACTS, values)]


def _asked(row: Any, channel: str, *, halted: bool) -> Asked:
    facts = Facts(
        channel=channel,
        purpose=row.purpose,
        zone=row.zone,
        store=row.store,
        reachable=row.customer_state in ("prospect", "active"),
        addressed=row.address_sealed is not None,
        consent=row.granted,
        opted_out=bool(row.opted_out),
        bounced=bool(row.bounced),
        paused=halted,
        not_after=row.not_after,
        earlier=[(purpose, datetime.fromisoformat(at)) for purpose, at in row.moments or ()],
    )
    sealed, address = row.body_sealed, row.address_sealed
    return Asked(
        row.owner_id,
        row.id,
        row.recipient_id,
        row.store_id,
        facts,
        row.language,
        row.dedupe_key,
        None if sealed is None else bytes(sealed),
        None if address is None else bytes(address),
    )


def rest_days(gate: Gate, now: datetime, store_ids: Collection[int | None]) -> Mapping[int | None, frozenset[date]]:
    """Return for each store the days from `now` on that it does not work, as far as the gate looks; None: any store.

    Where the gate makes no difference between days, nothing is looked up and no day is named.
    """
    asked = set(store_ids)
    if not asked or all(row.days == "all" for row in gate.hours):
        return dict.fromkeys(asked, frozenset())
    first = now.astimezone(UTC).date() - timedelta(days=1)  # wherever the store is, its day is among these
    days = [first + timedelta(days=ahead) for ahead in range(FARTHEST + 3)]
    named = {at for at in asked if at is not None}
    told: dict[int | None, frozenset[date]] = {}
    for at, calendar in work_calendars(named, days[0], days[-1]).items() if named else ():
        told[at] = _rests(calendar, days)
    if None in asked:
        told[None] = _rests(work_calendar(days[0], days[-1]), days)
    return told


def _rests(calendar: WorkCalendar, days: Sequence[date]) -> frozenset[date]:
    return frozenset(day for day in days if not calendar.works(day))
