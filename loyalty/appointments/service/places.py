"""The places of slots: taken one by one, and never more than there are."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from loyalty.appointments import queries
from loyalty.appointments.models import AppointmentCapacity
from loyalty.appointments.rules import MOST_PLACES, SlotFull
from loyalty.kernel.actor import Actor
from loyalty.kernel.db import transaction
from loyalty.kernel.errors import Malformed, Sentence
from loyalty.staff.service import AuditEntry, record_audit

# Who comes second waits here for the first to commit, then sees that the place is gone and tries the next one.
_TAKE = text("""
    INSERT INTO appointment_places (store_id, starts_at, place, appointment_id)
    SELECT :store_id, :starts_at, n, :appointment_id FROM generate_series(1, :places) AS n
    WHERE NOT EXISTS (
        SELECT FROM appointment_places AS p WHERE p.store_id = :store_id AND p.starts_at = :starts_at AND p.place = n)
    ORDER BY n LIMIT 1
    ON CONFLICT (store_id, starts_at, place) DO NOTHING
    RETURNING place
""")
_GIVE_BACK = text("DELETE FROM appointment_places WHERE appointment_id = :appointment_id")


def take_place(store_id: int, starts_at: datetime, appointment_id: int) -> None:
    """Take a place of the slot for an appointment; refused when all are taken."""
    places = queries.capacity(store_id)
    about = {"store_id": store_id, "starts_at": starts_at, "appointment_id": appointment_id, "places": places}
    with transaction() as session:
        for _ in range(places):
            if session.scalar(_TAKE, about) is not None:
                return
    raise SlotFull


def give_back(appointment_id: int) -> None:
    """Let others have the place of this appointment."""
    with transaction() as session:
        session.execute(_GIVE_BACK, {"appointment_id": appointment_id})


def set_capacity(store_id: int, places: int, *, now: datetime, by: Actor) -> None:
    """Say how many cars a store takes in at once; appointments that are there already stay. Malformed: not 0 to 50."""
    if not 0 <= places <= MOST_PLACES:
        raise Malformed({"places": [Sentence("Choose a number from 0 to {most}.", most=MOST_PLACES)]})
    with transaction() as session:
        before = queries.capacity(store_id)
        written = insert(AppointmentCapacity).values(store_id=store_id, places=places)
        session.execute(written.on_conflict_do_update(index_elements=["store_id"], set_={"places": places}))
        told = {"before": {"places": before}, "after": {"places": places}}
        record_audit([AuditEntry("appointments.places", "store", store_id, by, now, None, store_id, **told)])
