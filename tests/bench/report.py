"""What a run tells: for each piece its figure, its limit, their ratio with its range, and whether that is enough."""

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


def spread(values: Sequence[float], digits: int) -> str:
    """Return the median and the range."""
    median = f"{statistics.median(values):,.{digits}f}"
    return median if len(values) == 1 else f"{median} ({min(values):,.{digits}f}-{max(values):,.{digits}f})"


@dataclass(frozen=True)
class Line:
    """One piece of work: its figures by round, what they are held against, and the bounds.

    With `limits` the bounds are of the ratio figure / limit, which is to be high; without, of the figure itself, which
    is to be low. `goal` and `must` are None where nothing is asked.
    """

    piece: str
    unit: str
    figures: Sequence[float]
    limits: Sequence[float] = ()
    limit_name: str = "limit"
    must: float | None = None
    goal: float | None = None
    cpu_ms: Sequence[float] = ()
    limit_cpu_ms: Sequence[float] = ()
    notes: str = ""
    ratios: Sequence[float] = field(init=False)

    def __post_init__(self) -> None:
        ratios = [figure / limit for figure, limit in zip(self.figures, self.limits, strict=bool(self.limits))]
        object.__setattr__(self, "ratios", ratios)

    @property
    def value(self) -> float:
        """What the bounds are of: the median of the ratios, or of the figures."""
        return statistics.median(self.ratios or self.figures)

    @property
    def verdict(self) -> str:
        """`goal`, `must`, `MISSED`, or nothing where no bound is set."""
        if self.must is None and self.goal is None:
            return ""
        if self.goal is not None and self._reaches(self.goal):
            return "goal"
        if self.must is None:
            return "below goal"
        return "must" if self._reaches(self.must) else "MISSED"

    def _reaches(self, bound: float) -> bool:
        return self.value >= bound if self.ratios else self.value <= bound

    def as_json(self) -> dict[str, Any]:
        """Return everything that was measured."""
        return {**asdict(self), "median": statistics.median(self.figures), "value": self.value, "verdict": self.verdict}

    def told(self) -> str:
        """Return the line of the table."""
        digits = 0 if min(self.figures) >= 100 else 1
        sign = "≥" if self.ratios else "≤"
        bounds = " · ".join(f"{sign} {bound:g}" for bound in (self.must, self.goal) if bound is not None)
        cells = [
            f"{self.piece:<34}",
            f"{spread(self.figures, digits) + ' ' + self.unit:<30}",
            f"{spread(self.limits, 0) + ' ' + self.limit_name if self.limits else '-':<36}",
            f"{spread(self.ratios, 2) if self.ratios else '-':<18}",
            f"{bounds:<15}",
            f"{self.verdict:<8}",
            self._cpu(),
            self.notes,
        ]
        return "  ".join(cells).rstrip()

    def _cpu(self) -> str:
        if not self.cpu_ms:
            return f"{'-':<22}"
        own = statistics.median(self.cpu_ms)
        if not self.limit_cpu_ms:
            return f"{own:<22.2f}"
        least = statistics.median(self.limit_cpu_ms)
        return f"{f'{own:.2f} / {least:.2f} = 1/{own / least:.1f}':<22}"


HEADER = "  ".join(
    [
        f"{'piece':<34}",
        f"{'figure, median (range)':<30}",
        f"{'limit':<36}",
        f"{'ratio':<18}",
        f"{'must · goal':<15}",
        f"{'verdict':<8}",
        f"{'CPU ms, own / limit':<22}",
    ]
)
