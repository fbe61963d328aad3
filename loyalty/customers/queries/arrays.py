"""Comparison with any of many values as one array parameter, so that a statement is the same for 1 and 5,000."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Text, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine


def any_id(ids: Iterable[int]) -> ColumnElement[Any]:
    """Return what a column of ids is compared with to be one of `ids`."""
    return _any(sorted(set(ids)), BigInteger())


def any_text(texts: Iterable[str]) -> ColumnElement[Any]:
    """Return what a column of text is compared with to be one of `texts`."""
    return _any(sorted(set(texts)), Text())


def _any(values: list[Any], kind: TypeEngine[Any]) -> ColumnElement[Any]:
    # Through a query of its own, the array's length is unknown to the planner: it would plan anew for each length.
    given = bindparam(None, values, type_=ARRAY(kind), unique=True)
    return func.any(func.array(select(func.unnest(given)).scalar_subquery()))
