"""What several tables of customers write alike."""

from collections.abc import Iterable

from sqlalchemy import CheckConstraint, Text

SORTED = Text(collation="C")
"""Text that is compared by code points, so that a B-tree finds beginnings on any server."""


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """Return the constraint that the column holds one of `values`."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)
