"""Figures about the installation, such as how long due work waits, asked when somebody measures."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure: `name` ends in its unit, as Prometheus wants it; `meaning` is a sentence for whoever reads it."""

    name: str
    meaning: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)
