"""What of a customer comes over to another by a merge, and goes back; a handful of statements whatever there is.

Rows that only one side needs are copied under their own ids, and the gone customer keeps its own: so to take a merge
back is to remove the copies, and the gone customer is what it was to the last row. What must have one holder (numbers
of other systems, ownerships) changes hands and is written down.
"""

from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from loyalty.customers import queries
from loyalty.customers.sealed import seal_identifier

_TAKE_NUMBERS = text("""
    UPDATE external_numbers SET customer_id = :kept WHERE customer_id = :gone RETURNING source, number
""")
_GIVE_NUMBERS = text("""
    UPDATE external_numbers AS e SET customer_id = :gone
    FROM unnest(CAST(:sources AS text[]), CAST(:numbers AS text[])) AS m (source, number)
    WHERE e.source = m.source AND e.number = m.number AND e.customer_id = :kept
""")

# One and the same person is often known twice, as the owner and as the driver of one car: only the owner stays.
_END_SECOND_ROLES = text("""
    UPDATE ownerships AS o SET until_day = greatest(o.from_day, :today)
    WHERE o.holder_id = :kept AND o.role <> 'owner' AND o.until_day IS NULL AND EXISTS (
        SELECT FROM ownerships AS main WHERE main.vehicle_id = o.vehicle_id AND main.holder_id = :gone
        AND main.role = 'owner' AND main.until_day IS NULL)
    RETURNING o.vehicle_id, o.id, o.until_day
""")
_TAKE_VEHICLES = text("""
    UPDATE ownerships AS o SET holder_id = :kept
    WHERE o.holder_id = :gone AND NOT EXISTS (
        SELECT FROM ownerships AS own WHERE own.vehicle_id = o.vehicle_id AND own.holder_id = :kept
        AND own.until_day IS NULL AND o.until_day IS NULL AND (own.role = o.role OR own.role = 'owner'))
    RETURNING o.vehicle_id, o.id, o.until_day IS NULL AS open
""")
_GIVE_VEHICLES = text("""
    UPDATE ownerships SET holder_id = :gone WHERE holder_id = :kept AND id = ANY (CAST(:ids AS bigint[]))
""")
_REOPEN_ROLES = text("""
    UPDATE ownerships AS o SET until_day = NULL
    FROM unnest(CAST(:ids AS bigint[]), CAST(:days AS date[])) AS m (id, day)
    WHERE o.id = m.id AND o.holder_id = :kept AND o.until_day = m.day AND NOT EXISTS (
        SELECT FROM ownerships AS other WHERE other.vehicle_id = o.vehicle_id AND other.holder_id = :kept
        AND other.role = o.role AND other.until_day IS NULL)
""")

# The kept one takes the place in the household, unless it has one of its own.
_END_HOUSEHOLD = text("""
    UPDATE household_people SET until_day = greatest(from_day, :today)
    WHERE customer_id = :gone AND until_day IS NULL RETURNING id
""")
_TAKE_HOUSEHOLD = text("""
    INSERT INTO household_people (customer_id, id, household_id, from_day)
    SELECT :kept, id, household_id, from_day FROM household_people
    WHERE customer_id = :gone AND id = ANY (CAST(:ids AS bigint[]))
    ON CONFLICT DO NOTHING
""")
_REOPEN_HOUSEHOLD = text("""
    UPDATE household_people SET until_day = NULL WHERE customer_id = :gone AND id = ANY (CAST(:ids AS bigint[]))
""")

_COPY_CONSENTS = text("""
    INSERT INTO consent_events (customer_id, id, purpose, channel, granted, text_version, proof, at, by_kind, by_name)
    SELECT :kept, id, purpose, channel, granted, text_version, proof, at, by_kind, by_name
    FROM consent_events WHERE customer_id = :gone
    ON CONFLICT DO NOTHING
""")
_COPY_TIMELINE = text("""
    INSERT INTO timeline_rows (customer_id, id, at, kind, sentence, numbers, by_name, source_kind, source_id)
    SELECT :kept, id, at, kind, sentence, numbers, by_name, source_kind, source_id
    FROM timeline_rows WHERE customer_id = :gone
    ON CONFLICT DO NOTHING
""")
_COPY_IDENTIFIERS = text("""
    INSERT INTO identifiers (customer_id, id, kind, sealed, blind, tail, created_at)
    SELECT :kept, own.id, own.kind, s.sealed, own.blind, own.tail, own.created_at
    FROM identifiers AS own
    JOIN unnest(CAST(:ids AS bigint[]), CAST(:sealed AS bytea[])) AS s (id, sealed) ON s.id = own.id
    WHERE own.customer_id = :gone
    ON CONFLICT (customer_id, kind, blind) DO NOTHING
    RETURNING 1
""")
_REMOVE_COPIES = (
    text("""
    DELETE FROM consent_events WHERE customer_id = :kept
    AND id IN (SELECT id FROM consent_events WHERE customer_id = :gone)
"""),
    text("""
    DELETE FROM timeline_rows WHERE customer_id = :kept
    AND id IN (SELECT id FROM timeline_rows WHERE customer_id = :gone)
"""),
    text("""
    DELETE FROM identifiers WHERE customer_id = :kept
    AND id IN (SELECT id FROM identifiers WHERE customer_id = :gone)
"""),
    text("""
    DELETE FROM household_people WHERE customer_id = :kept
    AND id IN (SELECT id FROM household_people WHERE customer_id = :gone)
"""),
)
_REMOVE_KEYS = text("DELETE FROM search_keys WHERE customer_id = :gone")


def take_over(session: Session, kept: int, gone: int, *, today: date) -> dict[str, Any]:
    """Let everything of `gone` be `kept`'s too; return what changed hands, with the counts that are told."""
    pair = {"kept": kept, "gone": gone}
    numbers = [[row.source, row.number] for row in session.execute(_TAKE_NUMBERS, pair)]
    ended = [
        {"id": row.id, "day": row.until_day.isoformat()}
        for row in session.execute(_END_SECOND_ROLES, {**pair, "today": today})
    ]
    vehicles = session.execute(_TAKE_VEHICLES, pair).all()
    households = [row.id for row in session.execute(_END_HOUSEHOLD, {**pair, "today": today})]
    session.execute(_TAKE_HOUSEHOLD, {**pair, "ids": households})
    session.execute(_COPY_CONSENTS, pair)
    session.execute(_COPY_TIMELINE, pair)
    held = queries.identifier_rows([gone], in_full=True).get(gone, [])
    copied = session.execute(
        _COPY_IDENTIFIERS,
        {
            **pair,
            "ids": [at for at, _, _ in held],
            "sealed": [seal_identifier(kept, value) for _, _, value in held],
        },
    ).all()
    session.execute(_REMOVE_KEYS, pair)
    return {
        "numbers": numbers,
        "ended": ended,
        "ownerships": [row.id for row in vehicles],
        "households": households,
        "vehicles": len({row.vehicle_id for row in vehicles if row.open}),
        "identifiers": len(copied),
    }


def give_back(session: Session, kept: int, gone: int, moved: dict[str, Any]) -> None:
    """Undo `take_over`: what changed hands goes back where it is still held, and the copies go."""
    pair = {"kept": kept, "gone": gone}
    sources, numbers = [one[0] for one in moved["numbers"]], [one[1] for one in moved["numbers"]]
    session.execute(_GIVE_NUMBERS, {**pair, "sources": sources, "numbers": numbers})
    session.execute(_GIVE_VEHICLES, {**pair, "ids": moved["ownerships"]})
    days = [date.fromisoformat(one["day"]) for one in moved["ended"]]
    session.execute(_REOPEN_ROLES, {**pair, "ids": [one["id"] for one in moved["ended"]], "days": days})
    allow_removal(session)
    for statement in _REMOVE_COPIES:
        session.execute(statement, pair)
    session.execute(_REOPEN_HOUSEHOLD, {**pair, "ids": moved["households"]})


def allow_removal(session: Session) -> None:
    """Let this transaction remove evidence: copies of a merge that is taken back, or all of an erased person."""
    session.execute(text("SELECT set_config('loyalty.removing', 'evidence', true)"))
