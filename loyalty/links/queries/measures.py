"""Figures of links for whoever watches over the installation."""

from sqlalchemy import text

from loyalty.kernel.db import db
from loyalty.kernel.measures import Measure

_FIGURES = text("""
    SELECT link.code,
        extract(epoch FROM clock_timestamp() - pull.seen_at) AS age,
        CASE WHEN pull.link_id IS NOT NULL THEN (pull.unreachable_since IS NOT NULL)::int END AS away,
        (SELECT count(*) FROM link_rejects WHERE link_id = link.id AND state = 'open') AS rejects,
        (SELECT count(*) FROM link_events WHERE link_id = link.id AND state <> 'done') AS waiting
    FROM links AS link LEFT JOIN link_pulls AS pull ON pull.link_id = link.id
    WHERE NOT link.paused ORDER BY link.code
""")


def link_measures() -> list[Measure]:
    """Return for each link that is not paused what is rejected, what waits, and how old the last good reading is."""
    told = []
    for row in db.session.execute(_FIGURES):
        name = {"link": row.code}
        told.append(Measure("loyalty_link_rejects", "Things that were not taken, open now.", row.rejects, name))
        told.append(Measure("loyalty_link_events_waiting", "Events that are kept and wait.", row.waiting, name))
        if row.age is not None:
            told.append(Measure("loyalty_link_age_seconds", "Since the last good reading of a view.", row.age, name))
        if row.away is not None:
            told.append(Measure("loyalty_link_unreachable", "1 while a core database does not answer.", row.away, name))
    return told
