"""What sales and files tell of a person who is erased: the vehicle, texts, and rows of files that were not taken."""

from collections.abc import Sequence

from sqlalchemy import text

from loyalty.kernel.db import transaction
from loyalty.kernel.sessions import as_like

_FORGET = tuple(
    text(statement)
    for statement in (
        "UPDATE sales SET vehicle_id = NULL WHERE customer_id = ANY (CAST(:ids AS bigint[]))",
        """
        UPDATE sale_versions SET content = content - 'vehicle_id' WHERE customer_id = ANY (CAST(:ids AS bigint[]))
        """,
        "UPDATE refunds SET reason = '' WHERE customer_id = ANY (CAST(:ids AS bigint[]))",
    )
)

_CLEAR_REJECTS = text("""
    UPDATE import_rejects SET cells = '[]', value = NULL, numbers = '{}', sale_number = NULL
    WHERE concat_ws(' ', CAST(cells AS text), CAST(to_jsonb(value) AS text), CAST(numbers AS text))
        LIKE ANY (CAST(:parts AS text[]))
    RETURNING 1
""")


def forget_people(customer_ids: Sequence[int], traces: Sequence[str]) -> int:
    """Take away what links these customers to vehicles and texts; return how many refused rows of files are cleared."""
    parts = [f"%{as_like(trace)}%" for trace in traces]
    with transaction() as session:
        for statement in _FORGET:
            session.execute(statement, {"ids": list(customer_ids)})
        cleared = session.execute(_CLEAR_REJECTS, {"parts": parts})
        return len(cleared.all())
