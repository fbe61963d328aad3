"""What an erasure and a closed account mean for messages."""

from collections.abc import Sequence

from sqlalchemy import text

from loyalty.kernel.db import id_array, transaction

_CANCEL = text("""
    UPDATE messages SET state = 'cancelled', problem = :reason, ended_at = statement_timestamp()
    WHERE customer_id = ANY (CAST(:ids AS bigint[])) AND state = 'due' RETURNING id
""")
_WIPE = tuple(
    text(statement)
    for statement in (
        "UPDATE messages SET body_sealed = NULL WHERE customer_id = ANY (CAST(:ids AS bigint[]))",
        "UPDATE message_attempts SET shown = '--', detail = NULL WHERE customer_id = ANY (CAST(:ids AS bigint[]))",
        "UPDATE message_inquiries SET detail = NULL WHERE customer_id = ANY (CAST(:ids AS bigint[]))",
        "UPDATE message_receipts SET detail = NULL WHERE customer_id = ANY (CAST(:ids AS bigint[]))",
        """
        UPDATE message_replies SET text_sealed = NULL, shown = '--', note = NULL
        WHERE about_customer_id = ANY (CAST(:ids AS bigint[]))
        """,
    )
)


def cancel_all(customer_ids: Sequence[int], *, reason: str) -> int:
    """Cancel what waits for these customers; return how many messages that were."""
    with transaction() as session:
        return len(session.execute(_CANCEL, {"ids": id_array(customer_ids), "reason": reason}).all())


def forget_people(customer_ids: Sequence[int]) -> int:
    """Wipe what messages to these customers say and where they went, and what was replied; their rows stay."""
    with transaction() as session:
        cancelled = cancel_all(customer_ids, reason="erased")
        for statement in _WIPE:
            session.execute(statement, {"ids": id_array(customer_ids)})
        return cancelled
