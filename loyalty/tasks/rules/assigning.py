"""Who takes a task: the customer's advisor, then whoever has least to do."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heapreplace


@dataclass(frozen=True, slots=True)
class Worker:
    """A person who works on tasks in a store now, in one role."""

    account_id: int
    store_id: int
    role: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A task that needs a person: its store, the customer's advisor (None: nobody), and the roles that may take it."""

    store_id: int
    advisor_id: int | None
    roles: tuple[str, ...]


def share_out(wanted: Sequence[Wanted], workers: Collection[Worker], load: Mapping[int, int]) -> list[int | None]:
    """Return who takes each task, in the same order; None where nobody of the store may.

    The advisor takes it who works in that store now. Others go to who has least to do there, of the first of the roles
    that anybody holds; of two alike, the one whose account is older. `load` counts what each has open already.
    """
    there = {(one.account_id, one.store_id) for one in workers}
    loads = dict.fromkeys((one.account_id for one in workers), 0) | dict(load)
    for one in wanted:
        if one.advisor_id is not None and (one.advisor_id, one.store_id) in there:
            loads[one.advisor_id] += 1
    heaps: dict[tuple[int, tuple[str, ...]], list[tuple[int, int]]] = {}
    return [_taker(one, workers, there, loads, heaps) for one in wanted]


def _taker(
    one: Wanted,
    workers: Collection[Worker],
    there: Collection[tuple[int, int]],
    loads: dict[int, int],
    heaps: dict[tuple[int, tuple[str, ...]], list[tuple[int, int]]],
) -> int | None:
    if one.advisor_id is not None and (one.advisor_id, one.store_id) in there:
        return one.advisor_id
    key = (one.store_id, one.roles)
    if key not in heaps:
        heaps[key] = [(loads[at], at) for at in _able(one, workers)]
        heapify(heaps[key])
    heap = heaps[key]
    if not heap:
        return None
    _, account_id = heap[0]
    # Other kinds may have given this person work meanwhile: their count is read again.
    while heap[0][0] != loads[heap[0][1]]:
        heapreplace(heap, (loads[heap[0][1]], heap[0][1]))
    _, account_id = heap[0]
    loads[account_id] += 1
    heapreplace(heap, (loads[account_id], account_id))
    return account_id


def _able(one: Wanted, workers: Collection[Worker]) -> set[int]:
    for role in one.roles:
        able = {worker.account_id for worker in workers if worker.store_id == one.store_id and worker.role == role}
        if able:
            return able
    return set()
