"""Customers that the core sales system names: those missing are created, thousands at a time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from loyalty.customers import queries
from loyalty.customers.rules import Buyer, masked_name, name_key, normal_name, normal_phone
from loyalty.customers.service.rows import Entry, add_search_keys, write_identifiers, write_search_keys
from loyalty.kernel.actor import Actor
from loyalty.kernel.db import batch, transaction
from loyalty.staff.service import AuditEntry, record_audit

INSERT_CUSTOMERS = text("""
    WITH wanted AS (
        SELECT * FROM json_to_recordset(CAST(:rows AS json))
            AS w(number text, name text, name_key text, kind text, home_store_id bigint)
    ), taken AS (
        INSERT INTO external_numbers (number, source, customer_id)
        SELECT w.number, :source, nextval('customers_id_seq')
        FROM wanted AS w ORDER BY w.number COLLATE "C"
        ON CONFLICT (number, source) DO NOTHING
        RETURNING number, customer_id
    ), people AS (
        INSERT INTO customers (id, kind, name, name_key, home_store_id, created_at)
        SELECT t.customer_id, w.kind, w.name, w.name_key, w.home_store_id, :now
        FROM taken AS t JOIN wanted AS w USING (number)
    )
    SELECT number, customer_id FROM taken
""")

COMPLETE_NAMES = text("""
    UPDATE customers AS c SET name = w.name, name_key = w.name_key
    FROM json_to_recordset(CAST(:rows AS json)) AS w(id bigint, name text, name_key text)
    WHERE c.id = w.id AND c.name IS NULL
""")


class _Plain(NamedTuple):
    """A buyer in the form that is stored."""

    number: str
    name: str | None
    phone: str | None
    kind: str
    home_store_id: int | None

    def completed_by(self, other: "_Plain | None") -> "_Plain":
        """Return this row with what an earlier row of the same buyer told and this one does not."""
        if other is None or (self.name and self.phone):
            return self
        return self._replace(name=self.name or other.name, phone=self.phone or other.phone)


def ensure_customers(rows: Sequence[Buyer], *, now: datetime, by: Actor) -> dict[str, int]:
    """Return the customer id for each external number of one source; whoever is missing is created.

    Of a customer who is known only what was unknown is added: a name, a first phone. The same rows again change
    nothing. An erased customer stays erased: its number leads to the pseudonym, and nothing is added. Malformed when a
    name or phone is; ValueError when the rows have several sources.
    """
    if not rows:
        return {}
    source = rows[0].source
    if any(row.source != source for row in rows):
        raise ValueError("ensure_customers takes the rows of one source at a time")
    buyers: dict[str, _Plain] = {}
    for row in rows:
        buyers[row.number] = _plain(row).completed_by(buyers.get(row.number))
    with transaction() as session:
        known = queries.known_buyers(source, list(buyers))
        unknown = [number for number in buyers if number not in known]
        erased = queries.erased_by_number(source, unknown) if unknown else {}
        missing = [buyers[number] for number in unknown if number not in erased]
        created = erased | (_create(session, source, missing, now=now, by=by) if missing else {})
        _complete(session, [(known[n], b) for n, b in buyers.items() if n in known], now=now, by=by)
        answer = {number: found.customer_id for number, found in known.items()} | created
        if len(answer) < len(buyers):  # another transaction created them in the meantime
            answer |= queries.ids_by_external(source, [number for number in buyers if number not in answer])
    return answer


def _plain(row: Buyer) -> _Plain:
    name = normal_name(row.name) if row.name and row.name.strip() else None
    phone = normal_phone(row.phone) if row.phone and row.phone.strip() else None
    return _Plain(row.number, name, phone, row.kind, row.home_store_id)


def _create(session: Session, source: str, missing: Sequence[_Plain], *, now: datetime, by: Actor) -> dict[str, int]:
    """Create customers under their external numbers; return the ids of those nobody else created at the same time."""
    rows = [
        {
            "number": buyer.number,
            "name": buyer.name,
            "name_key": name_key(buyer.name),
            "kind": buyer.kind,
            "home_store_id": buyer.home_store_id,
        }
        for buyer in missing
    ]
    answer = session.execute(INSERT_CUSTOMERS, {"rows": batch(rows), "source": source, "now": now})
    ids: dict[str, int] = {row.number: row.customer_id for row in answer}
    fresh = [(ids[buyer.number], buyer) for buyer in missing if buyer.number in ids]
    phones = [Entry(at, "phone", buyer.phone) for at, buyer in fresh if buyer.phone]
    write_identifiers(session, phones, first=True, now=now)
    add_search_keys(session, [(at, buyer.name) for at, buyer in fresh if buyer.name])
    record_audit(
        [
            AuditEntry(
                action="customer.created",
                subject_kind="customer",
                subject_id=at,
                by=by,
                at=now,
                customer_id=at,
                store_id=buyer.home_store_id,
                after={"name": buyer.name and masked_name(buyer.name), "source": source},
            )
            for at, buyer in fresh
        ],
    )
    return ids


def _complete(
    session: Session,
    pairs: Sequence[tuple[queries.KnownBuyer, _Plain]],
    *,
    now: datetime,
    by: Actor,
) -> None:
    """Add the names and first phones that known customers lack."""
    named = {found.customer_id: buyer.name for found, buyer in pairs if found.nameless and buyer.name}
    called = [
        Entry(found.customer_id, "phone", buyer.phone) for found, buyer in pairs if found.phoneless and buyer.phone
    ]
    if named:
        rows = [{"id": at, "name": name, "name_key": name_key(name)} for at, name in sorted(named.items())]
        session.execute(COMPLETE_NAMES, {"rows": batch(rows)})
        write_search_keys(session, named.items())
    write_identifiers(session, called, now=now)
    _audit_completed(named, {entry.customer_id for entry in called}, now=now, by=by)


def _audit_completed(named: Mapping[int, str], called: set[int], *, now: datetime, by: Actor) -> None:
    record_audit(
        [
            AuditEntry(
                action="customer.completed",
                subject_kind="customer",
                subject_id=at,
                by=by,
                at=now,
                customer_id=at,
                after={"name": at in named, "phone_added": at in called},
            )
            for at in sorted(named.keys() | called)
        ],
    )
