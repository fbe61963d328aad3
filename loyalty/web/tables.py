"""Tables that become cards on a phone: each cell carries the title of its column.

The style sheet shows `data-label` before the cell where the window is too narrow for columns, and the roles keep the
table a table for people who listen to it, whatever the styles make of its boxes.
"""

import re
from collections.abc import Sequence

from flask import Flask
from markupsafe import Markup, escape

MOST_COLUMNS = 3  # that fit beside each other on a phone
Column = str | tuple[str, str]  # a title, or a title and its class

_OPENING = re.compile(r"<(tr|td|th)(?=[\s>])")
_ROLES = {"tr": "row", "td": "cell", "th": "rowheader"}


def as_cards(columns: Sequence[Column], class_: str) -> bool:
    """Return whether the table becomes cards: too many columns are shown on a phone, or `class_` has the word cards.

    The word "keep" leaves a table as it is, which then scrolls.
    """
    words = class_.split()
    shown = [column for column in columns if "wide" not in _class_of(column).split()]
    return "keep" not in words and ("cards" in words or len(shown) > MOST_COLUMNS)


def labelled(rows: str, columns: Sequence[Column]) -> Markup:
    """Return the rows with the title of its column on each cell; the first cell heads the card and has one if a number.

    Rows without merged cells only.
    """
    labels = [_label(place, column) for place, column in enumerate(columns)]
    places = iter(labels)

    def opening(found: re.Match[str]) -> str:
        nonlocal places
        tag = found[1]
        if tag == "tr":
            places = iter(labels)
            return '<tr role="row"'
        return f'<{tag} role="{_ROLES[tag]}"{next(places, "")}'

    return Markup(_OPENING.sub(opening, str(rows)))  # noqa: S704 - the rows come escaped from a template


def _label(place: int, column: Column) -> str:
    title = column if isinstance(column, str) else column[0]
    heads = place == 0 and "num" not in _class_of(column).split()
    return "" if heads or not title else f' data-label="{escape(title)}"'


def _class_of(column: Column) -> str:
    return "" if isinstance(column, str) else column[1]


def init_app(app: Flask) -> None:
    """Give templates `labelled` and `as_cards`."""
    app.add_template_filter(labelled)
    app.add_template_global(as_cards)
