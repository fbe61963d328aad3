"""What a piece of work in this process costs, PostgreSQL's part included."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.bench.machine import Machine, Meter
from tests.bench.report import Line


@dataclass(frozen=True)
class Cost:
    """What one piece of work took: CPU of this process and of PostgreSQL, and seconds by the clock."""

    cpu: float
    wall: float
    result: object


def costs(machine: Machine, work: Callable[[], object]) -> Cost:
    """Do the work and return what it cost."""
    postgres, own, began = Meter(machine.postgres()), time.process_time(), time.perf_counter()
    result = work()
    return Cost(time.process_time() - own + postgres.seconds(), time.perf_counter() - began, result)


def against(
    piece: str, unit: str, own: Cost, least: Cost, *, of: int, must: float | None = None, goal: float | None = None
) -> Line:
    """Return a line whose bounds are of own / limit in CPU, which is to be low; `of` is how many things were done."""
    each = 1_000_000 / of
    return Line(
        piece,
        f"x the limit ({own.cpu * each:.1f} / {least.cpu * each:.1f} {unit})",
        [own.cpu / least.cpu],
        must=must,
        goal=goal,
        notes=f"{own.wall:.1f} s / {least.wall:.1f} s",
    )
