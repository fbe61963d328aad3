"""Draining a channel: claim a batch, hand over a group, call, finish, and again until nothing is due."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID, uuid4

import structlog
from sqlalchemy.exc import OperationalError

from loyalty.messaging import outlets
from loyalty.messaging.ports import Answer, Carrier
from loyalty.messaging.rules import CALL_SECONDS, LEASE, LONGEST_DETAIL, group_size
from loyalty.messaging.rules.states import Next
from loyalty.messaging.service import outbox
from loyalty.messaging.service.parcels import Parcel

MOST_CLAIMED = 500
LARGEST_GROUP = 250
FIRST_GROUP = 8
DRAIN_SECONDS = 50.0
CALLS_WITHIN = LEASE.total_seconds() / 2
"""How long after a hand-over its calls may begin: far enough from the end of the lease."""

log = structlog.get_logger()


class Steps(Protocol):
    """The steps of what is sent, each in a transaction of its own: of messages, or of webhooks."""

    def claim(self, channel: str, token: UUID, *, most: int) -> list[tuple[int, int]]:
        """Take what is due for one lease."""
        ...

    def hand_over(self, channel: str, token: UUID, keys: Sequence[tuple[int, int]], *, dedupes: bool) -> list[Parcel]:
        """Go past the point of no return with some of it."""
        ...

    def finish(self, token: UUID, rows: Sequence[Mapping[str, Any]], recipients: Mapping[int, int]) -> int:
        """Write what came of calls."""
        ...

    def following(self, outcome: str, *, attempts: int, dedupes: bool) -> Next:
        """Say what becomes of one after a call."""
        ...


@dataclass(slots=True)
class Drain:
    """One hand that empties a channel; `seconds` is a clock for durations."""

    channel: str
    carrier: Carrier
    outbox: Steps = outbox
    seconds: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    token: UUID = field(default_factory=uuid4)
    size: int = FIRST_GROUP
    lanes: Executor | None = None
    done: int = 0

    def batch(self) -> int:
        """Carry out one batch; return how many messages it had, 0 when none is due."""
        self.token = uuid4()
        waiting = self.outbox.claim(self.channel, self.token, most=min(MOST_CLAIMED, 4 * self.size))
        count = len(waiting)
        while waiting:
            group, waiting = waiting[: self.size], waiting[self.size :]
            self._group(group)
        return count

    def _group(self, keys: Sequence[tuple[int, int]]) -> None:
        parcels = self.outbox.hand_over(self.channel, self.token, keys, dedupes=self.carrier.dedupes)
        began = self.seconds()
        answers: dict[int, Answer | None] = {}
        try:
            self._call(parcels, began, answers)
        finally:  # whatever stopped the calls, what was answered is written down
            spent = self.seconds() - began
            self._finish([(parcel, answers[parcel.handed.id]) for parcel in parcels if parcel.handed.id in answers])
        if parcels:
            self.size = group_size(self.size, seconds=spent, most=LARGEST_GROUP)
        self.done += len(parcels)

    def _call(self, parcels: Sequence[Parcel], began: float, answers: dict[int, Answer | None]) -> None:
        def one(parcel: Parcel) -> None:
            in_time = self.seconds() - began < CALLS_WITHIN  # after a freeze, somebody else may have it
            answers[parcel.handed.id] = self.carrier.send(parcel.outgoing, seconds=CALL_SECONDS) if in_time else None

        if self.lanes is None:
            for parcel in parcels:
                one(parcel)
        else:
            for calling in [self.lanes.submit(one, parcel) for parcel in parcels]:
                calling.result()

    def _finish(self, told: Sequence[tuple[Parcel, Answer | None]]) -> None:
        """Write the answers down; while the database is away they are kept for as long as they may count."""
        if not told:
            return
        rows = [self._row(parcel, answer) for parcel, answer in told]
        recipients = {parcel.handed.id: parcel.recipient_id for parcel, _ in told}
        until = self.seconds() + LEASE.total_seconds()
        while True:
            try:
                self.outbox.finish(self.token, rows, recipients)
            except OperationalError:
                if self.seconds() > until:
                    raise
                log.warning("messages.database_away", answers=len(rows))
                self.sleep(0.5)
            else:
                return

    def _row(self, parcel: Parcel, answer: Answer | None) -> Mapping[str, Any]:
        outcome = "not_called" if answer is None else answer.outcome
        following = self.outbox.following(outcome, attempts=parcel.handed.number, dedupes=self.carrier.dedupes)
        detail = None if answer is None or answer.detail is None else answer.detail[:LONGEST_DETAIL]
        return {
            "owner_id": parcel.handed.owner_id,
            "id": parcel.handed.id,
            "number": parcel.handed.number,
            "outcome": outcome,
            "reference": None if answer is None else answer.reference,
            "detail": detail,
            "state": following.state,
            "pause": following.pause.total_seconds(),
        }


def drain(channel: str, *, seconds: float = DRAIN_SECONDS) -> int:
    """Send what is due on a channel until nothing is, or so long; return how many messages were handed over."""
    return drain_by(outbox, channel, outlets.carrier_of(channel), seconds=seconds)


def drain_by(steps: Steps, channel: str, carrier: Carrier, *, seconds: float = DRAIN_SECONDS) -> int:
    """Carry out the steps of what is due on a channel by a carrier; return how much was handed over."""
    until = time.monotonic() + seconds
    pool = ThreadPoolExecutor(carrier.lanes, f"calls-{channel}") if carrier.lanes > 1 else None
    with pool or nullcontext():
        hand = Drain(channel, carrier, steps, lanes=pool)
        while hand.batch() and time.monotonic() < until:
            pass
        return hand.done
