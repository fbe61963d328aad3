"""Vehicles that sales bring in, thousands at a time: who holds them, and their mileage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from loyalty.customers import queries
from loyalty.customers.rules import OdometerBackward, ReadingSeen, VehicleSeen, check_reading, normal_plate, normal_vin
from loyalty.customers.sealed import sealed_plate
from loyalty.kernel.actor import Actor
from loyalty.kernel.db import batch, transaction
from loyalty.staff.service import AuditEntry, record_audit

INSERT_VEHICLES = text("""
    INSERT INTO vehicles (vin, plate_sealed, plate_blind, plate_end_blind, plate_at, model, created_at)
    SELECT vin, plate_sealed, plate_blind, plate_end_blind, plate_at, model, :now
    FROM json_to_recordset(CAST(:rows AS json)) AS w(vin text, plate_sealed bytea, plate_blind bytea,
        plate_end_blind bytea, plate_at timestamptz, model text)
    ORDER BY vin COLLATE "C"
    ON CONFLICT (vin) DO NOTHING
""")

# A plate seen later replaces the one seen before; a model once known is left alone.
UPDATE_VEHICLES = text("""
    UPDATE vehicles AS v SET
        plate_sealed = COALESCE(w.plate_sealed, v.plate_sealed), plate_blind = COALESCE(w.plate_blind, v.plate_blind),
        plate_end_blind = COALESCE(w.plate_end_blind, v.plate_end_blind),
        plate_at = COALESCE(w.plate_at, v.plate_at), model = COALESCE(v.model, w.model)
    FROM json_to_recordset(CAST(:rows AS json)) AS w(vin text, plate_sealed bytea, plate_blind bytea,
        plate_end_blind bytea, plate_at timestamptz, model text)
    WHERE v.vin = w.vin
""")

END_OWNERS = text("""
    UPDATE ownerships AS o SET until_day = w.day
    FROM json_to_recordset(CAST(:rows AS json)) AS w(vehicle_id bigint, customer_id bigint, day date)
    WHERE o.vehicle_id = w.vehicle_id AND o.role = 'owner' AND o.until_day IS NULL
    AND o.holder_id <> w.customer_id AND o.from_day <= w.day
""")

INSERT_OWNERSHIPS = text("""
    INSERT INTO ownerships (vehicle_id, holder_id, role, from_day, until_day)
    SELECT vehicle_id, customer_id, role, day, until
    FROM json_to_recordset(CAST(:rows AS json))
        AS w(vehicle_id bigint, customer_id bigint, role text, day date, until date)
    ON CONFLICT DO NOTHING
    RETURNING vehicle_id, holder_id, role
""")


@dataclass(slots=True)
class _Sighting:
    """All that a batch tells of one vehicle."""

    vin: str
    plate: str | None = None
    plate_at: datetime | None = None
    model: str | None = None
    seen: list[VehicleSeen] = field(default_factory=list)

    def add(self, row: VehicleSeen) -> None:
        if row.plate and (self.plate_at is None or row.seen_at >= self.plate_at):
            self.plate, self.plate_at = normal_plate(row.plate), row.seen_at
        self.model = self.model or row.model
        self.seen.append(row)

    def stored(self) -> dict[str, Any]:
        sealed = sealed_plate(self.vin, self.plate) if self.plate else (None, None, None)
        return {
            "vin": self.vin,
            "plate_sealed": sealed[0],
            "plate_blind": sealed[1],
            "plate_end_blind": sealed[2],
            "plate_at": self.plate_at,
            "model": self.model,
        }


def ensure_vehicles(rows: Sequence[VehicleSeen], *, now: datetime, by: Actor) -> dict[str, int]:
    """Return the vehicle id for each VIN as it was written; whatever is missing is created.

    Whoever brings a vehicle that has no main owner becomes it; who brings another's becomes a driver; who is sold one
    becomes the main owner from that day on. Of an erased customer's vehicle only the VIN is written down, without a
    holder. The same rows again change nothing. Malformed when a VIN or plate is.
    """
    if not rows:
        return {}
    vins = {row.vin: normal_vin(row.vin) for row in rows}
    erased = queries.erased_among({row.customer_id for row in rows})
    sightings: dict[str, _Sighting] = {}
    for row in sorted(rows, key=lambda row: row.seen_at):
        sighting = sightings.setdefault(vins[row.vin], _Sighting(vins[row.vin]))
        if row.customer_id not in erased:
            sighting.add(row)
    with transaction() as session:
        known = queries.known_vehicles(list(sightings))
        missing = [sighting for vin, sighting in sightings.items() if vin not in known]
        if missing:
            session.execute(INSERT_VEHICLES, {"rows": batch([one.stored() for one in missing]), "now": now})
            known |= queries.known_vehicles([one.vin for one in missing])
            _audit_created([known[one.vin].id for one in missing], now=now, by=by)
        _renew(session, [one for one in sightings.values() if _tells_more(one, known[one.vin])])
        _hold(session, sightings, known, now=now, by=by)
    return {written: known[vin].id for written, vin in vins.items()}


def _tells_more(sighting: _Sighting, known: queries.KnownVehicle) -> bool:
    """Return whether the batch has a later plate or a first model for the vehicle."""
    later = sighting.plate_at is not None and (known.plate_at is None or sighting.plate_at > known.plate_at)
    return later or bool(sighting.model and not known.model)


def _renew(session: Session, sightings: Sequence[_Sighting]) -> None:
    if sightings:
        session.execute(UPDATE_VEHICLES, {"rows": batch([one.stored() for one in sightings])})


def _hold(
    session: Session,
    sightings: Mapping[str, _Sighting],
    known: Mapping[str, queries.KnownVehicle],
    *,
    now: datetime,
    by: Actor,
) -> None:
    """Write who holds the vehicles from now on."""
    ends: list[dict[str, Any]] = []
    begins: list[dict[str, Any]] = []
    for vin, sighting in sightings.items():
        _plan_holders(sighting.seen, known[vin], ends, begins)
    if ends:
        session.execute(END_OWNERS, {"rows": batch(ends)})
    if begins:
        written = session.execute(INSERT_OWNERSHIPS, {"rows": batch(begins)}).all()
        record_audit(
            [
                AuditEntry(
                    action="vehicle.held",
                    subject_kind="vehicle",
                    subject_id=vehicle_id,
                    by=by,
                    at=now,
                    customer_id=holder_id,
                    after={"role": role},
                )
                for vehicle_id, holder_id, role in written
            ],
        )


def _plan_holders(
    seen: Sequence[VehicleSeen],
    known: queries.KnownVehicle,
    ends: list[dict[str, Any]],
    begins: list[dict[str, Any]],
) -> None:
    """Add what must end and begin, going through the sightings of one vehicle in order of time."""
    owner = known.owner_id
    holders = {holder for holder, _ in known.holders}
    fresh: dict[str, Any] | None = None  # the main owner that this batch made
    for row in seen:
        begin = {"vehicle_id": known.id, "customer_id": row.customer_id, "role": "owner", "day": row.seen_day}
        if owner is None or (row.sold and owner != row.customer_id):
            if fresh is not None:
                fresh["until"] = row.seen_day
            elif owner is not None:
                ends.append(begin)
            owner, fresh = row.customer_id, begin
            begins.append(begin)
        elif row.customer_id not in holders and owner != row.customer_id:
            begins.append({**begin, "role": "driver"})
        holders.add(row.customer_id)


def _audit_created(vehicle_ids: Sequence[int], *, now: datetime, by: Actor) -> None:
    record_audit(
        [
            AuditEntry(action="vehicle.created", subject_kind="vehicle", subject_id=at, by=by, at=now)
            for at in vehicle_ids
        ],
    )


INSERT_READINGS = text("""
    INSERT INTO odometer_readings AS r (vehicle_id, km, read_at, read_day, source, reason, by_name, created_at)
    SELECT vehicle_id, km, read_at, read_day, source, reason, :by_name, :now
    FROM json_to_recordset(CAST(:rows AS json)) AS w(vehicle_id bigint, km int, read_at timestamptz, read_day date,
        source text, reason text)
    ON CONFLICT (vehicle_id, read_at, source) DO UPDATE SET km = EXCLUDED.km, reason = EXCLUDED.reason
    WHERE (r.km, r.reason) IS DISTINCT FROM (EXCLUDED.km, EXCLUDED.reason)
""")


def record_readings(rows: Sequence[ReadingSeen], *, now: datetime, by: Actor) -> list[OdometerBackward | None]:
    """Write the mileage of vehicles; return for each row None, or why it was left out: it would run backward.

    A row with a reason is a correction, which later readings go upward from.
    The same vehicle, moment and source again replaces what it told before.
    """
    if not rows:
        return []
    asked = [
        {"place": place, "vehicle_id": row.vehicle_id, "read_at": row.read_at, "source": row.source}
        for place, row in enumerate(rows)
    ]
    answer: list[OdometerBackward | None] = [None] * len(rows)
    with transaction() as session:
        neighbours = queries.reading_neighbours(asked)
        last: dict[int, tuple[int, date]] = {}
        for place in sorted(range(len(rows)), key=lambda place: rows[place].read_at):
            row = rows[place]
            before, after = neighbours[place]
            here = last.get(row.vehicle_id)
            newest = max((one for one in (before, here) if one), key=lambda one: one[1], default=None)
            try:
                if not row.reason:
                    check_reading(row.km, before=newest, after=after)
                last[row.vehicle_id] = (row.km, row.read_day)
            except OdometerBackward as problem:
                answer[place] = problem
        kept = {(row.vehicle_id, row.read_at, row.source): row for row, no in zip(rows, answer, strict=True) if not no}
        if kept:
            plain = [{name: getattr(row, name) for name in READING_FIELDS} for row in kept.values()]
            session.execute(INSERT_READINGS, {"rows": batch(plain), "by_name": by.name, "now": now})
    return answer


READING_FIELDS = ("vehicle_id", "km", "read_at", "read_day", "source", "reason")
