"""Charts are drawn to scale."""

import pytest

from loyalty.web.charts import bar_chart, line_chart, spark_path


def test_bars_are_as_long_as_their_values():
    chart = bar_chart([("A", 100), ("B", 50), ("C", 0), ("D", -5)])

    lengths = [bar.length for bar in chart.bars]
    assert lengths == [400, 200, 0, 0]
    assert [bar.shown for bar in chart.bars] == ["100", "50", "0", "−5"]


@pytest.mark.parametrize("rows", [[], [("A", 0)]])
def test_bars_of_nothing_can_be_drawn(rows):
    assert bar_chart(rows).height > 0


def test_a_line_begins_left_and_ends_right_and_the_scale_holds_zero():
    chart = line_chart([("Jan", 10), ("Feb", 20)])

    (first, last) = chart.path.split()
    assert first.startswith(f"{float(chart.left)},")
    assert last.startswith(f"{float(chart.right)},")
    assert [tick.shown for tick in chart.ticks] == ["0", "5", "10", "15", "20"]


def test_a_line_of_one_point_or_of_zeros_can_be_drawn():
    assert line_chart([("Jan", 10)]).path
    assert line_chart([("Jan", 0), ("Feb", 0)]).path


@pytest.mark.parametrize(("months", "labels"), [(5, 5), (6, 6), (7, 4), (24, 6)])
def test_a_long_line_has_at_most_six_labels(months, labels):
    assert len(line_chart([(str(month), month) for month in range(months)]).marks) == labels


def test_a_spark_of_one_value_is_flat():
    assert spark_path([4]) == "3.0,7 117.0,7"
    assert spark_path([]) == ""
