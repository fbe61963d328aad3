"""Tables that become cards on a phone."""

import pytest

from loyalty.web.tables import as_cards, labelled

FOUR = ["Sale", "Day", ("Amount", "num"), "State"]


@pytest.mark.parametrize(
    ("columns", "class_", "cards"),
    [
        (FOUR, "", True),
        (FOUR[:3], "", False),
        ([*FOUR[:3], ("Store", "num wide")], "", False),
        (FOUR[:2], "cards", True),
        (FOUR, "keep", False),
    ],
)
def test_more_than_three_columns_become_cards_unless_the_page_says_otherwise(columns, class_, cards):
    assert as_cards(columns, class_) is cards


def test_each_cell_but_the_first_has_the_title_of_its_column():
    rows = labelled(
        '<tr><td><a href="/1">R-1</a></td><td class="wide">today</td></tr>\n<tr><td>R-2</td><td>a</td></tr>', FOUR
    )

    assert rows == (
        '<tr role="row"><td role="cell"><a href="/1">R-1</a></td>'
        '<td role="cell" data-label="Day" class="wide">today</td></tr>\n'
        '<tr role="row"><td role="cell">R-2</td><td role="cell" data-label="Day">a</td></tr>'
    )


def test_a_first_cell_that_is_a_number_says_of_what():
    assert (
        labelled("<tr><td>11</td></tr>", [("Row", "num")])
        == '<tr role="row"><td role="cell" data-label="Row">11</td></tr>'
    )


def test_titles_are_escaped_and_other_elements_left_alone():
    rows = labelled("<tr><th>A</th><td><thead-like></thead-like><track></td></tr>", ["x", 'say "<b>"'])

    assert 'data-label="say &#34;&lt;b&gt;&#34;"' in rows
    assert '<tr role="row"><th role="rowheader">A</th>' in rows
    assert "<thead-like>" in rows
    assert "<track>" in rows
