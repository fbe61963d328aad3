"""Readings that their source has taken back."""

from collections.abc import Sequence

from sqlalchemy import text

from loyalty.kernel.db import batch, transaction

_WITHDRAW = text("""
    DELETE FROM odometer_readings AS r
    USING json_to_recordset(CAST(:rows AS json)) AS w (vehicle_id bigint, source text)
    WHERE r.vehicle_id = w.vehicle_id AND r.source = w.source
""")


def withdraw_readings(told: Sequence[tuple[int, str]]) -> None:
    """Forget the mileage that these (vehicle id, source) told; what they said stays in the old version of the sale."""
    if told:
        rows = [{"vehicle_id": vehicle_id, "source": source} for vehicle_id, source in told]
        with transaction() as session:
            session.execute(_WITHDRAW, {"rows": batch(rows)})
