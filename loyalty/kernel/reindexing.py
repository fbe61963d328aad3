"""Another key for the blind indexes, while the service runs: every index is made again from the value it stands for.

The new key is first set as `LOYALTY_INDEX_KEY_OTHER` on all machines, so that all of them search by both; then the two
change places, so that what is written is found by the new one; then the rows are gone through in order of their primary
keys, each batch in a transaction that also notes how far it is. A killed turn goes on there. It is done when a pass
finds nothing to change, since a process with old settings may have written behind it; then the other key can go.

What cannot be made again from a value are the hashes of erased people, of recovery codes on paper, and of addresses
that nobody has any more: they are recognised as long as the other key stays. Open sign-in codes and counted failures
begin anew; they live for a day.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from loyalty.kernel.crypto import key_ring
from loyalty.kernel.db import db, transaction
from loyalty.kernel.rotation import BATCH, KeyRotation, Told


@dataclass(frozen=True, slots=True)
class Renewed:
    """What one batch did: how many rows it saw and changed, and the primary key of the last, None without rows."""

    seen: int
    changed: int
    last: list[str] | None


@dataclass(frozen=True, slots=True)
class BlindIndex:
    """Columns that are made again together; `renew` does it for so many rows behind a primary key, None: the first."""

    columns: tuple[str, ...]
    renew: Callable[[Sequence[str] | None, int, datetime], Renewed]

    @property
    def name(self) -> str:
        """Return the name under which its progress is noted."""
        return self.columns[0]


def turn(
    indexes: Sequence[BlindIndex], *, now: datetime, batch: int = BATCH, told: Told = lambda *_: None
) -> dict[str, int]:
    """Make all indexes by the index key in front; return how many rows of each were changed.

    Without another key there is nothing to do. `told` hears the index and how many rows of the pass are changed so far.
    """
    if key_ring().other_index_key is None:
        return {}
    done = {}
    for index in indexes:
        done[index.name] = changed = _pass(index, now=now, batch=batch, told=told)
        while changed:
            changed = _pass(index, now=now, batch=batch, told=told)
            done[index.name] += changed
    return done


def turned(indexes: Sequence[BlindIndex]) -> bool:
    """Tell whether the last pass over each index found nothing that another key had made."""
    states = [db.session.get(KeyRotation, index.name, populate_existing=True) for index in indexes]
    return all(
        state is not None and state.key_id == _number() and state.done_at is not None and not state.sealed
        for state in states
    )


def _pass(index: BlindIndex, *, now: datetime, batch: int, told: Told) -> int:
    _begin(index)
    while True:
        with transaction():
            state = db.session.get_one(KeyRotation, index.name, with_for_update=True, populate_existing=True)
            renewed = index.renew(state.after, batch, now)
            state.sealed += renewed.changed
            if renewed.seen:
                state.after = renewed.last
            else:
                state.done_at = now
            so_far = state.sealed
        told(index.name, so_far)
        if not renewed.seen:
            return so_far


def _begin(index: BlindIndex) -> None:
    """Go on with a pass by the index key in front, or begin one."""
    number = _number()
    with transaction() as session:
        state = session.get(KeyRotation, index.name, with_for_update=True, populate_existing=True)
        if state is None:
            session.add(KeyRotation(place=index.name, key_id=number, after=None, sealed=0))
        elif state.key_id != number or state.done_at is not None:
            state.key_id, state.after, state.sealed, state.done_at = number, None, 0, None


def _number() -> int:
    """Return a number that tells one index key from another, and nothing of it."""
    return int.from_bytes(sha256(b"number of" + key_ring().index_key).digest()[:3])
