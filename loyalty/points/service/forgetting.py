"""What people wrote about the movements of somebody who is erased goes; the ledger stays as it is."""

from collections.abc import Sequence

from sqlalchemy import text

from loyalty.kernel.db import transaction

# A transfer is remarked on at both ends, so the words about the one may stand in the other's account.
_FORGET = text("""
    DELETE FROM points_remarks AS r
    WHERE r.customer_id = ANY (CAST(:ids AS bigint[]))
    OR EXISTS (SELECT FROM unnest(CAST(:traces AS text[])) AS t (trace) WHERE strpos(r.remark, t.trace) > 0)
""")


def forget_remarks(customer_ids: Sequence[int], traces: Sequence[str]) -> None:
    """Delete the remarks on the movements of these customers, and those elsewhere that hold one of the traces."""
    with transaction() as session:
        session.execute(_FORGET, {"ids": list(customer_ids), "traces": list(traces)})
