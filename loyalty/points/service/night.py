"""The night's work on lots: activate what has become usable, then end what has lapsed.

Each step commits in chunks and finds by its own marks what is left, so that a killed run goes on where it stopped and
a second run, or a second machine, finds nothing to do.
"""

from datetime import datetime

from sqlalchemy import text

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import transaction
from loyalty.points import queries
from loyalty.points.rules import NightWork
from loyalty.points.rules.gains import ripen
from loyalty.points.service.booking import open_books, store

LOTS_AT_ONCE = 1000  # locks of a chunk are held for some tens of milliseconds

_EXPIRE = text("SELECT accounts, lots, points FROM points_expire(:as_of, :now, :most, :patient, :by_name)")


def activate_due(as_of: datetime, *, dry_run: bool = False, now: datetime, by: Actor) -> NightWork:
    """Activate the pending lots whose moment has come at `as_of`, and settle debts from them."""
    if dry_run:
        return NightWork(*queries.due("activate", as_of))
    done = NightWork()
    while True:
        with transaction():
            asked = [(customer_id, unit, "") for customer_id, unit in queries.ripe_accounts(as_of, most=LOTS_AT_ONCE)]
            if not asked:
                return done
            books = open_books(asked)
            for opened in books.values():
                ripen(opened.book, now=as_of)
            store(books.values(), now=now, by=by)
        entries = [entry for opened in books.values() for entry in opened.book.entries if entry.kind == "activate"]
        moved = sum(entry.points for entry in entries)
        touched = sum(bool(opened.book.entries) for opened in books.values())
        done = NightWork(done.accounts + touched, done.lots + len(entries), done.points + moved)


def expire_due(as_of: datetime, *, dry_run: bool = False, now: datetime, by: Actor) -> NightWork:
    """End what remains in the lots whose end is reached at `as_of`; accounts in use are left for the end of the run."""
    if dry_run:
        return NightWork(*queries.due("expire", as_of))
    done = NightWork()
    patient = False
    while True:
        with transaction() as session:
            asked = {"as_of": as_of, "now": now, "most": LOTS_AT_ONCE, "patient": patient, "by_name": by.name}
            row = session.execute(_EXPIRE, asked).one()
        if row.lots == 0 and patient:
            return done
        patient = row.lots == 0
        done = NightWork(done.accounts + row.accounts, done.lots + row.lots, done.points + int(row.points))
