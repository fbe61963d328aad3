"""Comparison with any of many values as one array parameter, so that a statement is the same for 1 and 5,000."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Text, bindparam, func
from sqlalchemy.dialects.postgresql import ARRAY


def any_id(ids: Iterable[int]) -> ColumnElement[Any]:
    """Return what a column of ids is compared with to be one of `ids`."""
    return func.any(bindparam(None, sorted(set(ids)), type_=ARRAY(BigInteger), unique=True))


def any_text(texts: Iterable[str]) -> ColumnElement[Any]:
    """Return what a column of text is compared with to be one of `texts`."""
    return func.any(bindparam(None, sorted(set(texts)), type_=ARRAY(Text), unique=True))
