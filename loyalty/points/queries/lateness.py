"""How late the night is: since when the oldest points should have become usable, or have lapsed."""

from sqlalchemy import text

from loyalty.kernel.db import db
from loyalty.kernel.measures import Measure

# Each reads the first entry of its partial index. A lapsed lot is unusable all the same: use checks its end.
_OLDEST = text("""
    SELECT 'activate' AS step,
        extract(epoch FROM clock_timestamp() - min(available_from)) AS seconds
    FROM points_lots WHERE state = 'pending' AND available_from <= clock_timestamp()
    UNION ALL
    SELECT 'expire', extract(epoch FROM clock_timestamp() - min(expires_at))
    FROM points_lots WHERE state = 'open' AND expires_at <= clock_timestamp()
""")


def lateness() -> list[Measure]:
    """Return for each step how many seconds the oldest lot waits for it; 0 when none does."""
    return [
        Measure(
            "loyalty_points_waiting_seconds",
            "Since when the oldest lot waits for the step of the night.",
            float(row.seconds or 0),
            {"step": row.step},
        )
        for row in db.session.execute(_OLDEST)
    ]
