"""Where the lines and bars of a chart lie; the macros draw them."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask

from loyalty.web.formats import number

WIDTH = 640
BAR_LEFT, BAR_PITCH, BAR_THICKNESS, VALUE_ROOM = 150, 30, 16, 90
LINE_HEIGHT, LINE_LEFT, LINE_TOP, LINE_FOOT = 220, 56, 12, 28
MOST_MARKS = 6


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, in units of the drawing; `shown` is its value in words."""

    label: str
    shown: str
    y: float
    text_y: float
    length: float
    thickness: float
    value_x: float


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars from top to bottom, all from the same left edge."""

    width: int
    height: int
    left: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """A rule across the drawing and the value it stands for."""

    y: float
    shown: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A label below the drawing."""

    x: float
    label: str
    anchor: str


@dataclass(frozen=True, slots=True)
class LineChart:
    """One line over a scale from zero, or from the lowest value when that is below."""

    width: int
    height: int
    left: int
    right: int
    path: str
    ticks: tuple[Tick, ...]
    marks: tuple[Mark, ...]


def bar_chart(rows: Sequence[tuple[str, float]]) -> BarChart:
    """Return the bars of `rows`; the longest fills the room, and values below zero are drawn as none."""
    most = max((value for _, value in rows), default=0) or 1
    room = WIDTH - BAR_LEFT - VALUE_ROOM
    bars = []
    for place, (label, value) in enumerate(rows):
        length = round(max(value, 0) / most * room, 1)
        y = place * BAR_PITCH + (BAR_PITCH - BAR_THICKNESS) / 2
        bars.append(Bar(label, number(value), y, y + 13, length, BAR_THICKNESS, BAR_LEFT + length + 8))
    return BarChart(WIDTH, max(len(rows), 1) * BAR_PITCH, BAR_LEFT, tuple(bars))


def line_chart(points: Sequence[tuple[str, float]]) -> LineChart:
    """Return the line through `points`, with five ticks and at most six labels."""
    values = [value for _, value in points]
    low, high = min([0, *values]), max([0, *values])
    high = high if high > low else low + 1
    right, foot = WIDTH - 12, LINE_HEIGHT - LINE_FOOT
    step = (right - LINE_LEFT) / max(len(points) - 1, 1)

    def y_of(value: float) -> float:
        return round(foot - (value - low) / (high - low) * (foot - LINE_TOP), 1)

    xs = [round(LINE_LEFT + place * step, 1) for place in range(len(points))]
    path = " ".join(f"{x},{y_of(value)}" for x, value in zip(xs, values, strict=True))
    levels = [low + (high - low) * fourth / 4 for fourth in range(5)]
    return LineChart(
        WIDTH, LINE_HEIGHT, LINE_LEFT, right, path,
        tuple(Tick(y_of(level), number(round(level, 2))) for level in levels),
        tuple(_marks(points, xs)),
    )  # fmt: skip


def _marks(points: Sequence[tuple[str, float]], xs: Sequence[float]) -> list[Mark]:
    stride = max(1, -(-len(points) // MOST_MARKS))
    last = len(points) - 1
    anchors = {0: "start", last: "end"}
    return [Mark(xs[at], points[at][0], anchors.get(at, "middle")) for at in range(0, len(points), stride)]


def spark_path(values: Sequence[float]) -> str:
    """Return the points of a small line in a box of 120 by 28; one value is a flat line."""
    if not values:
        return ""
    drawn = list(values) if len(values) > 1 else [values[0], values[0]]
    low, high = min(drawn), max(drawn)
    span = (high - low) or 1
    step = 114 / (len(drawn) - 1)
    heights = [7 if high == low else round(24 - (value - low) / span * 20, 1) for value in drawn]
    return " ".join(f"{round(3 + place * step, 1)},{height}" for place, height in enumerate(heights))


def init_app(app: Flask) -> None:
    """Give the chart macros their geometry."""
    for function in (bar_chart, line_chart, spark_path):
        app.add_template_global(function)
