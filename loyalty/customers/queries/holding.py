"""Customers held still while it is decided what they are."""

from collections.abc import Collection

from sqlalchemy import text

from loyalty.kernel.db import run

_ALONE = text("""
    SELECT id FROM customers WHERE id = ANY (CAST(:ids AS bigint[])) ORDER BY id FOR NO KEY UPDATE
""")
_TOGETHER = text("""
    SELECT id FROM customers WHERE id = ANY (CAST(:ids AS bigint[])) ORDER BY id FOR SHARE
""")


def hold_customers(customer_ids: Collection[int], *, alone: bool) -> None:
    """Hold the customers until the transaction ends, in the order of their ids: alone, or with others who share them.

    Whoever holds one alone waits for all who share it, and they for it. Rows that merely refer to it wait for neither.
    """
    run(_ALONE if alone else _TOGETHER, {"ids": sorted(customer_ids)})
