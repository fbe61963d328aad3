"""Draining a channel: claim a batch, hand over a group, call, finish, and again until nothing is due.

Whatever is handed over and not written down as answered when a process is killed is unclear for good, so the groups
are small. Where calls take their time and several are under way at once, nothing is handed over that is not called at
once, and each answer is written down as it comes: unclear are at most the carrier's lanes. A carrier that is called in
turn gets groups of what it takes in a few hundredths of a second.
"""

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ALL_COMPLETED, FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
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

LARGEST_GROUP = 128
GROUPS_CLAIMED = 4
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
    size: int = 1
    lanes: Executor | None = None
    done: int = 0

    def batch(self) -> int:
        """Carry out one batch; return how many messages it had, 0 when none is due."""
        self.token = uuid4()
        size = self.size if self.lanes is None else self.carrier.lanes
        waiting = deque(self.outbox.claim(self.channel, self.token, most=GROUPS_CLAIMED * size))
        count = len(waiting)
        if self.lanes is None:
            while waiting:
                self._in_turn(self._handed(waiting, self.size))
        else:
            self._side_by_side(waiting, self.lanes)
        return count

    def _handed(self, waiting: deque[tuple[int, int]], most: int) -> list[Parcel]:
        """Hand over the next of what waits; return what passed the gate and is to be called now."""
        keys = [waiting.popleft() for _ in range(min(most, len(waiting)))]
        parcels = self.outbox.hand_over(self.channel, self.token, keys, dedupes=self.carrier.dedupes) if keys else []
        self.done += len(parcels)
        return parcels

    def _in_turn(self, parcels: Sequence[Parcel]) -> None:
        began = self.seconds()
        answers: list[tuple[Parcel, Answer | None]] = []
        left = deque(parcels)
        try:
            while left:
                parcel = left.popleft()
                answers.append((parcel, self._called(parcel, began)))
        finally:  # whatever stopped the calls: what was answered is written down, and what was not called waits again
            spent = self.seconds() - began
            self._finish([*answers, *((parcel, None) for parcel in left)])
        if parcels:
            self.size = group_size(self.size, seconds=spent, most=LARGEST_GROUP)

    def _side_by_side(self, waiting: deque[tuple[int, int]], lanes: Executor) -> None:
        calling: dict[Future[Answer | None], Parcel] = {}
        try:
            while waiting or calling:
                parcels = self._handed(waiting, self.carrier.lanes - len(calling))
                began = self.seconds()
                calling |= {lanes.submit(self._called, parcel, began): parcel for parcel in parcels}
                self._collect(calling, FIRST_COMPLETED)
        finally:  # whatever stopped it, what is under way is waited for and written down
            self._collect(calling, ALL_COMPLETED)

    def _collect(self, calling: dict[Future[Answer | None], Parcel], when: str) -> None:
        """Write down what was answered; a call that raised says nothing, so that its message alone is unclear."""
        ended = [(calling.pop(one), one) for one in wait(calling, return_when=when).done]
        self._finish([(parcel, one.result()) for parcel, one in ended if one.exception() is None])
        for _, one in ended:
            one.result()

    def _called(self, parcel: Parcel, began: float) -> Answer | None:
        in_time = self.seconds() - began < CALLS_WITHIN  # after a freeze, somebody else may have it
        return self.carrier.send(parcel.outgoing, seconds=CALL_SECONDS) if in_time else None

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
