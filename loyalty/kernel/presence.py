"""When each ticker and worker was last there, on whichever machine: a row for each, by the database's clock.

Whoever watches over the installation reads it where everything else is read; Valkey may have been emptied.
"""

import socket
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.kernel.db import Base, db, transaction
from loyalty.kernel.measures import Measure

_SEEN = text("""
    INSERT INTO processes_seen AS p (kind, queue, host, since, seen_at)
    VALUES (:kind, :queue, :host, clock_timestamp(), clock_timestamp())
    ON CONFLICT (kind, queue, host) DO UPDATE SET seen_at = excluded.seen_at
""")


class ProcessSeen(Base):
    """A kind of process on a machine: since when it is known there, and when it was seen last."""

    __tablename__ = "processes_seen"

    kind: Mapped[str] = mapped_column(primary_key=True)
    queue: Mapped[str] = mapped_column(primary_key=True)  # empty for a ticker
    host: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    seen_at: Mapped[datetime]


def be_seen(kind: str, queue: str = "") -> None:
    """Write that a process of this kind works on this machine now."""
    with transaction() as session:
        session.execute(_SEEN, {"kind": kind, "queue": queue, "host": socket.gethostname()})


def measures() -> list[Measure]:
    """Return for each kind of process, queue and machine how long ago it was seen."""
    ago = func.extract("epoch", func.clock_timestamp() - ProcessSeen.seen_at)
    chosen = select(ProcessSeen.kind, ProcessSeen.queue, ProcessSeen.host, ago.label("ago"))
    return [
        Measure(
            "loyalty_process_seen_seconds",
            "Since when a ticker or a worker was not seen.",
            float(row.ago),
            {"kind": row.kind, "queue": row.queue, "host": row.host},
        )
        for row in db.session.execute(chosen.order_by(ProcessSeen.kind, ProcessSeen.queue, ProcessSeen.host))
    ]
